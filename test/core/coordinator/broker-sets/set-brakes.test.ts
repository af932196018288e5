import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cooldownLeftMs, noteElection } from '../../../../src/core/coordinator/broker-sets/set-brakes.ts';
import { newSetRun } from '../../../../src/core/coordinator/broker-sets/set-run.ts';
import { at } from './broker-signs.ts';

test('a master that is silent right after an election is followed at once, the third within a minute is waited with', () => {
  const run = newSetRun(0);
  noteElection(run, 'silence', at(1_000));
  assert.equal(cooldownLeftMs(run, 'silence', at(1_001)), 0);
  noteElection(run, 'silence', at(5_000));
  assert.equal(cooldownLeftMs(run, 'silence', at(9_000)), 52_000);
  assert.equal(cooldownLeftMs(run, 'silence', at(61_000)), 0);
  noteElection(run, 'silence', at(61_000));
  assert.equal(cooldownLeftMs(run, 'silence', at(62_000)), 3_000, 'two of the last minute count');
});

test('a process that ended and an IDC that nobody hears are waited with never, and count for nothing', () => {
  const run = newSetRun(0);
  for (const ms of [1, 2, 3]) noteElection(run, 'silence', at(ms));
  assert.equal(cooldownLeftMs(run, 'processEnded', at(4)), 0);
  assert.equal(cooldownLeftMs(run, 'siteLost', at(4)), 0);
  const calm = newSetRun(0);
  for (const ms of [1, 2, 3]) noteElection(calm, 'processEnded', at(ms));
  for (const ms of [1, 2, 3]) noteElection(calm, null, at(ms));
  assert.equal(cooldownLeftMs(calm, 'silence', at(4)), 0);
});
