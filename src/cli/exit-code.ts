/** Exit codes of the `pollux` command. Scripts rely on them: a number never changes its meaning. */
export const EXIT = {
  /** It was done, or the question was answered. */
  done: 0,
  /** The tier said no, a plan is not fit, or a move ended otherwise than asked; nothing is left half done. */
  refused: 1,
  /** The command line, or a file that it names, cannot be understood; nothing was asked of the tier. */
  usage: 2,
  /** No node answered; nothing was changed. */
  unreachable: 3,
  /** It took too long, the answer got lost, or it broke off: it may or may not have been done. Read back before trying again. */
  outcomeUnknown: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
