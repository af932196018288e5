/**
 * Everything that is published of a planned failover, of one after the master was killed, and of its return: three real
 * Sentinels and three nodes, each over masters with two slaves. Messages are compared in their order, channel and payload
 * word by word, in both protocols, once with the Sentinel that leads and once with the others. Each difference that is
 * allowed is written down with its reason, and one that does not occur any more fails.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { type Ground, type Idc, prepareGround, taken } from '../support/ground.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { type Heard, type Listener, listenTo } from '../support/sentinel-listener.ts';

const GROUPS = ['planned', 'killed'] as const;
type GroupName = (typeof GROUPS)[number];
const SITES: readonly Idc[] = ['idc-a', 'idc-a', 'idc-b'];
const DOWN_AFTER_MS = 2_000;
/** Of the Sentinel that is to lead: by then the others know as well. */
const LEADER_DOWN_AFTER_MS = 3_000;
/** The others never try a failover: two that tried at once would split the votes. */
const NEVER_REACHED_QUORUM = 4;
const PATIENCE_MS = 25_000;

/** One who is listened to in both protocols. */
type Vantage = { readonly name: string; readonly listeners: readonly [Listener, Listener] };
/** Ports of a group's servers: its first master and the slaves. */
type Servers = { readonly master: number; readonly slaves: readonly number[] };
type Side = {
  readonly vantages: readonly Vantage[];
  readonly servers: Readonly<Record<GroupName, Servers>>;
};

let ground: Ground;
const processes: RedisServer[] = [];
const realMasters = new Map<GroupName, RedisServer>();
let there: Side;
let here: Side;
let sentinelPort = 0;

const listenedTo = async (name: string, port: number): Promise<Vantage> => ({
  name,
  listeners: [await listenTo({ port }, 2), await listenTo({ port }, 3)],
});

async function startSentinels(): Promise<Side> {
  const server = async (config: readonly string[], sentinel = false): Promise<RedisServer> => {
    const started = await startRedis({ sentinel, config });
    processes.push(started);
    return started;
  };
  const servers = new Map<GroupName, Servers>();
  for (const name of GROUPS) {
    const master = await server(['repl-diskless-sync-delay 0']);
    const follower = ['repl-diskless-sync-delay 0', `replicaof 127.0.0.1 ${master.port}`];
    const slaves = [await server(follower), await server(follower)];
    realMasters.set(name, master);
    servers.set(name, { master: master.port, slaves: slaves.map(({ port }) => port) });
  }
  const sentinels: RedisServer[] = [];
  for (const isLeader of [true, false, false]) {
    const monitor = GROUPS.flatMap((name) => [
      `sentinel monitor ${name} 127.0.0.1 ${realMasters.get(name)?.port} ${isLeader ? 2 : NEVER_REACHED_QUORUM}`,
      `sentinel down-after-milliseconds ${name} ${isLeader ? LEADER_DOWN_AFTER_MS : DOWN_AFTER_MS}`,
    ]);
    sentinels.push(await server(monitor, true));
  }
  for (const { port } of sentinels) {
    for (const name of GROUPS) {
      await eventually(
        'the Sentinels know each other and both slaves, and the slaves are linked',
        async () => {
          const text = await answers(port, [`SENTINEL MASTER ${name}`, `SENTINEL REPLICAS ${name}`, 'END']);
          const knowsAll = /num-slaves\r\n\$1\r\n2\r\n[\s\S]*num-other-sentinels\r\n\$1\r\n2\r\n/.test(text);
          return knowsAll && text.split('master-link-status\r\n$2\r\nok').length === 3;
        },
      );
    }
  }
  const [planned, killed] = GROUPS.map((name) => servers.get(name));
  assert.ok(planned !== undefined && killed !== undefined);
  sentinelPort = sentinels[0]?.port ?? 0;
  const vantages = [];
  for (const [at, { port }] of sentinels.entries()) vantages.push(await listenedTo(`Sentinel ${at}`, port));
  return { vantages, servers: { planned, killed } };
}

async function startNodes(): Promise<Side> {
  ground = await prepareGround({
    layout: GROUPS.map((group) => ({ group, sites: SITES })),
    policy: 'any-one',
  });
  const portsOf = (name: GroupName): Servers => {
    const [master, ...slaves] = ground.groups.find((group) => group.name === name)?.servers ?? [];
    assert.ok(master !== undefined);
    return { master: master.redis.port, slaves: slaves.map(({ redis }) => redis.port) };
  };
  for (const group of GROUPS) {
    const body = { detectionMs: DOWN_AFTER_MS };
    taken(await ground.admin.call('groupChange', { parameters: { group }, body }), 'change');
    await eventually(`${group} is caught up`, async () =>
      (await ground.group(group)).replicas.every(({ caughtUp }) => caughtUp),
    );
  }
  const vantages = [];
  for (const node of ground.tier.nodes) vantages.push(await listenedTo(node.name, node.sentinelPort));
  return { vantages, servers: { planned: portsOf('planned'), killed: portsOf('killed') } };
}

before(async () => {
  [there, here] = await Promise.all([startSentinels(), startNodes()]);
});

after(async () => {
  for (const { listeners } of [...(there?.vantages ?? []), ...(here?.vantages ?? [])])
    for (const listener of listeners) listener.close();
  await Promise.all(processes.map((server) => server.stop()));
  await ground?.close();
});

/** What is answered to these lines, the last of which is to be an error. */
async function answers(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  let text = '';
  socket.on('data', (piece) => {
    text += piece.toString('latin1');
  });
  socket.write(lines.map((line) => `${line}\r\n`).join(''));
  await eventually('an answer', () => socket.closed || text.includes('-ERR unknown command'));
  socket.destroy();
  return text;
}

/** What a vantage heard of a group since a moment, and what no group is named in. */
const heardOf = (vantage: Vantage, group: GroupName, fromMs: number, protocol: 2 | 3): readonly Heard[] =>
  (vantage.listeners[protocol - 2]?.heard ?? []).filter(
    ({ payload, atMs }) =>
      atMs >= fromMs && !GROUPS.some((name) => name !== group && payload.split(' ').includes(name)),
  );

const wordsOf = ({ channel, payload }: Heard): string => `${channel} ${payload}`;

/** M: the first master, N: the one after it, S: the other slave. */
function sequence(side: Side, vantage: Vantage, group: GroupName, fromMs: number): readonly string[] {
  const { master, slaves } = side.servers[group];
  const heard = heardOf(vantage, group, fromMs, 2);
  const all = heardOf(vantage, group, 0, 2);
  const to = all.find(({ channel }) => channel === '+switch-master')?.payload.split(' ')[4];
  const letterOf = (port: string): string => {
    if (Number(port) === master) return 'M';
    if (!slaves.includes(Number(port))) return 'a Sentinel';
    return port === to ? 'N' : 'S';
  };
  return heard.map((one) =>
    wordsOf(one)
      .replace(/127\.0\.0\.1[: ](\d+)/g, (_whole, port: string) => letterOf(port))
      .replace(/[0-9a-f]{40}/, 'an id')
      .replace(/^(\+new-epoch|\+vote-for-leader .*) \d+$/, '$1 an epoch')
      .replace(/#quorum [23]\/2$/, '#quorum reached')
      .replace(new RegExp(`\\b${group}\\b`), 'NAME'),
  );
}

type Scenario = 'planned' | 'killed' | 'returned';
type Role = 'leader' | 'others';

type Difference = {
  /** `now and then`: a real one says it or not, as its timers fall. */
  readonly kind: 'only there' | 'only here' | 'now and then';
  readonly in: readonly Scenario[];
  /** As which Sentinel; the nodes are all alike. */
  readonly at: readonly Role[];
  readonly messages: RegExp;
  readonly reason: string;
};

const FAILOVERS: readonly Scenario[] = ['planned', 'killed'];
const ALL: readonly Scenario[] = ['planned', 'killed', 'returned'];
const BOTH: readonly Role[] = ['leader', 'others'];

const DIFFERENT: readonly Difference[] = [
  {
    kind: 'only there',
    in: FAILOVERS,
    at: ['leader'],
    messages: /^\+(vote-for-leader|elected-leader) /,
    reason: 'nobody votes for who carries out a failover',
  },
  {
    kind: 'only there',
    in: ['killed'],
    at: ['others'],
    messages: /^\+vote-for-leader /,
    reason: 'nobody votes for who carries out a failover',
  },
  {
    kind: 'only there',
    in: FAILOVERS,
    at: ['others'],
    messages: /^\+config-update-from /,
    reason: 'a Sentinel takes the new master over from another one; a node applies what was committed',
  },
  {
    kind: 'now and then',
    in: ALL,
    at: BOTH,
    messages: /^[-+]role-change /,
    reason:
      'a Sentinel says when INFO contradicts its picture; here a role is committed, and the rest is an alert',
  },
  {
    kind: 'now and then',
    in: ['killed'],
    at: ['leader'],
    messages: /^-odown /,
    reason:
      'a Sentinel says so if others ceased to call the old master down before it ended; here it always goes',
  },
  {
    kind: 'only here',
    in: FAILOVERS,
    at: BOTH,
    messages: /^\+replica-reconf-done /,
    reason: 'a client listens for this name, which no Sentinel sends',
  },
  {
    kind: 'only here',
    in: ['planned', 'returned'],
    at: BOTH,
    messages: /^\+(slave|replica)-reconf-(sent|inprog|done) slave M /,
    reason: 'the old master becomes a slave as others do; a Sentinel leaves it a master for ten seconds more',
  },
  {
    kind: 'only here',
    in: ['returned'],
    at: BOTH,
    messages: /^\+reboot slave M /,
    reason: 'a node knows the process that was master; a Sentinel forgets it with the switch',
  },
  {
    kind: 'only here',
    in: FAILOVERS,
    at: ['others'],
    messages:
      /^(\+failover-end|[-+]odown|\+try-failover|\+failover-state-.*|\+selected-slave|\+promoted-slave|\+slave-reconf-.* slave S) /,
    reason: 'every node tells its clients all of it, not the one that leads alone',
  },
];

/**
 * There before `+switch-master` and of the old master, here after it and of the new one: clients are told as soon as it
 * takes writes, whatever its slaves still have to fetch.
 */
const LATER_HERE: readonly (readonly [there: string, here: string])[] = [
  ...['sent', 'inprog', 'done'].map(
    (step) =>
      [`+slave-reconf-${step} slave S S @ NAME M`, `+slave-reconf-${step} slave S S @ NAME N`] as const,
  ),
  ['+failover-end master NAME M', '+failover-end master NAME N'],
];

function compare(scenario: Scenario, role: Role, real: readonly string[], ours: readonly string[]): void {
  const shown = `\nthere:\n  ${real.join('\n  ')}\nhere:\n  ${ours.join('\n  ')}\n`;
  let [left, right] = [real, ours];
  for (const { kind, messages, reason } of DIFFERENT.filter(
    (one) => one.in.includes(scenario) && one.at.includes(role),
  )) {
    const [said, told] = [real, ours].map((all) => all.filter((words) => messages.test(words)).length);
    if (kind === 'only there')
      assert.ok(said !== 0 && told === 0, `${messages} (${reason}) differs still${shown}`);
    if (kind === 'only here')
      assert.ok(said === 0 && told !== 0, `${messages} (${reason}) differs still${shown}`);
    left = left.filter((words) => !messages.test(words));
    right = right.filter((words) => !messages.test(words));
  }
  if (role === 'leader' && scenario !== 'returned') {
    const isEarly = (words: string): boolean => LATER_HERE.some(([early]) => early === words);
    const isLate = (words: string): boolean => LATER_HERE.some(([, late]) => late === words);
    assert.deepEqual(
      left.filter(isEarly),
      LATER_HERE.map(([early]) => early),
      shown,
    );
    assert.deepEqual(
      right.filter(isLate),
      LATER_HERE.map(([, late]) => late),
      shown,
    );
    const isSwitch = (words: string): boolean => words.startsWith('+switch-master ');
    assert.ok(left.findLastIndex(isEarly) < left.findIndex(isSwitch), `it comes before the switch${shown}`);
    assert.ok(right.findIndex(isLate) > right.findIndex(isSwitch), `it comes after the switch${shown}`);
    left = left.filter((words) => !isEarly(words));
    right = right.filter((words) => !isLate(words));
  }
  assert.deepEqual(right, left, shown);
}

const isSlaveM = (channel: string) => (words: string) => words.startsWith(`${channel} slave M `);

/** Until each real one, and each of ours, has said its last word about it. */
async function settled(
  group: GroupName,
  fromMs: number,
  isLastThere: (words: string) => boolean,
  lastHere: readonly ((words: string) => boolean)[],
): Promise<void> {
  const saysAll = (side: Side, wanted: readonly ((words: string) => boolean)[]): boolean =>
    side.vantages.every((vantage) => {
      const all = sequence(side, vantage, group, fromMs);
      return wanted.every((isWanted) => all.some(isWanted));
    });
  await eventually('each Sentinel says its last', () => saysAll(there, [isLastThere]), PATIENCE_MS);
  await eventually('each node says its last', () => saysAll(here, lastHere), PATIENCE_MS);
}

function compareAll(scenario: Scenario, group: GroupName, fromMs: number): void {
  for (const [at, sentinel] of there.vantages.entries()) {
    for (const node of here.vantages) {
      const [real, ours] = [sequence(there, sentinel, group, fromMs), sequence(here, node, group, fromMs)];
      compare(scenario, at === 0 ? 'leader' : 'others', real, ours);
    }
  }
}

describe('events of a failover, compared with those of real Sentinels', () => {
  let killedMs = 0;

  it('a planned one', async () => {
    const fromMs = performance.now();
    const [node] = ground.tier.nodes;
    const replies = await Promise.all([
      answers(sentinelPort, ['SENTINEL FAILOVER planned', 'END']),
      answers(node.sentinelPort, [`AUTH ${ground.tier.token}`, 'SENTINEL FAILOVER planned', 'END']),
    ]);
    assert.deepEqual(
      replies.map((text) => text.split('-ERR unknown')[0]),
      ['+OK\r\n', '+OK\r\n+OK\r\n'],
    );
    await settled('planned', fromMs, isSlaveM('+slave'), [
      isSlaveM('+slave-reconf-done'),
      (words) => words.startsWith('+failover-end '),
    ]);
    compareAll('planned', 'planned', fromMs);
  });

  it('after the master was killed', async () => {
    killedMs = performance.now();
    await Promise.all([realMasters.get('killed')?.kill(), ground.groups[1]?.servers[0]?.redis.kill()]);
    await settled('killed', killedMs, isSlaveM('+sdown'), [
      isSlaveM('+sdown'),
      (words) => words.startsWith('+failover-end '),
    ]);
    compareAll('killed', 'killed', killedMs);
  });

  it('once the old master is back', async () => {
    const fromMs = performance.now();
    await Promise.all([realMasters.get('killed')?.start(), ground.groups[1]?.servers[0]?.redis.start()]);
    await settled('killed', fromMs, isSlaveM('-sdown'), [
      isSlaveM('-sdown'),
      isSlaveM('+replica-reconf-done'),
    ]);
    compareAll('returned', 'killed', fromMs);
  });

  it('is the same in both protocols', () => {
    for (const vantage of [...there.vantages, ...here.vantages]) {
      for (const group of GROUPS) {
        const [two, three] = ([2, 3] as const).map((protocol) => heardOf(vantage, group, 0, protocol));
        assert.ok(two !== undefined && three !== undefined && two.length > 0);
        assert.deepEqual(three.map(wordsOf), two.map(wordsOf), vantage.name);
        assert.ok(two.every(({ frame }) => frame === '*4'));
        assert.ok(three.every(({ frame }) => frame === '>4'));
      }
    }
  });
});
