/** What each simulated node is told at its start: the real options, with small logs so that the rare paths come up. */
import type { NodeOptions } from '../../../src/core/node/node-options.ts';
import type { RaftLimits } from '../../../src/core/raft/types.ts';
import type { Standing } from './places.ts';

export type TierTiming = {
  readonly electionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly clockDriftRatio: number;
  readonly requestTimeoutMs: number;
  readonly probeIntervalMs: number;
  readonly entriesBeforeSnapshot: number;
  readonly limits: Partial<RaftLimits>;
};

export function nodeOptions(
  { node, site }: Standing,
  standings: readonly Standing[],
  timing: TierTiming,
): NodeOptions {
  const { electionTimeoutMs, heartbeatIntervalMs, clockDriftRatio, limits } = timing;
  return {
    raft: {
      self: node,
      voters: standings.map((standing) => standing.node),
      electionTimeoutMs,
      heartbeatIntervalMs,
      clockDriftRatio,
      limits,
    },
    coordinator: {
      self: node,
      site,
      voters: standings,
      bootstrap: {
        tierId: `tier-of-${node}`,
        sites: [...new Set(standings.map((standing) => standing.site))].map((name) => ({
          name,
          kind: name === 'witness' ? 'witness' : 'idc',
        })),
        members: standings.map((standing) => ({
          name: standing.node,
          site: standing.site,
          httpUrl: 'http://127.0.0.1:1',
        })),
        token: { id: `token-of-${node}`, sha256: 'a'.repeat(64), role: 'operator', createdWallMs: 0 },
      },
      idPrefix: node,
      probeIntervalMs: timing.probeIntervalMs,
    },
    requestTimeoutMs: timing.requestTimeoutMs,
    entriesBeforeSnapshot: timing.entriesBeforeSnapshot,
  };
}
