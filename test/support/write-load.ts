/** Producers in both IDCs, and the ids of all messages whose acknowledgement met the group's policy. */
import { randomUUID } from 'node:crypto';
import { Producer } from '../../src/sdk/producer.ts';
import { IDCS, type Idc, TOPIC } from './ground.ts';

/** Messages under way at once in each IDC. */
const LANES = 8;
const PAUSE_BETWEEN_SENDS_MS = 5;

export type IdcTraffic = {
  readonly idc: Idc;
  /** Ids of messages whose acknowledgement met the policy. */
  readonly acknowledged: Set<string>;
  readonly perGroup: Map<string, number>;
  unknown: number;
  refused: number;
  longestGapMs: number;
  lastAcknowledgedMs: number;
};

export type WriteLoad = {
  readonly idcs: readonly IdcTraffic[];
  acknowledged(): string[];
  /** Lets sends under way end; what is acknowledged then stays the same. */
  stop(): Promise<void>;
};

export function startWriteLoad(nodes: readonly string[]): WriteLoad {
  const idcs = IDCS.map(
    (idc): IdcTraffic => ({
      idc,
      acknowledged: new Set(),
      perGroup: new Map(),
      unknown: 0,
      refused: 0,
      longestGapMs: 0,
      lastAcknowledgedMs: performance.now(),
    }),
  );
  let producing = true;
  const producers = idcs.map((traffic) => ({ traffic, producer: new Producer({ nodes, idc: traffic.idc }) }));
  const lanes = producers.flatMap(({ traffic, producer }) =>
    Array.from({ length: LANES }, () => produce(producer, traffic, () => producing)),
  );
  return {
    idcs,
    acknowledged: () => idcs.flatMap((one) => [...one.acknowledged]),
    stop: async () => {
      producing = false;
      await Promise.all(lanes);
      await Promise.all(producers.map(({ producer }) => producer.close()));
    },
  };
}

async function produce(producer: Producer, traffic: IdcTraffic, goesOn: () => boolean): Promise<void> {
  while (goesOn()) {
    const id = randomUUID();
    const outcome = await producer.send(TOPIC, { id, body: `order ${id}` });
    if (outcome.kind === 'acknowledged') noteAcknowledged(traffic, id, outcome.group);
    else traffic[outcome.kind] += 1;
    await new Promise((done) => setTimeout(done, PAUSE_BETWEEN_SENDS_MS));
  }
}

function noteAcknowledged(traffic: IdcTraffic, id: string, group: string): void {
  const nowMs = performance.now();
  // Before the first acknowledgement the gap is the client's own start.
  if (traffic.acknowledged.size > 0) {
    traffic.longestGapMs = Math.max(traffic.longestGapMs, nowMs - traffic.lastAcknowledgedMs);
  }
  traffic.lastAcknowledgedMs = nowMs;
  traffic.acknowledged.add(id);
  traffic.perGroup.set(group, (traffic.perGroup.get(group) ?? 0) + 1);
}
