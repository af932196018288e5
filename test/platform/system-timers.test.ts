import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { systemTimers } from '../../src/platform/system-timers.ts';

test('an action runs once, unless it is taken back', async () => {
  const ran: string[] = [];
  systemTimers.after(1, () => ran.push('kept'));
  const takeBack = systemTimers.after(1, () => ran.push('taken back'));
  takeBack();
  await pause(20);
  assert.deepEqual(ran, ['kept']);
  takeBack();
});
