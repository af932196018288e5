/** Where scripts run: real servers, or the model. */
export type LabReply = string | number | null | { readonly error: string } | readonly LabReply[];

export type Lab = {
  launch(server: string, config: readonly string[], withFile: boolean): Promise<void>;
  kill(server: string): Promise<void>;
  restart(server: string): Promise<void>;
  freeze(server: string, frozen: boolean): Promise<void>;
  port(server: string): number;
  /** Replies in order; `LOST` for those that a lost connection owes. */
  send(
    server: string,
    connection: string,
    commands: readonly (readonly string[])[],
  ): Promise<readonly LabReply[]>;
  /** Sends without waiting; the result does. */
  sendAhead(
    server: string,
    connection: string,
    commands: readonly (readonly string[])[],
  ): Promise<() => Promise<readonly LabReply[]>>;
  /** Sends, waits until it has left, and ends the connection without an answer. */
  sendAndLeave(server: string, commands: readonly (readonly string[])[]): Promise<void>;
  pause(forMs: number): Promise<void>;
  /** Lines of the file that say whom it follows and which users it knows, by name. */
  fileLines(server: string): readonly string[];
  close(): Promise<void>;
};

/** Every server of a script starts with these, so that nothing moves that the script does not move. */
export const QUIET = ['repl-diskless-sync-delay 0', 'repl-ping-replica-period 3600'] as const;
