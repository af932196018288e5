/** Users and connections: who is cut off by what. */
import { linked, type Script } from './script.ts';

const follow = (server: string, master: string) =>
  ({ on: server, send: [`REPLICAOF 127.0.0.1 $${master}`], is: ['OK'] }) as const;

const newHand = (server: string): Script['steps'] => [
  { on: server, send: ['ACL SETUSER ns-1 reset on >one +ping +acl|users +replicaof'], is: ['OK'] },
  { on: server, by: 'old', send: ['AUTH ns-1 one', 'PING'], is: ['OK', 'PONG'] },
  { on: server, send: ['ACL SETUSER ns-2 reset on >two +ping', 'ACL DELUSER ns-1'], is: ['OK', 1] },
  { on: server, by: 'old', send: ['PING'], is: ['LOST'] },
  { on: server, by: 'back', send: ['AUTH ns-1 one'], is: ['!WRONGPASS'] },
  {
    on: server,
    by: 'new',
    send: ['AUTH ns-2 two', 'PING', 'REPLICAOF NO ONE'],
    is: ['OK', 'PONG', '!NOPERM'],
  },
];

export const ACCESS: readonly Script[] = [
  {
    name: 'a newer hand deletes the older one: its connections are reset and cannot come back, on a master and on a replica',
    steps: [
      { launch: 'm' },
      { launch: 'b' },
      follow('b', 'm'),
      linked('b'),
      ...newHand('m'),
      ...newHand('b'),
    ],
  },
  {
    name: 'deleting a replication user cuts its replica off, and setting it again lets it in within a second',
    steps: [
      { launch: 'm' },
      { launch: 'b' },
      {
        on: 'm',
        send: [
          'ACL SETUSER default -psync -sync -replconf',
          'ACL SETUSER repl-b reset on >secret +psync +replconf +ping',
        ],
        is: ['OK', 'OK'],
      },
      follow('b', 'm'),
      { pauseMs: 200 },
      { on: 'b', see: ['master_link_status'], are: { master_link_status: 'down' } },
      { on: 'b', send: ['CONFIG SET masteruser repl-b masterauth secret'], is: ['OK'] },
      linked('b'),
      { on: 'm', send: ['ACL SETUSER repl-b reset on >secret +psync +replconf +ping'], is: ['OK'] },
      { pauseMs: 100 },
      { on: 'b', see: ['master_link_status'], are: { master_link_status: 'up' } },
      { on: 'm', send: ['ACL DELUSER repl-b'], is: [1] },
      { on: 'b', until: { master_link_status: 'down' } },
      { on: 'm', until: { connected_slaves: '0' } },
      { on: 'm', send: ['ACL SETUSER repl-b reset on >secret +psync +replconf +ping'], is: ['OK'] },
      linked('b'),
    ],
  },
  {
    name: 'a user that loses a right keeps its connection, and one that is put off keeps what it has',
    steps: [
      { launch: 'm' },
      { on: 'm', send: ['ACL SETUSER app on >secret ~* +@all'], is: ['OK'] },
      { on: 'm', by: 'app', send: ['AUTH app secret', 'SET k 1'], is: ['OK', 'OK'] },
      { on: 'm', send: ['ACL SETUSER app -@admin -psync +client|list'], is: ['OK'] },
      {
        on: 'm',
        by: 'app',
        send: ['SET k 2', 'CONFIG GET save', 'ACL USERS', 'ACL WHOAMI', 'PSYNC ? -1', 'CLIENT KILL ID 99999'],
        is: ['OK', '!NOPERM', '!NOPERM', 'app', '!NOPERM', '!NOPERM'],
      },
      { on: 'm', send: ['ACL SETUSER app off'], is: ['OK'] },
      { on: 'm', by: 'app', send: ['SET k 3'], is: ['OK'] },
      { on: 'm', by: 'again', send: ['AUTH app secret'], is: ['!WRONGPASS'] },
      {
        on: 'm',
        send: [
          'ACL DRYRUN app PSYNC ? -1',
          'ACL DRYRUN app SET k v',
          'ACL DRYRUN nobody PING',
          'ACL DRYRUN app CONFIG REWRITE',
        ],
      },
    ],
  },
  {
    name: 'who writes the file can put itself off in the transaction that writes, and is in the file without a password',
    steps: [
      { launch: 'm' },
      {
        on: 'm',
        send: ['ACL SETUSER writer reset on >secret +acl|setuser +config|rewrite +multi +exec'],
        is: ['OK'],
      },
      {
        on: 'm',
        by: 'writer',
        send: ['AUTH writer secret', 'MULTI', 'ACL SETUSER writer off resetpass', 'CONFIG REWRITE', 'EXEC'],
        is: ['OK', 'OK', 'QUEUED', 'QUEUED', ['OK', 'OK']],
      },
      { file: 'm', has: ['user writer'] },
      { kill: 'm' },
      { restart: 'm' },
      { on: 'm', by: 'later', send: ['AUTH writer secret'], is: ['!WRONGPASS'] },
    ],
  },
  {
    name: 'who deletes itself gets the answer, and is cut off behind it',
    steps: [
      { launch: 'm' },
      { on: 'm', send: ['ACL SETUSER me on >secret +@all'], is: ['OK'] },
      { on: 'm', by: 'me', send: ['AUTH me secret', 'ACL DELUSER me'], is: ['OK', 1] },
      { on: 'm', by: 'me', send: ['PING'], is: ['LOST'] },
    ],
  },
  {
    name: 'a command that is not allowed discards the transaction, one that fails does not',
    steps: [
      { launch: 'm' },
      { on: 'm', send: ['ACL SETUSER me on >secret +multi +exec +ping +acl|deluser'], is: ['OK'] },
      {
        on: 'm',
        by: 'me',
        send: ['AUTH me secret', 'MULTI', 'PING', 'CONFIG GET save', 'EXEC'],
        is: ['OK', 'OK', 'QUEUED', '!NOPERM', '!EXECABORT'],
      },
      {
        on: 'm',
        by: 'me',
        send: ['MULTI', 'ACL DELUSER default', 'PING', 'EXEC'],
        is: ['OK', 'QUEUED', 'QUEUED', ['!ERR', 'PONG']],
      },
      {
        on: 'm',
        send: ['MULTI', 'ACL SETUSER x nonsense', 'SET k 1', 'EXEC'],
        is: ['OK', 'QUEUED', 'QUEUED', ['!ERR', 'OK']],
      },
      { on: 'm', send: ['ACL USERS', 'DBSIZE'], is: [['default', 'me'], 1] },
    ],
  },
  {
    name: 'a server that is full answers a fresh probe with an error while it serves the others',
    steps: [
      { launch: 'm' },
      { on: 'm', by: 'established', send: ['PING'], is: ['PONG'] },
      { on: 'm', send: ['CONFIG SET maxclients 2'] },
      { on: 'm', by: 'fresh', send: ['PING'], compare: false },
      { on: 'm', by: 'established', send: ['PING'], is: ['PONG'] },
    ],
  },
  {
    name: 'connections are cut off by id, by user and by kind, and whoever asks is spared',
    steps: [
      { launch: 'm' },
      { launch: 'b' },
      follow('b', 'm'),
      linked('b'),
      { on: 'm', send: ['ACL SETUSER app on >secret ~* +@all'], is: ['OK'] },
      { on: 'm', by: 'app', send: ['AUTH app secret', 'SET k 1'], is: ['OK', 'OK'] },
      {
        on: 'm',
        send: ['CLIENT KILL USER app', 'CLIENT KILL USER app', 'CLIENT KILL USER default'],
        compare: false,
      },
      { on: 'm', by: 'app', send: ['SET k 2'], is: ['LOST'] },
      { on: 'm', send: ['CLIENT KILL TYPE replica'], compare: false },
      { on: 'm', send: ['PING'], is: ['PONG'] },
      linked('b'),
    ],
  },
  {
    name: 'an order to fail over that is still under way promotes a revoked replica while the inbound user is left',
    steps: [
      { launch: 'm' },
      { launch: 'b' },
      { on: 'b', send: ['ACL SETUSER repl-m reset on >secret +psync +replconf +ping'], is: ['OK'] },
      { on: 'b', send: ['ACL SETUSER default -psync -sync -replconf'], is: ['OK'] },
      { on: 'm', send: ['CONFIG SET masteruser repl-m masterauth secret'], is: ['OK'] },
      follow('b', 'm'),
      linked('b'),
      { on: 'm', online: 1 },
      { freeze: 'b' },
      { on: 'm', send: ['SET k 1', 'FAILOVER TO 127.0.0.1 $b FORCE TIMEOUT 600'], is: ['OK', 'OK'] },
      { thaw: 'b' },
      { on: 'b', send: ['REPLICAOF 127.0.0.1 1'], compare: false },
      { on: 'b', until: { role: 'master' } },
    ],
  },
  {
    name: 'without the inbound user the same order comes to nothing',
    steps: [
      { launch: 'm' },
      { launch: 'b' },
      { on: 'b', send: ['ACL SETUSER repl-m reset on >secret +psync +replconf +ping'], is: ['OK'] },
      { on: 'b', send: ['ACL SETUSER default -psync -sync -replconf'], is: ['OK'] },
      { on: 'm', send: ['CONFIG SET masteruser repl-m masterauth secret'], is: ['OK'] },
      follow('b', 'm'),
      linked('b'),
      { on: 'm', online: 1 },
      { freeze: 'b' },
      { on: 'm', send: ['SET k 1', 'FAILOVER TO 127.0.0.1 $b FORCE TIMEOUT 600'], is: ['OK', 'OK'] },
      { thaw: 'b' },
      { on: 'b', send: ['MULTI', 'ACL DELUSER repl-m', 'REPLICAOF 127.0.0.1 1', 'EXEC'], compare: false },
      { pauseMs: 1_500 },
      { on: 'b', see: ['role'], are: { role: 'slave' } },
      // It goes on asking, as a replica of the one that it wanted to be its successor, and takes no write.
      { on: 'm', see: ['role', 'master_failover_state'], are: { role: 'slave' } },
    ],
  },
];
