/** What clients do all day. */
import { eventually } from '../../../support/eventually.ts';
import type { Agent, Got } from '../agent.ts';
import type { RocketmqGround } from '../ground.ts';
import type { Findings, Row } from '../row.ts';
import { createTopics, EVERYWHERE, ORDERED } from '../topics.ts';

const COUNT = 200;
const KEYS = 8;
const DELAYED = 10;
/** The second of the levels that brokers come with. */
const DELAY = { level: 2, ms: 5_000 } as const;
/** That they come late is a matter of the machine; that they come at all, and not before, is what is looked at. */
const LATE_MS = 50_000;
const CONSUME_TIMEOUT_MS = 60_000;

async function until(count: number, got: () => readonly Got[], findings: Findings): Promise<void> {
  await eventually(`${count} messages`, () => got().length >= count, CONSUME_TIMEOUT_MS).catch(() =>
    findings.wrong.push(`${got().length} of ${count} messages were consumed`),
  );
}

async function sendAndConsume(ground: RocketmqGround, findings: Findings): Promise<void> {
  const inIdc = async ([idc, agent]: readonly [string, Agent]): Promise<void> => {
    const name = `plain-${idc}`;
    await agent.ask('consume', name, EVERYWHERE, 'together');
    const { taken, last } = await agent.send(name, EVERYWHERE, { count: COUNT });
    findings.expect(taken === COUNT, `from ${idc} ${taken} of ${COUNT} were taken, the last with ${last}`);
    const got = (): readonly Got[] => agent.gotBy(name).filter(({ of }) => of === name);
    await until(COUNT, got, findings);
    findings.expect(new Set(got().map(({ n }) => n)).size === got().length, `${idc} got some twice`);
    await agent.ask('close', name);
  };
  await Promise.all(Object.entries(ground.agents).map(inIdc));
  findings.figure('sent and consumed', COUNT * Object.keys(ground.agents).length);
}

async function inOrder(ground: RocketmqGround, findings: Findings): Promise<void> {
  const agent = ground.agents['idc-b'];
  const name = 'in-order';
  await agent.ask('consume', name, ORDERED, 'orderly');
  const { taken } = await agent.send(name, ORDERED, { count: COUNT, keys: KEYS });
  findings.expect(taken === COUNT, `${taken} of ${COUNT} were taken`);
  const got = (): readonly Got[] => agent.gotBy(name);
  await until(COUNT, got, findings);
  for (let key = 0; key < KEYS; key += 1) {
    const numbers = got().flatMap((one) => (one.key === String(key) ? [one.n] : []));
    const isInOrder = numbers.every((n, at) => at === 0 || n > (numbers[at - 1] ?? n));
    findings.expect(numbers.length > 0 && isInOrder, `key ${key} came as ${numbers.join(', ')}`);
  }
  await agent.ask('close', name);
  findings.figure('sent and consumed', COUNT);
}

async function delayed(ground: RocketmqGround, findings: Findings): Promise<void> {
  const agent = ground.agents['idc-b'];
  const name = 'delayed';
  await agent.ask('consume', name, EVERYWHERE, 'together');
  await agent.ask('delayed', name, EVERYWHERE, DELAYED, DELAY.level);
  const got = (): readonly Got[] => agent.gotBy(name).filter(({ of }) => of === name);
  await until(DELAYED, got, findings);
  const after = got().map(({ afterMs }) => afterMs);
  const isInTime = after.every((ms) => ms >= DELAY.ms && ms < DELAY.ms + LATE_MS);
  findings.expect(isInTime, `they came after ${after.join(', ')} ms`);
  await agent.ask('close', name);
  findings.figure('came after', Math.max(...after), 'ms');
}

export const TOPICS_ROW: Row = {
  name: 'topics',
  what: 'mqadmin makes topics, over the cluster and in one broker set; every node has their routes',
  run: async (ground, findings) => {
    const startedMs = performance.now();
    const printed = await createTopics(ground);
    for (const text of printed)
      findings.expect(/create topic to .* success/.test(text), `mqadmin printed: ${text.trim()}`);
    findings.figure('made and routed', Math.round(performance.now() - startedMs), 'ms');
  },
};

export const MESSAGE_ROWS: readonly Row[] = [
  {
    name: 'send-and-consume',
    what: 'a producer and a push consumer in either IDC, each message once',
    sideBySide: true,
    run: sendAndConsume,
  },
  {
    name: 'orderly',
    what: `orderly messages of ${KEYS} keys, each key in its order`,
    sideBySide: true,
    run: inOrder,
  },
  {
    name: 'delayed',
    what: 'delayed messages, at their time and not before',
    sideBySide: true,
    run: delayed,
  },
];
