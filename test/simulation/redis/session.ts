/** One connection as its server sees it: who logged in, what waits to be executed, and whether a reply is still owed. */
import type { Command } from '../../../src/drivers/redis/connections.ts';
import type { User } from './access-list.ts';
import type { End } from './network.ts';
import type { AnyReply, ClientMessage, ServerMessage } from './reply.ts';

export class Session {
  readonly id: number;
  readonly end: End<ServerMessage, ClientMessage>;
  user: User | null;
  clientName = '';
  /** Commands that arrived and were not executed yet. */
  readonly queue: Command[] = [];
  /** Called when the server gives up what the client waits for; null while nothing is waited for. */
  blocked: { readonly kind: 'wait' | 'pause'; readonly takeBack: () => void } | null = null;
  transaction: Command[] | null = null;
  transactionBroken = false;
  /** The server's offset behind the last command on this connection, of whatever kind: what `WAIT` asks for. */
  offset = 0n;
  closeAfterReply = false;
  /** Nothing that comes from it is executed any more. */
  gone = false;
  /** It replicates from here. */
  isReplica = false;
  isFailover = false;
  listeningPort = 0;
  /** Whose process it is: what no server is told, for onlookers. */
  replicaRunId = '';

  constructor(id: number, end: End<ServerMessage, ClientMessage>, user: User | null) {
    this.id = id;
    this.end = end;
    this.user = user;
  }

  reply(reply: AnyReply): void {
    this.end.send({ kind: 'reply', reply });
  }

  line(address: string, isCurrent: boolean): string {
    const flags = this.isReplica ? 'S' : 'N';
    const user = this.user?.name ?? '(superuser)';
    const fields = `name=${this.clientName} age=0 idle=0 flags=${flags} db=0 sub=0 psub=0 multi=-1`;
    return `id=${this.id} addr=${this.end.peerPlace}:${10_000 + this.id} laddr=${address} ${fields} cmd=${isCurrent ? 'client|list' : 'NULL'} user=${user} redir=-1 resp=2`;
  }
}
