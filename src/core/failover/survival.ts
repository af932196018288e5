/** Placeholder of the survival table: the type is settled. */
export type SurvivalRow = {
  /** `master`, `master and one slave`, `IDC idc-a`, `IDC idc-b`, ... */
  readonly failure: string;
  /** zeroLoss: a promotion can be proven lossless; stop: it cannot, operator decides; loss: acknowledged writes may go. */
  readonly outcome: 'zeroLoss' | 'writesGoOn' | 'shortage' | 'stop' | 'loss';
  /** One sentence: why, and what then happens under `onShortage`. */
  readonly detail: string;
};
