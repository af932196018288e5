/** Wall time is for people: it stands in the history and decides nothing. Only monotonic time is reckoned with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adoptedGroup } from '../coordinator/adopted-group.ts';
import { A2, B1, M } from '../coordinator/fake-servers.ts';

const HOUR_MS = 3_600_000;
const NOON_MS = 1_700_000_000_000;

const CLOCKS: Readonly<Record<string, (monotonicMs: number) => number>> = {
  'goes back and forth by an hour': (monotonicMs) =>
    NOON_MS + monotonicMs + (Math.floor(monotonicMs / 70) % 2 === 0 ? HOUR_MS : -HOUR_MS),
  'stands still': () => NOON_MS,
  'is set back to 1970': () => 0,
  'runs backwards': (monotonicMs) => NOON_MS - monotonicMs,
  'leaps ahead by years': (monotonicMs) => NOON_MS + monotonicMs * 10_000_000,
};

/** Everything that is decided, with its monotonic time: a quiet while, a failover, the return of the old master. */
function life(wallMsAt: ((monotonicMs: number) => number) | null): string[] {
  const tier = adoptedGroup();
  if (wallMsAt !== null) tier.tier.wallMsAt = wallMsAt;
  const lines: string[] = [];
  let lastState = '';
  const watch = (forMs: number): void => {
    for (let passedMs = 0; passedMs < forMs; passedMs += 10) {
      const before = tier.servers.done.length;
      tier.tier.run(10);
      const atMs = tier.tier.now.monotonicMs;
      for (const line of tier.servers.done.slice(before)) lines.push(`${atMs} ${line}`);
      const state = `${tier.tier.leader()} leads, ${tier.phase()}, ${tier.members.join()}, ${tier.alerts.join()}`;
      if (state !== lastState) lines.push(`${atMs} ${state}`);
      lastState = state;
    }
  };
  watch(2_000);
  assert.equal(tier.phase(), 'active 1', 'a clock that jumps accuses nobody');
  tier.servers.kill(M);
  watch(3_000);
  assert.equal(tier.phase(), 'active 2');
  tier.servers.restart(M);
  watch(3_000);
  assert.ok(
    tier.isSettled(
      2,
      [A2, B1, M].filter((id) => id !== tier.group.master),
    ),
    'the old master is a slave',
  );
  return lines;
}

for (const [what, wallMsAt] of Object.entries(CLOCKS)) {
  test(`a wall clock that ${what} changes no decision and no moment of one`, () => {
    assert.deepEqual(life(wallMsAt), life(null));
  });
}
