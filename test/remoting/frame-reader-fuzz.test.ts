/** Nonsense through the reader of frames and everything behind it; `processes/fuzz.ts` is the same for as long as you like. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fuzz } from './fuzz.ts';

const FRAMES = 20_000;
const SEED = 20_261_126;

describe('RocketMQ’s frames: nonsense', () => {
  it(`reads ${FRAMES} of them without a throw and within its bounds (seed ${SEED})`, () => {
    const { broken, commands, damaged, read } = fuzz(FRAMES, SEED);
    const figures = `${commands} commands, ${broken} broken, ${read} read, ${damaged} refused`;
    assert.ok(commands > FRAMES / 3 && broken > FRAMES / 20 && read > FRAMES && damaged > FRAMES, figures);
  });
});
