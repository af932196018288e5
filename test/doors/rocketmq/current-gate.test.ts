import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { CURRENT_PATIENCE_MS, CurrentGate } from '../../../src/doors/rocketmq/current-gate.ts';

/** Time that passes by hand. */
function gateAt() {
  const at = { nowMs: 0, current: false };
  let timers: { dueMs: number; action: () => void }[] = [];
  const gate = new CurrentGate(
    { isCurrent: () => at.current },
    { now: () => ({ monotonicMs: at.nowMs, wallMs: at.nowMs }) },
    {
      after: (delayMs, action) => {
        timers.push({ dueMs: at.nowMs + delayMs, action });
        return () => undefined;
      },
    },
  );
  const pass = async (forMs: number): Promise<void> => {
    const untilMs = at.nowMs + forMs;
    for (;;) {
      const next = timers.filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      timers = timers.filter((timer) => timer !== next);
      at.nowMs = next.dueMs;
      next.action();
      await Promise.resolve();
    }
    at.nowMs = untilMs;
  };
  return { gate, at, pass, timersLeft: () => timers.length };
}

describe('CurrentGate', () => {
  it('lets through at once while the node is current', async () => {
    const { gate, at, timersLeft } = gateAt();
    at.current = true;
    assert.equal(await gate.whenCurrent(), true);
    assert.equal(timersLeft(), 0);
  });

  it('holds up until the node is current again', async () => {
    const { gate, at, pass, timersLeft } = gateAt();
    const answers: boolean[] = [];
    for (let nth = 0; nth < 3; nth += 1) void gate.whenCurrent().then((answer) => answers.push(answer));
    await pass(CURRENT_PATIENCE_MS / 2);
    assert.deepEqual(answers, []);
    at.current = true;
    await pass(100);
    assert.deepEqual(answers, [true, true, true]);
    assert.equal(timersLeft(), 0);
  });

  it('gives up after its patience, each for itself', async () => {
    const { gate, pass, timersLeft } = gateAt();
    const answers: string[] = [];
    void gate.whenCurrent().then((answer) => answers.push(`first ${answer}`));
    await pass(CURRENT_PATIENCE_MS / 2);
    void gate.whenCurrent().then((answer) => answers.push(`second ${answer}`));
    await pass(CURRENT_PATIENCE_MS / 2 + 100);
    assert.deepEqual(answers, ['first false']);
    await pass(CURRENT_PATIENCE_MS);
    assert.deepEqual(answers, ['first false', 'second false']);
    assert.equal(timersLeft(), 0);
  });

  it('holds up only so many', async () => {
    const { gate } = gateAt();
    for (let nth = 0; nth < LIMITS.rocketmqWaitingForCurrent; nth += 1) void gate.whenCurrent();
    assert.equal(await gate.whenCurrent(), false);
  });
});
