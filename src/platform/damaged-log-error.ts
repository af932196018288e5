/**
 * A node that votes from a log which lost something can elect a leader that lacks a committed entry. What cannot be
 * trusted is therefore never repaired and never skipped: loading throws one of these, and the process ends.
 */
const REJOIN_ADVICE =
  'This node must not vote from damaged state. What to do: move the directory away and start this node once with ' +
  '`pollux serve --rejoin` while the other nodes run; it takes everything from them.';

export type LogDamage = {
  readonly directory: string;
  /** What was looked at: `entry 17`, `the hard state`, `chunk 3 of the snapshot at 900`, ... */
  readonly record: string;
  readonly expected: string;
  readonly found: string;
  /** What the operator should do; without it, the advice to rejoin with an empty directory. */
  readonly advice?: string;
};

export class DamagedLogError extends Error {
  override readonly name = 'DamagedLogError';
  readonly damage: LogDamage;

  constructor(damage: LogDamage, cause?: unknown) {
    super(
      `The log in ${damage.directory} cannot be trusted: ${damage.record}: expected ${damage.expected}, ` +
        `found ${damage.found}. ${damage.advice ?? REJOIN_ADVICE}`,
      cause === undefined ? undefined : { cause },
    );
    this.damage = damage;
  }
}

/** Another process (or another node of this one) holds the directory. Nothing was read or changed. */
export class LogInUseError extends Error {
  override readonly name = 'LogInUseError';

  constructor(directory: string, cause: unknown) {
    super(
      `The log in ${directory} is held by another process. Two nodes never share a data directory: ` +
        'stop the other process, or give this node a directory of its own.',
      { cause },
    );
  }
}

/** The disk did not take a batch: whatever depended on it was not promised. Or it does not let the log be opened. */
export class UnusableDiskError extends Error {
  override readonly name = 'UnusableDiskError';

  constructor(directory: string, how: 'written' | 'used', cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      `The log in ${directory} cannot be ${how}: ${why}. Nothing was promised that is not on disk, and the other ` +
        'nodes go on. What to do: see to the disk (space, mount, the system log), leave the directory as it is, and ' +
        'start this node again: it takes what it missed from the others.',
      { cause },
    );
  }
}
