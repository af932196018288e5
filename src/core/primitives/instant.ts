/**
 * A moment as the core sees it. Durations and leases use `monotonicMs` only; `wallMs` is for people and
 * for stored timestamps, never for a decision.
 */
export type Instant = {
  /** Milliseconds of a clock that never jumps; its origin has no meaning. */
  readonly monotonicMs: number;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly wallMs: number;
};
