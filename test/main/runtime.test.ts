import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import type { RocketmqPort } from '../../src/core/coordinator/broker-sets/rocketmq-port.ts';
import { createMetadata } from '../../src/core/metadata/apply.ts';
import type { NodeEffect, NodeInput } from '../../src/core/node/inputs.ts';
import type { PeerMessage } from '../../src/core/node/peer-message.ts';
import type { LogPort } from '../../src/core/node/ports.ts';
import {
  clusterName,
  groupKey,
  groupName,
  nodeName,
  replicaId,
  siteName,
  term,
} from '../../src/core/primitives/identifiers.ts';
import { accepted } from '../../src/core/primitives/refusal.ts';
import { type RunnableLoop, Runtime } from '../../src/main/runtime.ts';

const SELF = nodeName('node-a');
const PEER = nodeName('node-b');
const TARGET = {
  group: groupKey(clusterName('default'), groupName('orders-a')),
  replica: replicaId('orders-a-1'),
  address: '127.0.0.1:1',
};
const PERSIST: NodeEffect = {
  kind: 'persist',
  persistId: 7,
  batch: { hardState: null, snapshot: null, truncateFrom: null, entries: [], compactBelow: null },
};

let stop: () => void = () => undefined;
afterEach(() => stop());

/** A loop that answers each input with what the test says, around ports that remember. */
function scenery(
  answer: (input: NodeInput) => readonly NodeEffect[],
  persist: LogPort['persist'],
  rocketmq: RocketmqPort | null = null,
) {
  const inputs: NodeInput[] = [];
  const fatal: unknown[] = [];
  const waiting: { readonly kind: NodeInput['kind']; readonly found: (input: NodeInput) => void }[] = [];
  let depth = 0;
  let receive: (from: typeof PEER, message: PeerMessage) => void = () => undefined;
  const loop: RunnableLoop = {
    step: (input) => {
      assert.equal(depth, 0, 'inputs never nest');
      depth += 1;
      if (input.kind !== 'tick') inputs.push(input);
      for (const { kind, found } of waiting) if (kind === input.kind) found(input);
      const effects = answer(input);
      depth -= 1;
      return effects;
    },
    state: () => createMetadata(),
    routesRevision: () => 0,
    isCurrent: () => true,
    evidence: () => [],
    brokerEvidence: () => [],
    alerts: () => [],
    status: () => ({
      node: SELF,
      site: siteName('idc-a'),
      role: 'follower',
      term: term(1),
      leader: PEER,
      commitIndex: 0,
      appliedIndex: 0,
      lastIndex: 0,
      snapshotIndex: 0,
      leaderHeardMsAgo: 0,
    }),
  };
  let ended: (error: unknown) => void = () => undefined;
  const end = new Promise<unknown>((resolve) => {
    ended = resolve;
  });
  const runtime = new Runtime(loop, {
    clock: { now: () => ({ monotonicMs: 0, wallMs: 0 }) },
    log: { load: async () => assert.fail('loaded'), persist, close: async () => undefined },
    transport: {
      send: () => undefined,
      onMessage: (handler) => {
        receive = handler;
      },
      start: async () => undefined,
      close: async () => undefined,
    },
    drivers: new Map(),
    rocketmq,
    heartbeats: { note: () => undefined, hold: async () => assert.fail('held') },
    writeLog: () => undefined,
    onFatal: (error) => {
      fatal.push(error);
      ended(error);
    },
  });
  stop = () => runtime.stop();
  const next = (kind: NodeInput['kind']): Promise<NodeInput> =>
    new Promise((found) => {
      waiting.push({ kind, found });
    });
  const fromPeer = (): void => receive(PEER, { kind: 'raft', message: { type: 'timeoutNow', term: 1 } });
  return { runtime, inputs, fatal, end, next, fromPeer };
}

const onRequest =
  (effect: NodeEffect) =>
  (input: NodeInput): readonly NodeEffect[] =>
    input.kind === 'request' ? [effect] : [];
const neverDone = (): Promise<void> => new Promise(() => undefined);
const READ = { type: 'readBarrier' } as const;

test('until it is started, a node keeps still and says so', async () => {
  const { runtime, inputs, fromPeer } = scenery(() => [], neverDone);
  fromPeer();
  runtime.input({ kind: 'stalled', stalledMs: 5 });
  const reply = await runtime.face().submit(READ);
  assert.ok(!reply.ok && reply.refusal.code === 'noLeader');
  assert.deepEqual(inputs, []);
  runtime.start();
  fromPeer();
  assert.deepEqual(
    inputs.map(({ kind }) => kind),
    ['peer'],
  );
});

test('a batch that is on disk is reported with its number', async () => {
  const { runtime, next } = scenery(onRequest(PERSIST), async () => undefined);
  runtime.start();
  const persisted = next('persisted');
  void runtime.face().submit(READ);
  assert.deepEqual(await persisted, { kind: 'persisted', persistId: 7 });
});

test('a disk that cannot keep its promise ends the process, once, and nothing goes on', async () => {
  const { runtime, inputs, fatal, end } = scenery(
    (input) => (input.kind === 'request' ? [PERSIST, PERSIST] : []),
    async () => {
      throw new Error('no space left');
    },
  );
  runtime.start();
  const reply = runtime.face().submit(READ);
  assert.match(String(await end), /no space left/);
  const answered = await reply;
  assert.ok(!answered.ok && answered.refusal.code === 'timedOut', 'whoever waits is told');
  runtime.input({ kind: 'handOver' });
  assert.equal(fatal.length, 1);
  assert.deepEqual(
    inputs.map(({ kind }) => kind),
    ['request'],
  );
});

test('a broken invariant ends the process', async () => {
  const { runtime, end } = scenery((input) => {
    if (input.kind === 'peer') throw new Error('broken');
    return [];
  }, neverDone);
  runtime.start();
  runtime.input({
    kind: 'peer',
    from: PEER,
    message: { kind: 'raft', message: { type: 'timeoutNow', term: 1 } },
  });
  assert.match(String(await end), /broken/);
});

test('each request gets its own reply, also within its own step', async () => {
  const { runtime } = scenery(
    (input) =>
      input.kind === 'request'
        ? [
            {
              kind: 'reply',
              requestId: input.requestId,
              reply: accepted({ kind: 'current', index: input.requestId * 10 }),
            },
          ]
        : [],
    neverDone,
  );
  runtime.start();
  const replies = await Promise.all([runtime.face().submit(READ), runtime.face().submit(READ)]);
  assert.deepEqual(
    replies.map((reply) => (reply.ok && reply.value.kind === 'current' ? reply.value.index : null)),
    [10, 20],
  );
});

test('a stop answers what waits and refuses what comes', async () => {
  const { runtime } = scenery(() => [], neverDone);
  runtime.start();
  const face = runtime.face();
  const waiting = face.submit(READ);
  runtime.stop();
  const [left, late] = [await waiting, await face.submit(READ)];
  assert.ok(!left.ok && left.refusal.code === 'timedOut');
  assert.ok(!late.ok && late.refusal.code === 'noLeader');
  runtime.start();
  const still = await face.submit(READ);
  assert.ok(!still.ok && still.refusal.code === 'noLeader', 'a stopped node is not started again');
});

test('a kind of broker without settings: looking sees silence, steering says what is missing', async () => {
  const request = {
    steerId: 3,
    term: term(1),
    path: 0,
    target: TARGET,
    action: { kind: 'resumeWrites' },
  } as const;
  const { runtime, next } = scenery(
    (input) =>
      input.kind === 'request'
        ? [
            { kind: 'probe', broker: 'redis', probeId: 5, target: TARGET, timeoutMs: 100 },
            { kind: 'steer', broker: 'redis', request },
          ]
        : [],
    neverDone,
  );
  runtime.start();
  const both = Promise.all([next('freshlyProbed'), next('steered')]);
  void runtime.face().submit(READ);
  const [probed, steered] = await both;
  const ref = { group: TARGET.group, replica: TARGET.replica };
  assert.deepEqual(probed, {
    kind: 'freshlyProbed',
    probeId: 5,
    observation: { ref, fresh: true, outcome: { kind: 'silent', waitedMs: 0 } },
  });
  assert.ok(steered.kind === 'steered' && steered.result.outcome.kind === 'failed');
  assert.deepEqual([steered.result.steerId, steered.result.ref], [3, ref]);
  assert.match(steered.result.outcome.detail, /add a section "redis"/);
});

test('events reach everybody who listens, and nobody who has stopped', () => {
  const event = { type: 'leadership', index: 1, leader: PEER, term: term(1) } as const;
  const { runtime } = scenery(
    (input) => (input.kind === 'peer' ? [{ kind: 'publish', event }] : []),
    neverDone,
  );
  runtime.start();
  const heard: string[] = [];
  const leave = runtime.face().subscribe(() => heard.push('first'));
  runtime.face().subscribe(() => heard.push('second'));
  const message = { kind: 'raft', message: { type: 'timeoutNow', term: 1 } } as const;
  runtime.input({ kind: 'peer', from: PEER, message });
  leave();
  runtime.input({ kind: 'peer', from: PEER, message });
  assert.deepEqual(heard, ['first', 'second', 'second']);
});

test('what a loop gathers is settled behind everything that has happened by then', async () => {
  const { runtime, inputs, next } = scenery(
    (input) => (input.kind === 'request' && input.requestId === 1 ? [{ kind: 'settle' }] : []),
    neverDone,
  );
  runtime.start();
  const settled = next('settle');
  const face = runtime.face();
  void face.submit(READ);
  await Promise.resolve();
  void face.submit(READ);
  await settled;
  assert.deepEqual(
    inputs.map(({ kind }) => kind),
    ['request', 'request', 'settle'],
  );
});

const ASK: NodeEffect = {
  kind: 'askBroker',
  askId: 3,
  address: '10.0.0.1:10911',
  ask: { kind: 'probe' },
  timeoutMs: 300,
};

test('a node that serves no RocketMQ brokers takes each of them for silent', async () => {
  const { runtime, next } = scenery(onRequest(ASK), neverDone);
  runtime.start();
  const answered = next('brokerAnswered');
  void runtime.face().submit(READ);
  assert.deepEqual(await answered, {
    kind: 'brokerAnswered',
    askId: 3,
    answer: { kind: 'silent', waitedMs: 0 },
  });
});

test('what a RocketMQ broker answers comes back with the number of the question', async () => {
  const asked: string[] = [];
  const port: RocketmqPort = {
    ask: async (address, { kind }, timeoutMs) => {
      asked.push(`${address} ${kind} ${timeoutMs}`);
      return { kind: 'acknowledged' };
    },
    close: async () => undefined,
  };
  const { runtime, next } = scenery(onRequest(ASK), neverDone, port);
  runtime.start();
  const answered = next('brokerAnswered');
  void runtime.face().submit(READ);
  assert.deepEqual(await answered, { kind: 'brokerAnswered', askId: 3, answer: { kind: 'acknowledged' } });
  assert.deepEqual(asked, ['10.0.0.1:10911 probe 300']);
});
