import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrokerAnswer, RocketmqPort } from '../../src/core/coordinator/broker-sets/rocketmq-port.ts';
import type { TimerPort } from '../../src/core/node/ports.ts';
import { askBrokersInTurn, measuredRocketmq, rocketmqAnswers } from '../../src/main/rocketmq-answers.ts';
import { createMetrics } from '../../src/platform/metrics.ts';
import { addressOf, applyId, BROKER_A } from '../core/metadata/broker-set-fixture.ts';
import { fakeNode, must } from '../doors/http/fake-node.ts';

const answered: BrokerAnswer = {
  kind: 'answered',
  answerMs: 2,
  epochs: null,
  maxOffset: 1n,
  brokerId: 0,
  brokerName: BROKER_A,
};

/** Timers that a test lets run out. */
function timers() {
  const due: (() => void)[] = [];
  const port: TimerPort = {
    after: (_delayMs, action) => {
      due.push(action);
      return () => {
        const position = due.indexOf(action);
        if (position >= 0) due.splice(position, 1);
      };
    },
  };
  return { port, due, tick: () => due.shift()?.() };
}

function scenery(brokers: number) {
  const node = fakeNode();
  for (let id = 1; id <= brokers; id += 1) must(node.apply(applyId(id)));
  const measures = createMetrics();
  const answers = rocketmqAnswers(measures, node);
  const asked: string[] = [];
  let answer: BrokerAnswer = answered;
  const port: RocketmqPort = {
    ask: async (address, { kind }) => {
      asked.push(`${kind} ${address}`);
      return answer;
    },
    close: async () => undefined,
  };
  const measured = measuredRocketmq(port, (address, came) => answers.answered(address, came));
  const page = async (): Promise<readonly string[]> => (await measures.text()).split('\n');
  return { node, answers, measured, asked, page, answerWith: (one: BrokerAnswer) => (answer = one) };
}

const labelsOf = (id: number): string =>
  `broker_set="DefaultCluster/broker-a",broker="${id}",vantage="node-a"`;

test('what probes of this node come to is measured by broker; nothing where it was never asked', async () => {
  const { measured, answerWith, page } = scenery(2);
  const probe = () => measured.ask(addressOf(1), { kind: 'probe' }, 100);
  assert.deepEqual(await probe(), answered);
  for (const one of [
    { kind: 'silent', waitedMs: 100 },
    { kind: 'silent', waitedMs: 0 },
    { kind: 'refused', error: 'x' },
  ] as const) {
    answerWith(one);
    await probe();
  }
  answerWith(answered);
  await measured.ask('10.9.9.9:1', { kind: 'probe' }, 100);
  const shown = (await page()).filter((line) => /^pollux_broker_answer/.test(line) && !/bucket/.test(line));
  assert.deepEqual(shown, [
    `pollux_broker_answer_seconds_sum{${labelsOf(1)}} 0.002`,
    `pollux_broker_answer_seconds_count{${labelsOf(1)}} 1`,
    `pollux_broker_answer_failures_total{${labelsOf(1)},outcome="silent"} 1`,
    `pollux_broker_answer_failures_total{${labelsOf(1)},outcome="refused"} 1`,
  ]);
});

test('a broker that is cleaned away is not shown any more', async () => {
  const { node, answers, measured, answerWith, page } = scenery(1);
  await measured.ask(addressOf(1), { kind: 'probe' }, 100);
  answerWith({ kind: 'disconnected', error: 'x' });
  await measured.ask(addressOf(1), { kind: 'probe' }, 100);
  answers.keepOnly();
  assert.ok((await page()).some((line) => line.includes(labelsOf(1))));
  must(node.apply({ type: 'brokerSet.clean', name: BROKER_A, brokerIds: null, by: 'operator', wallMs: 6 }));
  answers.keepOnly();
  assert.ok(!(await page()).some((line) => line.includes(labelsOf(1))));
});

test('every broker is asked once in ten seconds, a few at a time, until it is stopped', () => {
  const { node, measured, asked } = scenery(25);
  const { port, due, tick } = timers();
  const asking = askBrokersInTurn(measured, node, port);
  let most = 0;
  for (let second = 0; second < 10; second += 1) {
    const before = asked.length;
    tick();
    most = Math.max(most, asked.length - before);
  }
  assert.equal(new Set(asked).size, 25);
  assert.equal(asked.length, 25);
  assert.ok(most <= 3, `${most} at once`);
  for (let second = 0; second < 10; second += 1) tick();
  assert.equal(asked.length, 50);
  asking.stop();
  assert.deepEqual(due, []);
});
