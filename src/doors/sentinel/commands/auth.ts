/** AUTH. One word is the password of `default`. */
import { error, OK, type Reply } from '../reply.ts';
import { DEFAULT_USER } from '../users.ts';
import type { Call, Command } from './command.ts';

export const WRONG_PASSWORD = error('WRONGPASS invalid username-password pair or user is disabled.');

const NO_PASSWORD = error(
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
);

/** Null when the client is that user from now on. */
export function logIn({ door, session }: Call, name: string, password: string): Reply | null {
  const user = door.users.authenticate(name, password, door.face.state().tokens);
  if (user === null) return WRONG_PASSWORD;
  session.user = user;
  return null;
}

export const auth: Command = {
  name: 'auth',
  words: [1, 2],
  needsLogin: false,
  run: (call) => {
    const { door, words } = call;
    const [first = '', second] = words;
    if (second !== undefined) return logIn(call, first, second) ?? OK;
    const user = door.users.authenticate(DEFAULT_USER, first, door.face.state().tokens);
    if (door.users.stranger !== null && user?.operator === null) return NO_PASSWORD;
    return logIn(call, DEFAULT_USER, first) ?? OK;
  },
};
