import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adoptedGroup, type GroupTier } from './adopted-group.ts';
import { A2, B1, M } from './fake-servers.ts';

/** The master writes what no slave has, falls silent, and answers again as a master when another one reigns. */
function returned(prepare: (tier: GroupTier) => void = () => undefined): GroupTier {
  const tier = adoptedGroup();
  for (const id of [A2, B1]) tier.servers.of(id).lags = true;
  tier.servers.write();
  tier.servers.of(M).state = 'hung';
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 4_000);
  for (const id of [A2, B1]) tier.servers.of(id).lags = false;
  tier.tier.run(500);
  prepare(tier);
  tier.servers.of(M).state = 'up';
  tier.settled(
    2,
    [A2, B1, M].filter((id) => id !== tier.group.master),
  );
  return tier;
}

const stepOf = (tier: GroupTier, name: string) => tier.lastRecord.steps.find(({ step }) => step === name);

test('the record names the file, the node that has it, and what is in it, honestly', () => {
  const tier = returned();
  const { tail } = tier.lastRecord;
  assert.deepEqual(
    [tail?.replica, tail?.node, tail?.file, tail?.bytes, tail?.writes],
    [M, 'pollux-a', 'tails/t.resp', 10, 2],
  );
  assert.equal(tail?.cut, tier.group.reigns.at(-1)?.cut);
  const { detail } = stepOf(tier, 'tailKept') ?? { detail: '' };
  assert.match(detail, /2 writes, 0 deletions that may be expiries, 1 other commands; kept on pollux-a/);
  assert.match(detail, /alone proves no loss/);
});

test('a tail that cannot be kept is not waited for, and the record says why', () => {
  const tier = returned(({ servers }) =>
    servers
      .of(M)
      .answers.set('keepTail', { kind: 'failed', reason: 'mismatch', detail: 'backlogTooShort: gone' }),
  );
  assert.equal(tier.lastRecord.tail, null);
  assert.match(
    stepOf(tier, 'tailNotKept')?.detail ?? '',
    /backlogTooShort: gone; it was fenced all the same/,
  );
  assert.equal(tier.servers.done.filter((line) => line === 'm keepTail').length, 0);
});

test('a master that came back as another process has no tail to ask for', () => {
  const tier = returned(({ servers }) => servers.restart(M));
  assert.ok(!tier.servers.done.includes('m keepTail'));
  assert.equal(tier.lastRecord.tail, null);
});
