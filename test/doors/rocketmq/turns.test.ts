import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Turns } from '../../../src/doors/rocketmq/turns.ts';

it('runs what has the same key one after the other, whatever becomes of it, and the rest at once', async () => {
  const turns = new Turns();
  const log: string[] = [];
  const steps = new Map<string, () => void>();
  const run =
    (name: string, fails = false) =>
    async (): Promise<string> => {
      log.push(`${name} begins`);
      await new Promise<void>((resolve) => steps.set(name, resolve));
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const first = turns.inTurn('a', run('first', true));
  const second = turns.inTurn('a', run('second'));
  const other = turns.inTurn('b', run('other'));
  await settle();
  assert.deepEqual(log, ['first begins', 'other begins']);
  steps.get('first')?.();
  await assert.rejects(first, /first/);
  await settle();
  assert.deepEqual(log, ['first begins', 'other begins', 'first ends', 'second begins']);
  steps.get('second')?.();
  steps.get('other')?.();
  assert.deepEqual(await Promise.all([second, other]), ['second', 'other']);
});
