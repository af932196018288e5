/**
 * Discovery only from a state that this node can confirm to be current. A node that cannot says so and ends the
 * connection: a remembered address could lead a client to a master that was deposed, and the fastest answer wins with
 * some clients. `LOADING` is the error that all clients take as "ask another one". It refuses a greeting and a
 * subscription for the same reason.
 */
import { error, type Reply } from '../reply.ts';
import type { Call, Command } from './command.ts';

const NOT_CURRENT = error('LOADING this node cannot confirm that it is current; ask another one');

export const whileCurrent =
  (run: Command['run']): Command['run'] =>
  (call: Call): Reply | Promise<Reply> => {
    if (call.door.face.isCurrent()) return run(call);
    call.session.isEnding = true;
    return NOT_CURRENT;
  };
