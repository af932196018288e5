/** CLIENT and its subcommands: what drivers say of themselves when they connect, and what operators ask. */
import { LIMITS } from '../../../core/primitives/limits.ts';
import { bulk, error, integer, NULL_BULK, OK, type Reply } from '../reply.ts';
import { type Session, subscriptionsOf } from '../session.ts';
import { type Call, type Command, MANY, NO_PERMISSION, wrongNumber } from './command.ts';

export const UNFIT_NAME = error('ERR Client names cannot contain spaces, newlines or special characters.');

/** Printable, without a blank and of some length at most, so that a list of clients can be read. */
export const isFitName = (name: string): boolean =>
  name.length <= LIMITS.sentinelNameCharacters && /^[!-~]*$/.test(name);

type Subcommand = (call: Call, rest: readonly string[]) => Reply;

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  setname: ({ session }, rest) => {
    const [name] = rest;
    if (name === undefined || rest.length !== 1) return wrongNumber('client|setname');
    if (!isFitName(name)) return UNFIT_NAME;
    session.name = name;
    return OK;
  },
  getname: ({ session }) => (session.name === '' ? NULL_BULK : bulk(session.name)),
  id: ({ session }) => integer(session.id),
  setinfo: ({ session }, [attribute = '', value = '', ...more]) => {
    if (more.length > 0) return wrongNumber('client|setinfo');
    if (!/^lib-(name|ver)$/i.test(attribute)) return error(`ERR Unrecognized option '${attribute}'`);
    if (!isFitName(value))
      return error(`ERR ${attribute} cannot contain spaces, newlines or special characters.`);
    if (/name$/i.test(attribute)) session.library = value;
    return OK;
  },
  info: ({ door, session }) => bulk(`${line(session, door.clock.now().monotonicMs)}\n`),
  list: ({ door, session, user }) => {
    const nowMs = door.clock.now().monotonicMs;
    const shown = user.operator === null ? [session] : [...door.sessions()];
    return bulk(shown.map((one) => `${line(one, nowMs)}\n`).join(''));
  },
  kill: (call, rest) => kill(call, rest),
  'no-evict': () => OK,
  'no-touch': () => OK,
  reply: (_call, [mode = '']) =>
    /^on$/i.test(mode) ? OK : error('ERR this door always replies; CLIENT REPLY ON is all there is'),
  help: () => bulk(`CLIENT ${Object.keys(SUBCOMMANDS).join(', ').toUpperCase()}`),
};

/** By address, or by filters of which ID, ADDR and LADDR-less forms are known. Who may only look ends nobody else. */
function kill({ door, session, user }: Call, rest: readonly string[]): Reply {
  const [first = '', second, ...more] = rest;
  const byId = /^id$/i.test(first) && second !== undefined;
  const address = second === undefined ? first : /^addr$/i.test(first) ? second : null;
  if (more.length > 0 || (!byId && address === null)) return error('ERR syntax error');
  const found = [...door.sessions()].find((one) =>
    byId ? String(one.id) === second : one.address === address,
  );
  if (found === undefined) return second === undefined ? error('ERR No such client') : integer(0);
  if (found.id !== session.id && user.operator === null) return NO_PERMISSION;
  if (found.id === session.id) session.isEnding = true;
  else door.end(found);
  return second === undefined ? OK : integer(1);
}

function line(session: Session, nowMs: number): string {
  const seconds = (sinceMs: number): number => Math.max(0, Math.floor((nowMs - sinceMs) / 1_000));
  return [
    `id=${session.id}`,
    `addr=${session.address}`,
    `name=${session.name}`,
    `age=${seconds(session.sinceMs)}`,
    `idle=${seconds(session.lastCommandMs)}`,
    `flags=${subscriptionsOf(session) > 0 ? 'P' : 'N'}`,
    `sub=${session.channels.size}`,
    `psub=${session.patterns.size}`,
    `cmd=${session.lastCommand}`,
    `user=${session.user?.name ?? '(none)'}`,
    `lib-name=${session.library}`,
    `resp=${session.protocol}`,
  ].join(' ');
}

export const client: Command = {
  name: 'client',
  words: [1, MANY],
  run: (call) => {
    const [name = '', ...rest] = call.words;
    const subcommand = Object.hasOwn(SUBCOMMANDS, name.toLowerCase())
      ? SUBCOMMANDS[name.toLowerCase()]
      : undefined;
    return subcommand === undefined
      ? error(`ERR unknown subcommand '${name.slice(0, 128)}'. Try CLIENT HELP.`)
      : subcommand(call, rest);
  },
};
