/** Where a process of a test runs: this machine's loopback, or a host of its own (`sites.ts`). */
export type Machine = {
  /** Where the others reach what listens there. */
  readonly address: string;
  /** The command line that runs this one there; its process id is the one that is spawned. */
  command(line: readonly string[]): readonly string[];
};

export const LOOPBACK: Machine = { address: '127.0.0.1', command: (line) => line };
