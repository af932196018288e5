/** ioredis as an application has it; with `--detector` before everything else its `failoverDetector` is on. */
import { Redis } from 'ioredis';
import { callOf, writeOn } from '../client-line.ts';

const words = process.argv.slice(2);
const failoverDetector = words[0] === '--detector';
const { master, key, sentinels } = callOf(failoverDetector ? words.slice(1) : words);
const client = new Redis({ name: master, sentinels: [...sentinels], failoverDetector });
// Without a listener the library prints every one; what matters is what becomes of the writes.
client.on('error', () => undefined);
// The detector ends a client for good where it hears of a switch in the middle of a reconnection.
if (failoverDetector) client.on('end', () => void client.connect().catch(() => undefined));
await writeOn((n) => client.sadd(key, n));
