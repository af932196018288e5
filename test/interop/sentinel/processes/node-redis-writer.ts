/** node-redis as an application has it. */
import { createSentinel } from 'redis';
import { callOf, writeOn } from '../client-line.ts';

const { master, key, sentinels } = callOf(process.argv.slice(2));
const client = createSentinel({ name: master, sentinelRootNodes: [...sentinels] });
// An application without a listener would end with the first error.
client.on('error', () => undefined);
await client.connect();
await writeOn((n) => client.sAdd(key, String(n)));
