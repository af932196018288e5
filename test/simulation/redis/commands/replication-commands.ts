/** Who follows whom. */
import type { Command } from '../../../../src/drivers/redis/connections.ts';
import { type AnyReply, ErrorReply, OK } from '../reply.ts';
import type { ServerProcess } from '../server-process.ts';
import type { Session } from '../session.ts';

/** Null where there is no answer, and for commands of other kinds. */
export function runReplicationCommand(
  process: ServerProcess,
  session: Session,
  name: string,
  command: Command,
): AnyReply | null {
  const [, first = '', second = ''] = command;
  switch (name) {
    case 'replicaof':
    case 'slaveof':
      return replicaOf(process, session, first, second);
    case 'replconf':
      if (first.toLowerCase() === 'ack') {
        process.feeds.acknowledge(session, BigInt(second));
        return null;
      }
      if (first.toLowerCase() === 'listening-port') {
        session.listeningPort = Number(second);
        session.replicaRunId = command[command.indexOf('run-id') + 1] ?? '';
      }
      return OK;
    case 'psync':
      if (command[3]?.toUpperCase() === 'FAILOVER') {
        const refusal = takeOver(process, session, first);
        if (refusal !== null) return refusal;
      }
      return process.feeds.attach(session, first, BigInt(second));
    case 'failover':
      return startFailover(process, command);
    case 'role':
      return [process.link.master === null ? 'master' : 'slave'];
    default:
      return null;
  }
}

/** A master that steps down asks this replica to take its place. */
function takeOver(process: ServerProcess, session: Session, replicationId: string): ErrorReply | null {
  if (process.link.master === null) return new ErrorReply("ERR PSYNC FAILOVER can't be sent to a master.");
  if (replicationId !== process.stream.replicationId)
    return new ErrorReply('ERR PSYNC FAILOVER replid must match my replid.');
  process.link.followNobody();
  process.host.journal.promoted(process, session);
  return null;
}

function startFailover(process: ServerProcess, command: Command): AnyReply {
  const words = command.map((word) => word.toUpperCase());
  const to = words.indexOf('TO');
  if (to < 0) return new ErrorReply('ERR the model knows only FAILOVER TO');
  const timeout = words.indexOf('TIMEOUT');
  const target = { host: command[to + 1] ?? '', port: Number(command[to + 2]) };
  return process.failover.start(
    target,
    words.includes('FORCE'),
    timeout < 0 ? 0 : Number(words[timeout + 1]),
  );
}

function replicaOf(process: ServerProcess, session: Session, host: string, portText: string): AnyReply {
  const { link, host: server } = process;
  if (host.toLowerCase() === 'no' && portText.toLowerCase() === 'one') {
    if (link.master !== null) {
      link.followNobody();
      server.journal.promoted(process, session);
    }
    return OK;
  }
  const port = Number(portText);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return new ErrorReply('ERR Invalid master port');
  if (link.master?.host === host && link.master.port === port)
    return 'OK Already connected to specified master';
  link.follow({ host, port });
  server.journal.followed(process, session, `${host}:${port}`);
  return OK;
}
