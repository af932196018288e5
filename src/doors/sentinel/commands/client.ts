/** CLIENT and its subcommands: what drivers say of themselves when they connect, and what operators ask. */
import { LIMITS } from '../../../core/primitives/limits.ts';
import { bulk, error, integer, NULL_BULK, OK, type Reply, verbatim } from '../reply.ts';
import { type Session, subscriptionsOf } from '../session.ts';
import { killFilter, listFilter } from './client-filter.ts';
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
  info: ({ door, session }) => verbatim(`${line(session, door.clock.now().monotonicMs)}\n`),
  list: ({ door, session, user }, rest) => {
    const filter = listFilter(rest);
    if ('kind' in filter) return filter;
    const nowMs = door.clock.now().monotonicMs;
    const visible = user.operator === null ? [session] : [...door.sessions()];
    return verbatim(
      visible
        .filter(filter.fits)
        .map((one) => `${line(one, nowMs)}\n`)
        .join(''),
    );
  },
  kill: (call, rest) => kill(call, rest),
  'no-evict': (_call, rest) => onOrOff(rest),
  'no-touch': (_call, rest) => onOrOff(rest),
  // Nothing here is a key that could change behind a client's back.
  tracking: (_call, rest) => onOrOff(rest.slice(0, 1)),
  getredir: () => integer(-1),
  // No command here blocks its client.
  unblock: (_call, [id = '']) =>
    /^\d{1,19}$/.test(id) ? integer(0) : error('ERR value is not an integer or out of range'),
  reply: (_call, [mode = '']) =>
    /^on$/i.test(mode) ? OK : error('ERR this door always replies; CLIENT REPLY ON is all there is'),
  help: () => bulk(`CLIENT ${Object.keys(SUBCOMMANDS).join(', ').toUpperCase()}`),
};

const onOrOff = ([mode = '', ...more]: readonly string[]): Reply =>
  more.length === 0 && /^(on|off)$/i.test(mode) ? OK : error('ERR syntax error');

/** By address alone, or by filters; who may only look ends nobody else. */
function kill(call: Call, rest: readonly string[]): Reply {
  const { door, session, user } = call;
  const [address, ...more] = rest;
  if (address === undefined) return wrongNumber('client|kill');
  const isBare = more.length === 0;
  const filter = isBare ? killFilter(['addr', address, 'skipme', 'no']) : killFilter(rest);
  if ('kind' in filter) return filter;
  const found = [...door.sessions()].filter(
    (one) => filter.fits(one) && !(filter.skipsAsker && one.id === session.id),
  );
  if (user.operator === null && found.some(({ id }) => id !== session.id)) return NO_PERMISSION;
  for (const one of found) {
    if (one.id === session.id) session.isEnding = true;
    else door.end(one);
  }
  if (!isBare) return integer(found.length);
  return found.length === 0 ? error('ERR No such client') : OK;
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
