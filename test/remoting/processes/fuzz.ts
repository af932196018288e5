/** `node --import tsx test/remoting/processes/fuzz.ts [frames] [seed]`: nonsense for as long as you like. */
import { fuzz } from '../fuzz.ts';

const [frames = '1000000', seed = '1'] = process.argv.slice(2);
const beganMs = Date.now();
const tally = fuzz(Number(frames), Number(seed));
const { arrayBuffers, heapUsed } = process.memoryUsage();
console.log({
  seed: Number(seed),
  ...tally,
  seconds: (Date.now() - beganMs) / 1_000,
  heapUsed,
  arrayBuffers,
});
