/** Everything that the command sees of the world; `main` hands it in, tests hand in their own. */
export type CliIo = {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Colours and rewritten progress lines are for people at a terminal only. */
  readonly isTTY: boolean;
  readonly fetch: typeof fetch;
};
