/** What each command does, once nothing forbids it. Null where the answer comes later, or never. */
import type { Command } from '../../../../src/drivers/redis/connections.ts';
import { infoText } from '../info-text.ts';
import { type AnyReply, ErrorReply, OK } from '../reply.ts';
import type { ServerProcess } from '../server-process.ts';
import type { Session } from '../session.ts';
import { runAccessCommand } from './access-commands.ts';
import { runClientCommand } from './client-commands.ts';
import { runConfigCommand } from './config-commands.ts';
import { runReplicationCommand } from './replication-commands.ts';

export function runCommand(
  process: ServerProcess,
  session: Session,
  name: string,
  command: Command,
  inTransaction = false,
): AnyReply | null {
  const [, first = '', second = ''] = command;
  const room = name.split('|')[0];
  process.host.journal.executing(process, session, name);
  if (room === 'acl') return runAccessCommand(process, session, name, command);
  if (room === 'client') return runClientCommand(process, session, name, command);
  if (room === 'config') return runConfigCommand(process, name, command);
  switch (name) {
    case 'ping':
      return 'PONG';
    case 'auth':
      return authenticate(process, session, command);
    case 'info':
      return infoText(process, command.slice(1));
    case 'multi':
      if (session.transaction !== null) return new ErrorReply('ERR MULTI calls can not be nested');
      session.transaction = [];
      return OK;
    case 'discard':
      if (session.transaction === null) return new ErrorReply('ERR DISCARD without MULTI');
      session.transaction = null;
      session.transactionBroken = false;
      return OK;
    case 'set':
      process.write(session, { key: first, value: second });
      return OK;
    case 'get':
      return process.writes.findLast((write) => write.key === first)?.value ?? null;
    case 'dbsize':
      return new Set(process.writes.map((write) => write.key)).size;
    case 'wait':
      if (process.link.master !== null)
        return new ErrorReply(
          'ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0',
        );
      return process.waiters.wait(session, Number(first), Number(second), inTransaction);
    case 'pubsub|numsub':
      return command.slice(2).flatMap((channel) => [channel, 0]);
    case 'save':
      process.host.saved(process);
      return OK;
    default:
      return (
        runReplicationCommand(process, session, name, command) ??
        (['psync', 'replconf'].includes(name)
          ? null
          : new ErrorReply(`ERR the model does not know '${name}'`))
      );
  }
}

function authenticate(process: ServerProcess, session: Session, command: Command): AnyReply {
  const [, first = '', second] = command;
  const [name, password] = second === undefined ? ['default', first] : [first, second];
  const user = process.access.of(name);
  if (user?.takes(password) !== true) {
    return new ErrorReply('WRONGPASS invalid username-password pair or user is disabled.');
  }
  session.user = user;
  return OK;
}
