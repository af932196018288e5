import assert from 'node:assert/strict';
import { it } from 'node:test';
import { InFlight } from '../../../src/doors/http/in-flight.ts';

it('refuses above its limit and takes again once something ended, also by failing', async () => {
  const inFlight = new InFlight(1, 'requests');
  let fail: (error: Error) => void = () => undefined;
  const first = inFlight.run(() => new Promise<{ readonly ok: true }>((_resolve, reject) => (fail = reject)));
  const second = await inFlight.run(async () => ({ ok: true }) as const);
  assert.ok(!second.ok);
  assert.equal(second.refusal.code, 'overloaded');
  fail(new Error('ended'));
  await assert.rejects(first, /ended/);
  assert.deepEqual(await inFlight.run(async () => ({ ok: true }) as const), { ok: true });
});
