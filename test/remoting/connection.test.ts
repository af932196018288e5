import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestOutcome } from '../../src/remoting/connection.ts';
import { endText } from '../../src/remoting/connection-end.ts';
import {
  createRequest,
  createResponse,
  type RemotingCommand,
  type ResponseParts,
} from '../../src/remoting/remoting-command.ts';
import { REQUEST } from '../../src/remoting/request-codes.ts';
import { RESPONSE } from '../../src/remoting/response-codes.ts';
import { eventually } from '../support/eventually.ts';
import { bytesOf, join } from './raw-peer.ts';

const LONG_MS = 20_000;
const PROBE = { code: REQUEST.getBrokerEpochCache };

const asks = (opaque: number, more: Partial<RemotingCommand> = {}): RemotingCommand => ({
  ...createRequest({ code: REQUEST.getRouteInfoByTopic, opaque }),
  ...more,
});
const says = (text: string): ResponseParts => ({ code: RESPONSE.success, body: Buffer.from(text) });
const answerOf = (outcome: RequestOutcome): string =>
  outcome.kind === 'answered' ? String(outcome.answer.body) : outcome.kind;
/** Answers with what it was asked. */
const echo = (request: RemotingCommand): ResponseParts => says(String(request.body));
const nobodyAsks = (): ResponseParts => assert.fail('nobody asks');

/** An answer that is given when the test says so. */
function held(): { readonly answer: Promise<ResponseParts>; readonly give: (parts: ResponseParts) => void } {
  let give: (parts: ResponseParts) => void = () => undefined;
  const answer = new Promise<ResponseParts>((resolve) => {
    give = resolve;
  });
  return { answer, give };
}

test('answers find their requests, in whatever order they come', async (t) => {
  const { connection, peer } = await join(t, nobodyAsks);
  const outcomes = Promise.all([1, 2, 3].map(() => connection.request(PROBE, LONG_MS)));
  const requests = await peer.receives(3);
  assert.deepEqual(
    requests.map(({ code, isOneWay, isResponse }) => [code, isOneWay, isResponse]),
    [1, 2, 3].map(() => [REQUEST.getBrokerEpochCache, false, false]),
  );
  assert.equal(new Set(requests.map(({ opaque }) => opaque)).size, 3);
  for (const request of requests.toReversed())
    peer.send(createResponse(request, says(`to ${requests.indexOf(request)}`)));
  assert.deepEqual((await outcomes).map(answerOf), ['to 0', 'to 1', 'to 2']);
});

test('an answer with an error code is an answer, and a command with the opaque of a request is none', async (t) => {
  const { connection, peer } = await join(t, echo);
  const outcome = connection.request(PROBE, LONG_MS);
  const [request] = await peer.receives(1);
  assert.ok(request);
  peer.send(asks(request.opaque, { body: Buffer.from('a question of its own') }));
  await peer.receives(2);
  peer.send(createResponse(request, { code: RESPONSE.systemError, remark: 'not in controller mode' }));
  const seen = await outcome;
  assert.equal(seen.kind, 'answered');
  assert.deepEqual(seen.kind === 'answered' && [seen.answer.code, seen.answer.remark], [
    RESPONSE.systemError,
    'not in controller mode',
  ]);
});

test('a request without an answer ends at its deadline, and its answer is of no use to the next one', async (t) => {
  const { connection, peer } = await join(t, nobodyAsks);
  assert.deepEqual(await connection.request(PROBE, 20), { kind: 'silent', waitedMs: 20 });
  const [late] = await peer.receives(1);
  assert.ok(late);
  const next = connection.request(PROBE, LONG_MS);
  const [, request] = await peer.receives(2);
  assert.ok(request);
  peer.send(createResponse(late, says('late')), createResponse(request, says('in time')));
  assert.equal(answerOf(await next), 'in time');
  assert.equal(connection.isOpen(), true);
});

test('what has arrived when a stall of this process is over is in time', async (t) => {
  const { connection, peer } = await join(t, nobodyAsks);
  const deadlineMs = performance.now() + 500;
  const outcome = connection.request(PROBE, 500);
  const [request] = await peer.receives(1);
  assert.ok(request);
  // After this phase of the event loop come its timers, and then its sockets.
  await new Promise(setImmediate);
  peer.send(createResponse(request, says('meanwhile')));
  const until = deadlineMs + 50;
  while (performance.now() < until);
  assert.equal(answerOf(await outcome), 'meanwhile');
});

test('frames come in any pieces: byte by byte, or many at once', async (t) => {
  const { peer } = await join(t, echo);
  const bytes = Buffer.concat(
    [1, 2].map((opaque) => bytesOf(asks(opaque, { body: Buffer.from(`body ${opaque}`) }))),
  );
  for (const byte of bytes) {
    peer.socket.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  peer.send(...[3, 4, 5].map((opaque) => asks(opaque, { body: Buffer.from(`body ${opaque}`) })));
  const answers = await peer.receives(5);
  assert.deepEqual(
    answers.map(({ opaque, isResponse, body }) => [opaque, isResponse, String(body)]),
    [1, 2, 3, 4, 5].map((opaque) => [opaque, true, `body ${opaque}`]),
  );
});

test('answers go out when they are ready, in the way of writing that was asked in; one-ways get none', async (t) => {
  const slow = held();
  const { peer } = await join(t, (request) =>
    String(request.body) === 'slow' ? slow.answer : echo(request),
  );
  peer.send(
    asks(-7, { body: Buffer.from('slow'), serializeType: 'rocketmq' }),
    asks(8, { isOneWay: true }),
    asks(9, { body: Buffer.from('quick') }),
  );
  await peer.receives(1);
  slow.give(says('at last'));
  const answers = await peer.receives(2);
  assert.deepEqual(
    answers.map(({ opaque, serializeType, body }) => [opaque, serializeType, String(body)]),
    [
      [9, 'json', 'quick'],
      [-7, 'rocketmq', 'at last'],
    ],
  );
});

test('a one-way of this side is marked as one', async (t) => {
  const { connection, peer } = await join(t, nobodyAsks);
  connection.tell({ code: REQUEST.notifyBrokerRoleChanged, body: Buffer.from('{}') });
  const [told] = await peer.receives(1);
  assert.deepEqual(
    [told?.code, told?.isOneWay, String(told?.body)],
    [REQUEST.notifyBrokerRoleChanged, true, '{}'],
  );
});

test('a bug in serving one request is told, answered with an error, and hurts no other', async (t) => {
  const { peer, bugs } = await join(t, (request) => {
    if (request.opaque === 1) throw new Error('at once');
    return request.opaque === 2 ? Promise.reject(new Error('later')) : echo(request);
  });
  peer.send(asks(1), asks(2), asks(3));
  const answers = await peer.receives(3);
  assert.deepEqual(
    new Map(answers.map(({ opaque, code }) => [opaque, code])),
    new Map([
      [1, RESPONSE.systemError],
      [2, RESPONSE.systemError],
      [3, RESPONSE.success],
    ]),
  );
  assert.deepEqual(bugs, ['at once', 'later']);
});

test('an answer that no frame can hold is an error in its place', async (t) => {
  const { peer } = await join(t, () => ({ code: RESPONSE.success, body: Buffer.alloc(16 * 1024 * 1024) }));
  peer.send(asks(1));
  const [answer] = await peer.receives(1);
  assert.deepEqual([answer?.opaque, answer?.code, answer?.body.length], [1, RESPONSE.systemError, 0]);
});

test('large and small answers keep their order', async (t) => {
  const sizes = [10, 300_000, 20, 100_000, 65_536, 30];
  const { peer } = await join(
    t,
    ({ opaque }) => ({ code: RESPONSE.success, body: Buffer.alloc(sizes[opaque] ?? 0, opaque) }),
    { outgoingBytes: 1024 * 1024 },
  );
  peer.send(...sizes.map((_, opaque) => asks(opaque)));
  const answers = await peer.receives(sizes.length);
  assert.deepEqual(
    answers.map(({ opaque, body }) => [opaque, body.length, body.every((byte) => byte === opaque)]),
    sizes.map((size, opaque) => [opaque, size, true]),
  );
});

test('what is no frame ends the connection, and the requests that wait on it', async (t) => {
  const { connection, peer, ended } = await join(t, nobodyAsks);
  const outcome = connection.request(PROBE, LONG_MS);
  await peer.receives(1);
  peer.socket.write('GET / HTTP/1.1\r\n\r\n');
  const end = await ended();
  assert.equal(end.kind, 'malformed');
  assert.match(endText(end), /no frame: expected a frame of/);
  assert.deepEqual(await outcome, { kind: 'ended', end });
  await peer.closes();
});

test('no more requests are read than may be under way', async (t) => {
  const waiting: ReturnType<typeof held>[] = [];
  const { peer } = await join(
    t,
    () => {
      const one = held();
      waiting.push(one);
      return one.answer;
    },
    { served: 2 },
  );
  peer.send(...[1, 2, 3, 4, 5].map((opaque) => asks(opaque)));
  await eventually('two are served', () => waiting.length === 2);
  peer.send(asks(6));
  await new Promise((done) => setTimeout(done, 20));
  assert.equal(waiting.length, 2);
  for (let given = 0; given < 6; given += 1) {
    await eventually('the next is served', () => waiting.length > given);
    assert.ok(waiting.length <= given + 2);
    waiting[given]?.give(says('done'));
  }
  assert.deepEqual(
    (await peer.receives(6)).map(({ opaque }) => opaque),
    [1, 2, 3, 4, 5, 6],
  );
});

test('while answers are not read no more requests are, and all are answered once they are', async (t) => {
  const BODY = Buffer.alloc(8 * 1024, 'x');
  const COUNT = 4_000;
  let served = 0;
  const { peer, ends } = await join(t, () => {
    served += 1;
    return { code: RESPONSE.success, body: BODY };
  });
  peer.socket.pause();
  for (let opaque = 0; opaque < COUNT; opaque += 1) peer.send(asks(opaque));
  // What both systems buffer is a few megabytes; all answers together are more.
  let before = -1;
  await eventually('serving comes to a stop', async () => {
    before = served;
    await new Promise((done) => setTimeout(done, 200));
    return served > 0 && served === before;
  });
  assert.ok(served < COUNT, `${served} were served though nobody reads`);
  peer.socket.resume();
  const answers = await peer.receives(COUNT);
  assert.equal(new Set(answers.map(({ opaque }) => opaque)).size, COUNT);
  assert.deepEqual(ends, []);
});

test('who lets too much wait that it did not ask for is cut off', async (t) => {
  const { connection, peer, ended } = await join(t, nobodyAsks, { outgoingBytes: 64 * 1024 });
  peer.socket.pause();
  const body = Buffer.alloc(16 * 1024);
  let told = 0;
  while (connection.isOpen() && told < 2_000) {
    connection.tell({ code: REQUEST.notifyMinBrokerIdChange, body });
    told += 1;
    await new Promise(setImmediate);
  }
  const end = await ended();
  assert.equal(end.kind, 'slowReader');
  assert.ok(end.kind === 'slowReader' && end.waitingBytes <= 64 * 1024 + body.length + 1024);
});

test('no more requests are sent than may wait, and a place is free again after each outcome', async (t) => {
  const { connection, peer } = await join(t, nobodyAsks, { asked: 2 });
  const first = connection.request(PROBE, LONG_MS);
  assert.equal((await connection.request(PROBE, 10)).kind, 'silent');
  const second = connection.request(PROBE, LONG_MS);
  assert.deepEqual(await connection.request(PROBE, LONG_MS), { kind: 'tooMany' });
  const requests = await peer.receives(3);
  peer.send(...requests.map((request) => createResponse(request, says('yes'))));
  assert.deepEqual((await Promise.all([first, second])).map(answerOf), ['yes', 'yes']);
  assert.equal((await connection.request(PROBE, 10)).kind, 'silent');
});

test('it ends once, for the reason that came first', async (t) => {
  const quiet = await join(t, nobodyAsks, { idleMs: 50 });
  assert.deepEqual(await quiet.ended(), { kind: 'idle', idleMs: 50 });
  await quiet.peer.closes();

  const finished = await join(t, nobodyAsks);
  finished.peer.socket.end();
  assert.deepEqual(await finished.ended(), { kind: 'closedByOther' });

  const killed = await join(t, nobodyAsks);
  killed.peer.socket.resetAndDestroy();
  assert.match(endText(await killed.ended()), /ECONNRESET/);

  const destroyed = await join(t, nobodyAsks);
  destroyed.connection.destroy('of no more use');
  destroyed.connection.destroy('asked again');
  destroyed.connection.close('asked once more');
  const end = { kind: 'closedHere', why: 'of no more use' } as const;
  assert.deepEqual(await destroyed.ended(), end);
  assert.deepEqual(await destroyed.connection.request(PROBE, LONG_MS), { kind: 'ended', end });
  destroyed.connection.tell(PROBE);
  await destroyed.peer.closes();
  assert.equal(destroyed.peer.received.length, 0);
  for (const { ends } of [quiet, finished, killed, destroyed]) assert.equal(ends.length, 1);
});

test('a close in good order writes out what waits', async (t) => {
  const { connection, peer, ended } = await join(t, nobodyAsks);
  connection.tell({ code: REQUEST.notifyMinBrokerIdChange, body: Buffer.alloc(200_000, 'x') });
  connection.tell({ code: REQUEST.notifyMinBrokerIdChange, body: Buffer.from('last words') });
  connection.close('this node stops');
  assert.equal(connection.isOpen(), false);
  assert.deepEqual(await ended(), { kind: 'closedHere', why: 'this node stops' });
  await peer.closes();
  assert.equal(String(peer.received.at(-1)?.body), 'last words');
});

test('a close does not wait for ever for who reads nothing', async (t) => {
  const { connection, peer, ended } = await join(t, nobodyAsks, { outgoingBytes: 64 * 1024 * 1024 });
  peer.socket.pause();
  const body = Buffer.alloc(1024 * 1024);
  for (let told = 0; told < 16; told += 1) connection.tell({ code: REQUEST.notifyMinBrokerIdChange, body });
  connection.close('this node stops');
  assert.equal((await ended()).kind, 'closedHere');
});
