/** One request to its command, and before that, where it is long, the question how much of it is needed. */
import { type Answer, notSupported } from './answer.ts';
import type { Call } from './commands/command.ts';
import { COMMANDS } from './commands/command-table.ts';

export function dispatch(call: Call): Answer | Promise<Answer> {
  const command = COMMANDS.get(call.request.code);
  return command === undefined ? notSupported(call.request.code) : command.run(call);
}

/** Whether its command needs the rest of a long body, of which the request has the beginning. */
export const needsRest = (begun: Call): boolean =>
  COMMANDS.get(begun.request.code)?.needsRest?.(begun) ?? true;
