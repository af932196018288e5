/** HELLO: the protocol, and in one go who the client is and what it calls itself. Nothing changes unless all of it does. */
import { array, bulk, error, integer, type Protocol, type Reply } from '../reply.ts';
import { logIn, WRONG_PASSWORD } from './auth.ts';
import { isFitName, UNFIT_NAME } from './client.ts';
import { type Call, type Command, MANY } from './command.ts';
import { whileCurrent } from './current.ts';
import { SERVER_VERSION } from './server-version.ts';

const NO_PROTOCOL = error('NOPROTO unsupported protocol version');
const NO_LOGIN = error(
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
);

type Wishes = {
  readonly user: readonly [name: string, password: string] | null;
  readonly name: string | null;
};

function wishesOf(words: readonly string[]): Wishes | Reply {
  let wishes: Wishes = { user: null, name: null };
  for (let at = 0; at < words.length; ) {
    const option = words[at] ?? '';
    const [first, second] = [words[at + 1], words[at + 2]];
    if (option.toLowerCase() === 'auth' && first !== undefined && second !== undefined) {
      wishes = { ...wishes, user: [first, second] };
      at += 3;
    } else if (option.toLowerCase() === 'setname' && first !== undefined) {
      if (!isFitName(first)) return UNFIT_NAME;
      wishes = { ...wishes, name: first };
      at += 2;
    } else return error(`ERR Syntax error in HELLO option '${option}'`);
  }
  return wishes;
}

export const hello: Command = {
  name: 'hello',
  words: [0, MANY],
  needsLogin: false,
  // Some clients settle for the first Sentinel that greets them, and ask no other one when it refuses them later.
  run: whileCurrent((call) => {
    const { session, words } = call;
    const [version, ...options] = words;
    if (version !== undefined && !/^-?\d{1,9}$/.test(version)) {
      return error('ERR Protocol version is not an integer or out of range');
    }
    if (version !== undefined && version !== '2' && version !== '3') return NO_PROTOCOL;
    const wishes = wishesOf(options);
    if ('kind' in wishes) return wishes;
    if (wishes.user !== null && logIn(call, ...wishes.user) !== null) return WRONG_PASSWORD;
    if (session.user === null) return NO_LOGIN;
    if (version !== undefined) session.protocol = version === '3' ? 3 : 2;
    if (wishes.name !== null) session.name = wishes.name;
    return greeting(call, session.protocol);
  }),
};

const greeting = ({ session }: Call, protocol: Protocol): Reply => ({
  kind: 'map',
  pairs: [
    [bulk('server'), bulk('redis')],
    [bulk('version'), bulk(SERVER_VERSION)],
    [bulk('proto'), integer(protocol)],
    [bulk('id'), integer(session.id)],
    [bulk('mode'), bulk('sentinel')],
    [bulk('modules'), array([])],
  ],
});
