/**
 * What is known of each server's answers, by group. This node's own word counts where it has ever reached the server;
 * else, as at a witness that has no way to the brokers, the newest word of another node does.
 *
 * Evidence is read at most once in `SIGHTINGS_AGE_MS`, because a client may ask for many records at once.
 */
import type { EvidenceRow } from '../../core/coordinator/views.ts';
import type { ServerReport } from '../../core/liveness/observation.ts';
import type { NodeFace } from '../../core/node/face.ts';
import type { ClockPort } from '../../core/node/ports.ts';
import type { GroupKey, NodeName, ReplicaId } from '../../core/primitives/identifiers.ts';

export const SIGHTINGS_AGE_MS = 100;

export type Sighting = {
  readonly standing: EvidenceRow['standing'];
  /** Since the newest outcome of any kind. */
  readonly ageMs: number;
  readonly answers: boolean;
  readonly report: ServerReport | null;
};

type OfGroup = Map<ReplicaId, { readonly row: EvidenceRow; readonly isOwn: boolean }>;

export class Sightings {
  readonly #face: NodeFace;
  readonly #clock: ClockPort;
  readonly #self: NodeName;
  #groups = new Map<GroupKey, OfGroup>();
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(face: NodeFace, clock: ClockPort, self: NodeName) {
    this.#face = face;
    this.#clock = clock;
    this.#self = self;
  }

  of(group: GroupKey, replica: ReplicaId): Sighting | null {
    this.#refresh();
    const found = this.#groups.get(group)?.get(replica);
    if (found === undefined) return null;
    const { standing, ageMs, outcome } = found.row;
    const answers = outcome.kind === 'answered' || outcome.kind === 'answeredError';
    return { standing, ageMs, answers, report: outcome.kind === 'answered' ? outcome.report : null };
  }

  #refresh(): void {
    const nowMs = this.#clock.now().monotonicMs;
    if (nowMs - this.#readAtMs < SIGHTINGS_AGE_MS) return;
    this.#readAtMs = nowMs;
    this.#groups = new Map();
    for (const row of this.#face.evidence()) {
      const group: OfGroup = this.#groups.get(row.group) ?? new Map();
      this.#groups.set(row.group, group);
      const isOwn = row.vantage === this.#self && row.standing !== 'unknown';
      const kept = group.get(row.replica);
      if (kept === undefined || isOwn || (!kept.isOwn && row.ageMs < kept.row.ageMs)) {
        group.set(row.replica, { row, isOwn });
      }
    }
  }
}
