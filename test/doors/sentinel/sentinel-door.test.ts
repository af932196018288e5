import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { epoch, nodeName, replicaId, siteName } from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { accepted, refused } from '../../../src/core/primitives/refusal.ts';
import { keyOf, TOKEN } from '../http/fake-node.ts';
import { NO_LOGIN, openDoor } from './open-door.ts';

const bulks = (...texts: readonly string[]): string =>
  `*${texts.length}\r\n${texts.map((text) => `$${text.length}\r\n${text}\r\n`).join('')}`;

/** Names of a RESP2 record, in the order in which they come. */
const namesOf = (text: string): string[] =>
  text
    .split('\r\n')
    .slice(1)
    .filter((_line, at) => at % 4 === 1);

const fieldOf = (text: string, name: string): string | undefined => {
  const lines = text.split('\r\n');
  return lines[lines.indexOf(name) + 2];
};

describe('Sentinel door: discovery', () => {
  it('answers the address of the master, and nothing for a name that it does not know', async (t) => {
    const { client } = await openDoor(t);
    const one = await client();
    assert.equal(
      await one.ask('sentinel', 'GET-MASTER-ADDR-BY-NAME', 'orders-a'),
      bulks('127.0.0.1', '7101'),
    );
    assert.equal(await one.ask('SENTINEL', 'get-master-addr-by-name', 'nobody'), '*-1\r\n');
    await one.ask('HELLO', '3');
    assert.equal(await one.ask('SENTINEL', 'get-master-addr-by-name', 'nobody'), '_\r\n');
  });

  it('sends the fields of a master that is well, in the order of a Sentinel, and its own behind them', async (t) => {
    const { client } = await openDoor(t);
    const record = await (await client()).ask('SENTINEL', 'MASTER', 'orders-a');
    assert.deepEqual(namesOf(record), [
      'name',
      'ip',
      'port',
      'runid',
      'flags',
      'link-pending-commands',
      'link-refcount',
      'last-ping-sent',
      'last-ok-ping-reply',
      'last-ping-reply',
      'down-after-milliseconds',
      'info-refresh',
      'role-reported',
      'role-reported-time',
      'config-epoch',
      'num-slaves',
      'num-other-sentinels',
      'quorum',
      'failover-timeout',
      'parallel-syncs',
      'idc',
      'group-epoch',
      'policy',
      'wait-count',
    ]);
    assert.equal(fieldOf(record, 'flags'), 'master');
    assert.equal(fieldOf(record, 'config-epoch'), '1');
    assert.equal(fieldOf(record, 'wait-count'), '2');
    assert.equal(fieldOf(record, 'idc'), 'idc-a');
  });

  it('lists slaves and other nodes', async (t) => {
    const { client } = await openDoor(t);
    const one = await client();
    const slaves = await one.ask('SENTINEL', 'REPLICAS', 'orders-a');
    assert.ok(slaves.startsWith('*2\r\n'), slaves);
    assert.equal(await one.ask('SENTINEL', 'SLAVES', 'orders-a'), slaves);
    const sentinels = await one.ask('SENTINEL', 'SENTINELS', 'orders-a');
    assert.ok(sentinels.startsWith('*2\r\n'));
    assert.match(sentinels, /10\.0\.0\.2/);
    assert.doesNotMatch(sentinels, /10\.0\.0\.1\r/);
    assert.match(sentinels, /s_down,sentinel,disconnected/);
  });

  it('says the master is down for all while its reign ends, and keeps its address', async (t) => {
    const { client, node } = await openDoor(t);
    node.apply({
      type: 'group.fence',
      key: keyOf('orders-a'),
      expectedEpoch: epoch(1),
      epoch: epoch(2),
      reason: 'masterLost',
      preferred: null,
      unsafe: false,
      note: '',
      by: 'pollux',
      evidence: [],
      recordId: 'r2',
      wallMs: 5_000,
    });
    const one = await client();
    const record = await one.ask('SENTINEL', 'MASTER', 'orders-a');
    assert.equal(fieldOf(record, 'flags'), 's_down,o_down,master,failover_in_progress');
    assert.equal(fieldOf(record, 'failover-state'), 'select_slave');
    assert.equal(
      await one.ask('SENTINEL', 'get-master-addr-by-name', 'orders-a'),
      bulks('127.0.0.1', '7101'),
    );
    assert.match(
      await one.ask('INFO', 'sentinel'),
      /master0:name=orders-a,status=odown,address=127\.0\.0\.1:7101,slaves=2,sentinels=3/,
    );
  });

  it('refuses to answer where it cannot confirm that it is current, and ends the connection', async (t) => {
    const { client, node } = await openDoor(t);
    node.current = false;
    const one = await client();
    assert.equal(await one.ask('PING'), '+PONG\r\n');
    const loading = '-LOADING this node cannot confirm that it is current; ask another one\r\n';
    assert.equal(await one.ask('SENTINEL', 'get-master-addr-by-name', 'orders-a'), loading);
    for (const words of [
      ['HELLO', '3'],
      ['SUBSCRIBE', '+switch-master'],
      ['PSUBSCRIBE', '*'],
    ]) {
      const another = await client();
      assert.equal(await another.ask(...words), loading);
      await another.until(() => another.socket.readableEnded);
    }
  });

  it('sends subscribers elsewhere that listen to a node which is not current, and leaves others be', async (t) => {
    const { client, node, ended } = await openDoor(t);
    const [asking, listening, plain] = [await client(), await client(), await client()];
    await asking.ask('PING');
    await listening.ask('HELLO', '3');
    await listening.ask('PSUBSCRIBE', '*');
    await plain.ask('SUBSCRIBE', '+switch-master');
    node.current = false;
    for (const subscriber of [listening, plain]) await subscriber.until(() => subscriber.socket.closed);
    assert.deepEqual(ended, [2]);
    assert.equal(await asking.ask('PING'), '+PONG\r\n');
    node.current = true;
    assert.match(await (await client()).ask('SUBSCRIBE', 'x'), /subscribe/);
  });

  it('sends so many away in one go, and the others after them', async (t) => {
    const { client, node, ended } = await openDoor(t);
    const listening = [];
    for (let count = 0; count <= LIMITS.sentinelSentAwayAtOnce; count += 1) {
      const one = await client();
      one.send('SUBSCRIBE x\r\n');
      await one.until((text) => text.includes(':1'));
      listening.push(one);
    }
    node.current = false;
    for (const one of listening) await one.until(() => one.socket.closed);
    assert.deepEqual(ended, [LIMITS.sentinelSentAwayAtOnce, 1]);
  });

  it('says of a server what it saw itself, and what others saw where it never reached it', async (t) => {
    const { client, node } = await openDoor(t);
    const row = {
      group: keyOf('orders-a'),
      replica: replicaId('orders-a-1'),
      ageMs: 5,
      answerMs: 1,
      outcome: { kind: 'silent', waitedMs: 900 },
    } as const;
    node.evidenceRows = [
      { ...row, vantage: nodeName('node-b'), standing: 'suspect' },
      { ...row, vantage: nodeName('node-a'), standing: 'unknown' },
    ];
    assert.match(await (await client()).ask('SENTINEL', 'MASTER', 'orders-a'), /s_down,master,disconnected/);
  });
});

describe('Sentinel door: users', () => {
  const users = [
    { name: 'default', password: 'look', groups: ['*'], idc: null },
    { name: 'shop', password: 'secret', groups: ['orders-b'], idc: siteName('idc-a') },
  ];

  it('wants a login first, and says so', async (t) => {
    const { client } = await openDoor(t, users);
    const one = await client();
    assert.equal(await one.ask('PING'), NO_LOGIN);
  });

  it('shows each user its own groups, in lists and in events', async (t) => {
    const { client, node } = await openDoor(t, users);
    const one = await client();
    await one.ask('AUTH', 'shop', 'secret');
    assert.equal(await one.ask('SENTINEL', 'get-master-addr-by-name', 'orders-a'), '*-1\r\n');
    assert.match(await one.ask('SENTINEL', 'MASTERS'), /^\*1\r\n/);
    await one.ask('HELLO', '3');
    await one.ask('PSUBSCRIBE', '*');
    for (const name of ['orders-a', 'orders-b']) {
      const key = keyOf(name);
      node.apply({
        type: 'group.fence',
        key,
        expectedEpoch: epoch(1),
        epoch: epoch(2),
        reason: 'masterLost',
        preferred: null,
        unsafe: false,
        note: '',
        by: 'pollux',
        evidence: [],
        recordId: `r-${name}`,
        wallMs: 5_000,
      });
      node.publish({ type: 'groupPhase', index: 1, group: key, phase: 'fencing', epoch: 2, master: null });
    }
    const heard = await one.until((text) => text.includes('+failover-state-select-slave'));
    assert.doesNotMatch(heard, /orders-a/);
    assert.match(heard, /\+odown\r\n\$\d+\r\nmaster orders-b 127\.0\.0\.1 7201 #quorum 2\/2/);
  });

  it('takes changes only from who holds an operator token', async (t) => {
    const { client, node } = await openDoor(t, users);
    const one = await client();
    assert.equal(
      await one.ask('AUTH', 'wrong'),
      '-WRONGPASS invalid username-password pair or user is disabled.\r\n',
    );
    assert.equal(await one.ask('AUTH', 'look'), '+OK\r\n');
    assert.match(await one.ask('SENTINEL', 'FAILOVER', 'orders-a'), /^-NOPERM /);
    assert.equal(await one.ask('AUTH', TOKEN), '+OK\r\n');
    node.answer = () => refused('busy', 'Another move is under way.');
    assert.equal(
      await one.ask('SENTINEL', 'FAILOVER', 'orders-a'),
      '-INPROG Failover already in progress\r\n',
    );
    node.answer = () => accepted({ kind: 'moveStarted', recordId: 'r', epoch: epoch(2) });
    assert.equal(await one.ask('SENTINEL', 'FAILOVER', 'orders-a', 'COORDINATED'), '+OK\r\n');
    assert.deepEqual(node.submitted.at(-1), {
      type: 'switchover',
      group: keyOf('orders-a'),
      to: null,
      planOnly: false,
      by: 'token-1',
    });
  });
});

describe('Sentinel door: SENTINEL SET', () => {
  const asOperator = async (t: TestContext) => {
    const door = await openDoor(t);
    const one = await door.client();
    await one.ask('AUTH', TOKEN);
    return {
      ...door,
      set: (...words: readonly string[]) => one.ask('SENTINEL', 'SET', 'orders-a', ...words),
    };
  };

  it('commits how long a master may be silent, and takes what is so already', async (t) => {
    const { node, set } = await asOperator(t);
    assert.equal(
      await set('down-after-milliseconds', '2500', 'quorum', '2', 'parallel-syncs', '1'),
      '+OK\r\n',
    );
    assert.equal(node.store.groups.get(keyOf('orders-a'))?.detectionMs, 2_500);
  });

  it('refuses all of it for one option that cannot be, and changes nothing', async (t) => {
    const { node, set } = await asOperator(t);
    for (const [words, refusal] of [
      [
        ['down-after-milliseconds', '2500', 'quorum', '1'],
        /^-ERR 'quorum' is decided by pollux and is 2\r\n/,
      ],
      [['down-after-milliseconds', '2500', 'auth-pass', 'x'], /^-ERR 'auth-pass' is not set here: passwords/],
      [['down-after-milliseconds', '0'], /^-ERR Invalid argument '0'/],
      [['nope', '1'], /^-ERR Unknown option or number of arguments for SENTINEL SET 'nope'/],
    ] as const) {
      assert.match(await set(...words), refusal);
    }
    assert.equal(node.store.groups.get(keyOf('orders-a'))?.detectionMs, 1_000);
  });
});

describe('Sentinel door: connections', () => {
  it('answers a pipeline in order, also behind a command that takes time', async (t) => {
    const { client, node } = await openDoor(t);
    node.answer = () =>
      new Promise((resolve) =>
        setTimeout(() => resolve(accepted({ kind: 'assessment', provable: false, detail: 'why' })), 50),
      );
    const one = await client();
    one.send('ping one\r\nsentinel ckquorum orders-a\r\nping two\r\n');
    const text = await one.until((all) => all.includes('two'));
    assert.match(text, /^\$3\r\none\r\n-NOQUORUM 2 usable Sentinels\. .*why\r\n\$3\r\ntwo\r\n$/);
  });

  it('never ends a connection over a command that it does not know', async (t) => {
    const one = await (await openDoor(t)).client();
    assert.equal(
      await one.ask('NOPE', 'a', 'b'),
      "-ERR unknown command 'NOPE', with args beginning with: 'a' 'b' \r\n",
    );
    assert.equal(await one.ask('SENTINEL', 'NOPE'), "-ERR unknown subcommand 'NOPE'. Try SENTINEL HELP.\r\n");
    assert.equal(
      await one.ask('SENTINEL', 'MASTER'),
      "-ERR wrong number of arguments for 'sentinel|master' command\r\n",
    );
    assert.equal(
      await one.ask('CLIENT', 'MAINT_NOTIFICATIONS', 'ON'),
      "-ERR unknown subcommand 'MAINT_NOTIFICATIONS'. Try CLIENT HELP.\r\n",
    );
  });

  it('ends it over bytes that make no sense, after what came before them', async (t) => {
    const one = await (await openDoor(t)).client();
    one.send('PING\r\n*1\r\n!4\r\n');
    const text = await one.until((all) => all.includes('Protocol'));
    assert.equal(text, "+PONG\r\n-ERR Protocol error: expected '$', got '!'\r\n");
  });

  it('greets in both protocols', async (t) => {
    const one = await (await openDoor(t)).client();
    assert.match(await one.ask('HELLO'), /^\*12\r\n\$6\r\nserver\r\n\$5\r\nredis\r\n/);
    assert.match(await one.ask('HELLO', '3', 'SETNAME', 'me'), /^%6\r\n/);
    assert.equal(await one.ask('CLIENT', 'GETNAME'), '$2\r\nme\r\n');
    assert.equal(await one.ask('HELLO', '4'), '-NOPROTO unsupported protocol version\r\n');
  });

  it('keeps RESP2 clients that have subscribed to what may be called then', async (t) => {
    const one = await (await openDoor(t)).client();
    assert.match(
      await one.ask('SUBSCRIBE', '+switch-master', 'x'),
      /^\*3\r\n\$9\r\nsubscribe\r\n\$14\r\n\+switch-master\r\n:1\r\n\*3\r\n.*:2\r\n/s,
    );
    assert.match(await one.ask('SENTINEL', 'MASTERS'), /^-ERR Can't execute 'sentinel\|masters': only /);
    assert.equal(await one.ask('PING'), '*2\r\n$4\r\npong\r\n$0\r\n\r\n');
    await one.ask('UNSUBSCRIBE');
    assert.equal(await one.ask('UNSUBSCRIBE'), '*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n');
    assert.equal(await one.ask('PING'), '+PONG\r\n');
  });

  it('refuses names of any length but what a limit says', async (t) => {
    const one = await (await openDoor(t)).client();
    const long = 'x'.repeat(LIMITS.sentinelNameCharacters + 1);
    assert.match(
      await one.ask('PSUBSCRIBE', 'a', long),
      /^-ERR a channel or pattern may have 256 characters/,
    );
    assert.match(await one.ask('CLIENT', 'SETNAME', long), /^-ERR Client names cannot/);
    assert.equal(await one.ask('PING'), '+PONG\r\n', 'nothing was subscribed to');
  });

  it('does not end the node over an event that cannot be put into words', async (t) => {
    const { client, node, bugs } = await openDoor(t);
    const one = await client();
    await one.ask('PSUBSCRIBE', '*');
    node.state = () => {
      throw new Error('a bug');
    };
    node.publish({
      type: 'groupPhase',
      index: 1,
      group: keyOf('orders-a'),
      phase: 'fencing',
      epoch: 2,
      master: null,
    });
    assert.equal(bugs[0]?.message, 'a bug');
  });

  it('answers a bug with an error, reports it, and goes on', async (t) => {
    const { client, node, bugs } = await openDoor(t);
    node.evidence = () => {
      throw new Error('a bug');
    };
    const one = await client();
    assert.match(await one.ask('SENTINEL', 'MASTERS'), /^-ERR this node met a bug/);
    assert.equal(await one.ask('PING'), '+PONG\r\n');
    assert.equal(bugs[0]?.message, 'a bug');
  });
});
