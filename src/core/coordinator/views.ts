/** What the coordinator shows of its unreplicated knowledge. */

import type { ProbeOutcome } from '../liveness/observation.ts';
import type { AlertCode } from '../primitives/alert-code.ts';
import type { GroupKey, NodeName, ReplicaId } from '../primitives/identifiers.ts';

export type EvidenceRow = {
  readonly vantage: NodeName;
  readonly group: GroupKey;
  readonly replica: ReplicaId;
  /** Newest outcome and how long ago it was seen. */
  readonly outcome: ProbeOutcome;
  readonly ageMs: number;
  /** Smoothed answer time; null before the first answer. */
  readonly answerMs: number | null;
  readonly standing: 'alive' | 'suspect' | 'unknown';
};

export type AlertView = {
  readonly group: GroupKey;
  readonly code: AlertCode;
  /** The server that it is about; null where it is about the whole group. */
  readonly replica: ReplicaId | null;
  /** What is the matter, what is missing, and the exact command that helps. */
  readonly message: string;
  readonly sinceWallMs: number;
};
