import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerAsks } from '../../../../src/core/coordinator/broker-sets/broker-asks.ts';
import type { BrokerAnswer } from '../../../../src/core/coordinator/broker-sets/rocketmq-port.ts';
import { createMetadata } from '../../../../src/core/metadata/apply.ts';
import { nodeName, term } from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { leadingContext } from '../leading-context.ts';

const PEER = nodeName('pollux-b');
const at = (monotonicMs: number) => ({ monotonicMs, wallMs: monotonicMs });
const PROBE = { address: '10.0.0.1:10911', ask: { kind: 'probe' }, timeoutMs: 300 } as const;
const SILENT: BrokerAnswer = { kind: 'silent', waitedMs: 300 };

function scenery() {
  const context = leadingContext(() => createMetadata());
  const asks = new BrokerAsks(context);
  const heard: BrokerAnswer[] = [];
  const note = (answer: BrokerAnswer): void => void heard.push(answer);
  return { context, asks, heard, note };
}

test('a question goes to the port, or to the node that is to ask it, and its answer to whoever asked', () => {
  const { context, asks, heard, note } = scenery();
  asks.ask(PROBE, null, at(0), note);
  asks.ask(PROBE, PEER, at(0), note);
  const [own, sent] = context.takeEffects();
  assert.ok(own?.kind === 'askBroker' && own.address === PROBE.address);
  assert.ok(sent?.kind === 'send' && sent.to === PEER && sent.message.type === 'askBroker');
  asks.answered(own.askId, { kind: 'acknowledged' }, at(10));
  const { askId } = sent.message;
  asks.relayAnswered({ type: 'brokerAnswered', term: term(1), askId, answer: SILENT }, at(20));
  assert.deepEqual(heard, [{ kind: 'acknowledged' }, SILENT]);
  asks.answered(own.askId, SILENT, at(30));
  assert.equal(heard.length, 2, 'each is answered once');
});

test('what does not come in time is silence, and what comes later is nobody’s', () => {
  const { context, asks, heard, note } = scenery();
  asks.ask(PROBE, PEER, at(0), note);
  const [sent] = context.takeEffects();
  assert.ok(sent?.kind === 'send' && sent.message.type === 'askBroker');
  asks.expire(at(799));
  assert.deepEqual(heard, []);
  asks.expire(at(800));
  assert.deepEqual(heard, [{ kind: 'silent', waitedMs: 800 }]);
  const { askId } = sent.message;
  asks.relayAnswered({ type: 'brokerAnswered', term: term(1), askId, answer: SILENT }, at(900));
  assert.equal(heard.length, 1);
});

test('nothing asked in one term is answered in another', () => {
  const { context, asks, heard, note } = scenery();
  asks.ask(PROBE, PEER, at(0), note);
  const [sent] = context.takeEffects();
  assert.ok(sent?.kind === 'send' && sent.message.type === 'askBroker');
  const { askId } = sent.message;
  asks.relayAnswered({ type: 'brokerAnswered', term: term(0), askId, answer: SILENT }, at(1));
  assert.deepEqual(heard, []);
  asks.clear();
  asks.relayAnswered({ type: 'brokerAnswered', term: term(1), askId, answer: SILENT }, at(2));
  asks.expire(at(10_000));
  assert.deepEqual(heard, []);
});

test('a node asks for its leader, and for nobody else, and gives the answer back under the leader’s number', () => {
  const { context, asks } = scenery();
  const question = { type: 'askBroker', term: term(1), askId: 77, ...PROBE } as const;
  asks.relay(PEER, question);
  assert.deepEqual(context.takeEffects(), [], 'not the leader');
  context.leadership = { term: term(2), leader: PEER, leading: false, leaseUntilMs: 0 };
  asks.relay(PEER, question);
  assert.deepEqual(context.takeEffects(), [], 'a term that is over');
  asks.relay(PEER, { ...question, term: term(2) });
  const [effect] = context.takeEffects();
  assert.ok(effect?.kind === 'askBroker');
  const epochs = Array.from({ length: 100 }, (_, epoch) => ({ epoch, startOffset: 0n, endOffset: 1n }));
  const answered = { kind: 'answered', answerMs: 1, maxOffset: 9n, brokerId: 1, brokerName: 'a' } as const;
  asks.answered(effect.askId, { ...answered, epochs }, at(5));
  const [sent] = context.takeEffects();
  assert.ok(sent?.kind === 'send' && sent.to === PEER && sent.message.type === 'brokerAnswered');
  assert.equal(sent.message.askId, 77);
  assert.ok(sent.message.answer.kind === 'answered');
  assert.equal(sent.message.answer.epochs?.at(-1)?.epoch, 99);
  assert.ok((sent.message.answer.epochs?.length ?? 0) < 100);
});

test('more questions than a leader may have out are not asked, and say so at once', () => {
  const { context, asks, heard, note } = scenery();
  for (let asked = 0; asked < LIMITS.brokerAsksOut; asked += 1) asks.ask(PROBE, null, at(0), note);
  assert.deepEqual(heard, []);
  context.takeEffects();
  asks.ask(PROBE, null, at(0), note);
  assert.deepEqual(heard, [{ kind: 'silent', waitedMs: 0 }]);
  assert.deepEqual(context.takeEffects(), []);
});
