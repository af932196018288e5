/** One request to its command: what may be called by whom and when, and with how many words. */
import { type Call, type Command, type DoorView, wrongNumber } from './commands/command.ts';
import { COMMANDS, SUBCOMMANDS } from './commands/command-table.ts';
import { error, type Reply } from './reply.ts';
import { type Session, subscriptionsOf } from './session.ts';
import type { SentinelUser } from './users.ts';

/** Nobody: who has not logged in and may only call what needs no login. */
const NOBODY: SentinelUser = { name: '', groups: [], idc: null, operator: null };
const NO_LOGIN = error('NOAUTH Authentication required.');
/** Of what a client sent, so much is repeated to it. */
const SHOWN_CHARACTERS = 128;

type Found = { readonly command: Command; readonly words: readonly string[] };

export function dispatch(
  door: DoorView,
  session: Session,
  request: readonly string[],
): Reply | Promise<Reply> {
  const found = find(request);
  if ('kind' in found) return session.user === null ? NO_LOGIN : found;
  const { command, words } = found;
  session.lastCommand = command.name;
  session.lastCommandMs = door.clock.now().monotonicMs;
  if (session.user === null && command.needsLogin !== false) return NO_LOGIN;
  const [least, most] = command.words;
  if (words.length < least || words.length > most) return wrongNumber(command.name);
  if (session.protocol === 2 && subscriptionsOf(session) > 0 && command.whileSubscribed !== true) {
    return error(
      `ERR Can't execute '${command.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    );
  }
  const call: Call = { door, session, user: session.user ?? NOBODY, words };
  return command.run(call);
}

function find([name = '', ...words]: readonly string[]): Found | Reply {
  if (name.toLowerCase() === 'sentinel') return findSubcommand(words);
  const command = COMMANDS.get(name.toLowerCase());
  if (command !== undefined) return { command, words };
  const shown = words.map((word) => `'${word.slice(0, SHOWN_CHARACTERS)}' `);
  let arguments_ = '';
  for (const word of shown) if (arguments_.length < SHOWN_CHARACTERS) arguments_ += word;
  return error(
    `ERR unknown command '${name.slice(0, SHOWN_CHARACTERS)}', with args beginning with: ${arguments_}`,
  );
}

function findSubcommand([name, ...words]: readonly string[]): Found | Reply {
  if (name === undefined) return wrongNumber('sentinel');
  const command = SUBCOMMANDS.get(`sentinel|${name.toLowerCase()}`);
  return command === undefined
    ? error(`ERR unknown subcommand '${name.slice(0, SHOWN_CHARACTERS)}'. Try SENTINEL HELP.`)
    : { command, words };
}
