/** How a command file joins the command line: its options parsed, its body called, its outcome handed back. */
import type { Command } from 'commander';
import type { AdminClient } from '../sdk/admin-client.ts';
import type { Outcome } from './outcome.ts';
import type { Paint } from './paint.ts';
import type { Progress } from './progress.ts';

export type Invocation = {
  readonly client: AdminClient;
  readonly cluster: string;
  readonly paint: Paint;
  readonly progress: Progress;
};

export type CommandLine = {
  /** Positional arguments; commander has made sure that the required ones are there. */
  readonly positionals: readonly string[];
  /** As commander read them; each command parses its own. */
  readonly options: unknown;
};

export type Register = (
  command: Command,
  body: (invocation: Invocation, line: CommandLine) => Promise<Outcome>,
) => Command;
