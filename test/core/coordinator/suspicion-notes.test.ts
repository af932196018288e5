/** The history of suspicions that moved nothing: one record a doubt, lines that become rarer, no flood. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adoptedGroup, type GroupTier, NODES } from './adopted-group.ts';
import { A2, B1, M } from './fake-servers.ts';

const steps = (tier: GroupTier): string[] => (tier.notes.at(-1)?.steps ?? []).map(({ step }) => step);

/** The leader alone does not see the master for as long as `forMs`. */
function blinded(tier: GroupTier, forMs: number): void {
  tier.servers.of(M).unreachableFrom.add(tier.leader);
  for (let waited = 0; waited < forMs; waited += 100) {
    tier.servers.write(14n);
    tier.tier.run(100);
  }
  tier.servers.of(M).unreachableFrom.clear();
  tier.tier.run(1_000);
}

test('a master that only the leader cannot see is refuted, and the record names who saw it when', () => {
  const tier = adoptedGroup();
  tier.servers.idle = true;
  tier.servers.of(M).unreachableFrom.add(tier.leader);
  tier.until(() => tier.notes.length > 0, 'a note', 6_000);
  const [note] = tier.notes;
  assert.ok(note !== undefined);
  assert.deepEqual([note.outcome, note.from, note.to, note.by], ['refuted', M, null, 'pollux']);
  const alive = note.evidence.filter(({ verdict }) => verdict === 'alive');
  assert.ok(alive.length > 0);
  assert.match(alive[0]?.detail ?? '', /answers as master/);
  assert.match(note.evidence[0]?.detail ?? '', /suspected: nothing heard/);
  assert.ok(alive.every(({ wallMs }) => wallMs >= (note.evidence[0]?.wallMs ?? 0)));
});

test('a doubt that lasts fills lines that become rarer, not records', () => {
  const tier = adoptedGroup();
  tier.servers.idle = true;
  tier.servers.of(M).unreachableFrom.add(tier.leader);
  tier.tier.run(120_000);
  assert.equal(tier.notes.length, 1);
  assert.deepEqual(new Set(steps(tier)), new Set(['refuted']));
  assert.ok(steps(tier).length >= 3 && steps(tier).length <= 5, `${steps(tier).length} lines`);
  assert.match(tier.notes.at(-1)?.steps.at(-1)?.detail ?? '', /\d+ more rounds since the line before/);
});

test('a network that flaps writes no more than that', () => {
  const tier = adoptedGroup();
  for (let flaps = 0; flaps < 40; flaps += 1) blinded(tier, 2_000);
  assert.ok(tier.notes.length <= 1, `${tier.notes.length} records`);
  assert.ok(steps(tier).length <= 5, `${steps(tier).length} lines`);
  assert.equal(tier.phase(), 'active 1');
});

test('a death that cannot be proven is a record with what was missing, what it may cost, and its end', () => {
  const tier = adoptedGroup();
  tier.servers.write(50n);
  tier.tier.run(500);
  tier.servers.kill(A2);
  tier.servers.of(M).state = 'hung';
  tier.until(() => tier.notes.at(-1)?.outcome === 'unprovable', 'a note', 6_000);
  const note = tier.notes.at(-1);
  assert.ok(note !== undefined);
  assert.equal(note.loss.predictedBytes, 0n);
  assert.match(note.steps.at(-1)?.detail ?? '', /a2: does not answer/);
  assert.deepEqual(
    note.candidates.map(({ replica, offset }) => [replica, offset]),
    [
      [B1, 150n],
      [M, null],
      [A2, null],
    ],
  );
  tier.servers.of(M).state = 'up';
  tier.tier.run(1_000);
  assert.deepEqual(steps(tier), ['unprovable', 'answersAgain']);
  assert.equal(tier.notes.length, 1);
});

test('the next leader goes on in the record of the last one', () => {
  const tier = adoptedGroup();
  tier.servers.kill(A2);
  tier.servers.of(M).state = 'hung';
  tier.until(() => tier.notes.at(-1)?.outcome === 'unprovable', 'a note', 6_000);
  const before = tier.leader;
  tier.tier.crash(before);
  tier.until(() => tier.tier.leader() !== null && tier.leader !== before, 'a leader', 10_000);
  tier.tier.run(60_000);
  assert.equal(tier.notes.length, 1);
});

test('a master on an idle stream that only its slaves hear is never failed over, wherever its pings fall', () => {
  for (let offsetMs = 0; offsetMs < 1_000; offsetMs += 100) {
    const tier = adoptedGroup();
    let nextPingMs = tier.tier.now.monotonicMs + offsetMs;
    // The slaves hear the master from time to time only: their last byte is as old as the last ping.
    tier.servers.idle = true;
    for (const node of NODES) tier.servers.of(M).unreachableFrom.add(node);
    for (let waited = 0; waited < 6_000; waited += 10) {
      if (tier.tier.now.monotonicMs >= nextPingMs) {
        tier.servers.write(14n);
        nextPingMs += 1_000;
      }
      tier.tier.run(10);
    }
    assert.equal(tier.phase(), 'active 1', `pings ${offsetMs} ms after the cut`);
  }
});
