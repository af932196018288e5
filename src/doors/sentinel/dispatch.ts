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

/** By the word behind `SENTINEL`, so that no name has to be put together for every request. */
const BARE_SUBCOMMANDS: ReadonlyMap<string, Command> = new Map(
  [...SUBCOMMANDS].map(([name, command]) => [name.slice('sentinel|'.length), command]),
);

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

function find(request: readonly string[]): Found | Reply {
  const name = request[0] ?? '';
  const lower = name.toLowerCase();
  if (lower === 'sentinel') return findSubcommand(request);
  const words = request.slice(1);
  const command = COMMANDS.get(lower);
  if (command !== undefined) return { command, words };
  const shown = words.map((word) => `'${word.slice(0, SHOWN_CHARACTERS)}' `);
  let arguments_ = '';
  for (const word of shown) if (arguments_.length < SHOWN_CHARACTERS) arguments_ += word;
  return error(
    `ERR unknown command '${name.slice(0, SHOWN_CHARACTERS)}', with args beginning with: ${arguments_}`,
  );
}

function findSubcommand(request: readonly string[]): Found | Reply {
  const name = request[1];
  if (name === undefined) return wrongNumber('sentinel');
  const command = BARE_SUBCOMMANDS.get(name.toLowerCase());
  return command === undefined
    ? error(`ERR unknown subcommand '${name.slice(0, SHOWN_CHARACTERS)}'. Try SENTINEL HELP.`)
    : { command, words: request.slice(2) };
}
