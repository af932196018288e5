/** The takeover step by step: what is told to whom and when, and every way out of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accepted, type RefusalCode, refused } from '../../../src/core/primitives/refusal.ts';
import { declare, Ground } from './adoption-ground.ts';
import { slaveSeen } from './fake-sentinels.ts';

test('a failover that begins while the servers are looked at is noticed before anything is told', async () => {
  const ground = new Ground();
  ground.sentinels.beforeLook = () => {
    if (ground.sentinels.looks > 3) ground.sentinels.say({ flags: ['master', 's_down', 'o_down'] });
  };
  assert.match(await ground.refusal('preflightFailed'), /being failed over/);
  ground.untouched();
  const changed = new Ground();
  changed.sentinels.beforeLook = () => {
    if (changed.sentinels.looks === 4) changed.sentinels.add(4);
  };
  assert.match(await changed.refusal('busy'), /changed while the servers were looked at/);
  changed.untouched();
  const grown = new Ground();
  const more = ['10.1.0.2:6379', '10.2.0.3:6379', '10.2.0.4:6379'].map((address) => slaveSeen(address));
  grown.sentinels.beforeLook = () => {
    if (grown.sentinels.looks > 3) grown.sentinels.say({ slaves: more });
  };
  await grown.refusal('busy');
  grown.untouched();
});

test('half-way: what was done is said, and how it is put back, for those alone that were told', async () => {
  const ground = new Ground();
  ground.sentinels.beforeRemove = (address) => {
    if (address.startsWith('10.0.0.2')) ground.sentinels.of(2).isUp = false;
  };
  const message = await ground.refusal('adoptionStopped');
  assert.match(message, /Told to stop watching orders by then: 10\.0\.0\.1:26379, 10\.0\.0\.2:26379\./);
  assert.match(
    message,
    /on 10\.0\.0\.1:26379: SENTINEL MONITOR orders 10\.1\.0\.1 6379 2; SENTINEL SET orders /,
  );
  assert.doesNotMatch(message, /10\.0\.0\.3:26379/);
  assert.deepEqual(ground.sentinels.told.length, 2);
});

test('one that does not let us was not told: the first of them leaves everything as it was', async () => {
  const first = new Ground();
  first.sentinels.forbidding = '10.0.0.1:26379';
  assert.match(await first.refusal('brokerRefused'), /does not let us\. Nothing was changed\.$/);
  assert.equal(first.sentinels.watching, 3);
  const second = new Ground();
  second.sentinels.forbidding = '10.0.0.2:26379';
  const message = await second.refusal('adoptionStopped');
  assert.match(message, /Told to stop watching orders by then: 10\.0\.0\.1:26379\./);
  assert.doesNotMatch(message, /on 10\.0\.0\.2/);
});

test('a Sentinel that nobody knew keeps the group from being declared, and is said', async () => {
  const ground = new Ground();
  ground.hasStranger = true;
  const message = await ground.refusal('adoptionStopped');
  assert.match(message, /A Sentinel that none of the others knows still watches 10\.1\.0\.1:6379/);
  assert.match(message, /SENTINEL MONITOR orders/);
  assert.deepEqual(
    ground.steps.filter((step) => step.startsWith('commit')),
    [],
  );
});

test('a leader that goes between the Sentinels and the declaration does not leave the servers to nobody', async () => {
  const passing = new Ground();
  let refusals = 3;
  passing.commits = () => {
    refusals -= 1;
    return refusals < 0 ? accepted({ kind: 'committed', index: 9 }) : refused('noLeader', 'None is known.');
  };
  assert.ok((await passing.adopt()).ok);

  const unknown = new Ground();
  unknown.commits = (request) => {
    if (request.type === 'addGroup') declare(unknown, request);
    return refused('timedOut', 'No answer came.');
  };
  const adopted = await unknown.adopt();
  assert.ok(adopted.ok && adopted.value.kind === 'committed');
  assert.equal(adopted.value.index, unknown.node.state().appliedIndex);

  const blind = new Ground();
  const { answer } = blind.node;
  let looks = 0;
  blind.node.answer = (request) => {
    looks += 1;
    return looks === 2 || looks === 3 ? refused('noLeader', 'None is known.') : answer(request);
  };
  assert.ok((await blind.adopt()).ok);
  assert.ok(blind.steps.includes('plan with 0 watching'), 'a look that was refused says nothing');
});

test('a declaration that fails at the end: refused, unknown, or made by somebody else', async () => {
  const ground = new Ground();
  const failing = (code: RefusalCode): void => {
    for (const number of [1, 2, 3]) ground.sentinels.add(number);
    ground.commits = () => refused(code, 'It was not to be.');
  };
  failing('brokerUnreachable');
  assert.match(await ground.refusal('adoptionStopped'), /It was not to be\..* To put it back/);
  failing('timedOut');
  assert.match(await ground.refusal('timedOut'), /only if not: To put it back/);
  failing('duplicateName');
  assert.doesNotMatch(await ground.refusal('adoptionStopped'), /put it back/);
});
