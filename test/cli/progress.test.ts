/** Nothing is said within the first second; after that a file gets few lines and a terminal one that is rewritten. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { progressOn } from '../../src/cli/progress.ts';

type Recorded = { said: string; finish: () => void; readonly work: Promise<void> };

function recorded(isTTY: boolean): Recorded {
  let said = '';
  let finish: () => void = () => undefined;
  const waitedFor = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const stderr = { write: (text: string) => (said += text) };
  const work = progressOn({ stderr, isTTY }).during('waiting', waitedFor);
  return {
    get said() {
      return said;
    },
    finish,
    work,
  };
}

describe('progress', () => {
  it('is silent for what is quick', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const run = recorded(false);
    context.mock.timers.tick(999);
    run.finish();
    await run.work;
    context.mock.timers.tick(60_000);
    assert.equal(run.said, '');
  });

  it('writes a line now and then into a file', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const run = recorded(false);
    context.mock.timers.tick(1_000);
    assert.equal(run.said, 'waiting, 1 s ...\n');
    context.mock.timers.tick(9_999);
    assert.equal(run.said, 'waiting, 1 s ...\n');
    context.mock.timers.tick(1);
    assert.equal(run.said, 'waiting, 1 s ...\nwaiting, 11 s ...\n');
    run.finish();
    await run.work;
  });

  it('rewrites one line on a terminal and takes it away at the end', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const run = recorded(true);
    context.mock.timers.tick(1_000);
    context.mock.timers.tick(1_000);
    run.finish();
    await run.work;
    const clear = '\r\u001b[2K';
    assert.equal(run.said, `${clear}waiting, 1 s ...${clear}waiting, 2 s ...${clear}`);
  });
});
