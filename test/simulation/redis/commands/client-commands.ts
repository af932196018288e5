/** `CLIENT`: who is connected, who is cut off, and whether writes are held back. */
import type { Command } from '../../../../src/drivers/redis/connections.ts';
import { type AnyReply, ErrorReply, OK } from '../reply.ts';
import type { ServerProcess } from '../server-process.ts';
import type { Session } from '../session.ts';

export function runClientCommand(
  process: ServerProcess,
  session: Session,
  name: string,
  command: Command,
): AnyReply {
  const [, , first = '', second = ''] = command;
  switch (name) {
    case 'client|list':
      return [...process.sessions.values()]
        .filter(
          (one) => first.toLowerCase() !== 'type' || one.isReplica === (second.toLowerCase() === 'replica'),
        )
        .map((one) => `${one.line(process.host.address, one === session)}\n`)
        .join('');
    case 'client|kill':
      return kill(process, session, command.slice(2));
    case 'client|pause':
      if (!/^\d+$/.test(first)) return new ErrorReply('ERR timeout is not an integer or out of range');
      process.pauseWrites(Number(first));
      return OK;
    case 'client|unpause':
      process.resumeWrites();
      return OK;
    case 'client|setname':
      session.clientName = first;
      return OK;
    default:
      return new ErrorReply(`ERR the model does not know '${name}'`);
  }
}

function kill(process: ServerProcess, session: Session, filter: readonly string[]): AnyReply {
  const [kind = '', value = ''] = filter;
  const matches = (one: Session): boolean => {
    switch (kind.toLowerCase()) {
      case 'id':
        return one.id === Number(value);
      case 'user':
        return one.user?.name === value;
      case 'type':
        return one.isReplica === (value.toLowerCase() === 'replica');
      default:
        return false;
    }
  };
  if (kind.toLowerCase() === 'user' && process.access.of(value) === null)
    return new ErrorReply(`ERR No such user '${value}'`);
  // Whoever asks is spared.
  const found = [...process.sessions.values()].filter((one) => one !== session && matches(one));
  for (const one of found) process.drop(one, 'closed by the server');
  return found.length;
}
