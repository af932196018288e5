/** One request to its command. */
import { type Answer, notSupported } from './answer.ts';
import type { Call } from './commands/command.ts';
import { COMMANDS } from './commands/command-table.ts';

export function dispatch(call: Call): Answer | Promise<Answer> {
  const command = COMMANDS.get(call.request.code);
  return command === undefined ? notSupported(call.request.code) : command.run(call);
}
