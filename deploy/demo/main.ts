/**
 * `deploy/demo.sh`: the main job on one machine. With `--once` it ends by itself, with 0 only if a failover happened
 * and nothing acknowledged was lost; without, it stays up and says what to try. It cleans up in every case.
 */
import { parseArgs } from 'node:util';
import { type Ground, type Layout, prepareGround } from '../../test/support/ground.ts';
import { readBack } from '../../test/support/read-back.ts';
import { startLiveView } from './live-view.ts';
import { describe, makeReport, type Report, succeeded } from './report.ts';
import { killAndRecover } from './story.ts';
import { startTraffic, type Traffic } from './traffic.ts';

const USAGE = `deploy/demo.sh [--once] [--json]
  three nodes, two broker groups of three Redis servers, a master killed under traffic
  --once   end after the report; exit code 0 only if a failover happened and nothing was lost
  --json   print the report as the last line of standard output
  --help   this text
All ports are free ones of the loopback address; everything is stopped and removed at the end, also after Ctrl-C.
`;
const DRAIN_TIMEOUT_MS = 15_000;

/** Masters in different IDCs; one slave beside each, one in the other IDC. */
const LAYOUT: Layout = [
  { group: 'orders-a', sites: ['idc-a', 'idc-a', 'idc-b'] },
  { group: 'orders-b', sites: ['idc-b', 'idc-b', 'idc-a'] },
];

async function waitUntilDelivered(traffic: Traffic): Promise<void> {
  const deadline = performance.now() + DRAIN_TIMEOUT_MS;
  const open = (): boolean =>
    traffic.load.idcs.some((one) => [...one.acknowledged].some((id) => !traffic.deliveries.has(id)));
  while (open() && performance.now() < deadline) await new Promise((done) => setTimeout(done, 100));
}

async function run(ground: Ground, cleanups: (() => Promise<void>)[]): Promise<Report> {
  const traffic = startTraffic(ground.tier.urls);
  cleanups.push(() => traffic.close());
  const view = startLiveView(ground, traffic, process.stderr);
  cleanups.push(async () => view.stop());
  const failover = await killAndRecover(ground, (line) => view.tell(line));
  view.tell('producers stop; consumers go on until everything is delivered');
  await traffic.load.stop();
  await waitUntilDelivered(traffic);
  view.stop();
  return makeReport(traffic, await readBack(ground), failover);
}

function whatToTry(ground: Ground): string {
  const [url] = ground.tier.urls;
  return `
Everything stays up until Ctrl-C. To try:
  export POLLUX_NODES=${ground.tier.urls.join(',')} POLLUX_TOKEN=${ground.tier.token}
  npm run -s pollux -- status
  npm run -s pollux -- group show orders-a
  npm run -s pollux -- history list
  npm run -s pollux -- switchover orders-b --plan
  curl ${url}/v1/routes/orders?idc=idc-a
  curl ${url}/openapi.json
`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { once: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const cleanups: (() => Promise<void>)[] = [];
  const cleanUp = async (): Promise<void> => {
    for (const one of cleanups.splice(0).reverse()) await one().catch(() => undefined);
  };
  const interrupted = new Promise<'interrupted'>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done('interrupted'));
  });
  try {
    const work = (async () => {
      const ground = await prepareGround({
        layout: LAYOUT,
        progress: (line) => process.stderr.write(`  ${line}\n`),
      });
      cleanups.unshift(() => ground.close());
      return { ground, report: await run(ground, cleanups) };
    })();
    const outcome = await Promise.race([work, interrupted]);
    if (outcome === 'interrupted') return 130;
    const { ground, report } = outcome;
    (values.json === true ? process.stderr : process.stdout).write(`${describe(report)}\n`);
    if (values.json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
    if (values.once !== true) {
      process.stderr.write(whatToTry(ground));
      await interrupted;
    }
    return succeeded(report) ? 0 : 1;
  } finally {
    await cleanUp();
  }
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(
    `demonstration failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
}
