/** `npm run -s interop -- rocketmq`: RocketMQ's own brokers, clients and mqadmin at our nodes, or at its stock tier. */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { whyNoSites } from '../../support/sites.ts';
import type { InteropCommand, Outcome, Progress } from '../outcome.ts';
import { keepAnswers } from './answers.ts';
import { findJars } from './jars.ts';
import { startPolluxTier } from './pollux-tier.ts';
import { record, tableOf } from './results.ts';
import { printedLines } from './rows/mqadmin.ts';
import { chosenRows, ROWS } from './rows.ts';
import { CONTROLLERS, startStockTier } from './stock-tier.ts';
import { tryRows } from './try-rows.ts';

const USAGE = `usage: npm run -s interop -- rocketmq [OPTIONS]
  --only ROW         rows with this in their name, and what they need (may be repeated):
                     ${ROWS.map(({ name }) => name).join(', ')}
  --ci               all but those that take too long for every change:
                     ${ROWS.filter(({ slow }) => slow === true)
                       .map(({ name }) => name)
                       .join(', ')}
  --stock            at stock name servers and controllers instead of our nodes
  --controller KIND  of a stock tier: ${CONTROLLERS.join(' or ')}
  --keep             what brokers and nodes wrote stays on this machine
  --json             one object as the last line
  --record           keep what was found of these rows, and the table in src/doors/rocketmq/README.md
`;

function parseCall(parameters: readonly string[]) {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      stock: { type: 'boolean', default: false },
      real: { type: 'boolean', default: false },
      controller: { type: 'string', default: CONTROLLERS[0] },
      ci: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
    },
  });
  const controller = CONTROLLERS.find((kind) => kind === values.controller);
  if (controller === undefined) throw new Error(`there is no controller ${values.controller}`);
  for (const name of values.only)
    if (!ROWS.some((row) => row.name.includes(name))) throw new Error(`there is no row ${name}`);
  return { ...values, stock: values.stock || values.real, controller };
}

async function run(parameters: readonly string[], progress: Progress): Promise<Outcome> {
  const startedMs = performance.now();
  let call: ReturnType<typeof parseCall>;
  try {
    call = parseCall(parameters);
  } catch (error) {
    return { kind: 'usage', problem: error instanceof Error ? error.message : String(error) };
  }
  const why = await whyNoSites();
  if (why !== null) return { kind: 'impossible', why: [why] };
  const jars = await findJars(progress);
  if ('why' in jars) return { kind: 'impossible', why: [jars.why] };
  const { tier, rows } = await tryRows(
    chosenRows({ only: call.only, withoutSlow: call.ci, tier: call.stock ? 'stock' : 'pollux' }),
    jars,
    call.stock
      ? (sites, directory) => startStockTier(sites, jars, directory, call.controller)
      : startPolluxTier,
    progress,
    { keep: call.keep },
  );
  if (!call.json) process.stdout.write(`${tableOf(rows)}\n`);
  const green = rows.filter(({ verdict }) => verdict === 'green').length;
  const tookS = Math.round((performance.now() - startedMs) / 1_000);
  process.stderr.write(`${green} of ${rows.length} green, ${tookS} s\n`);
  const machine = `${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.version}`;
  if (call.record) {
    if (call.stock) keepAnswers(printedLines);
    record(call.stock ? 'stock' : 'pollux', {
      measured: new Date().toISOString().slice(0, 10),
      machine,
      tier,
      rows,
    });
  }
  if (call.json) process.stdout.write(`${JSON.stringify({ tier, rows, green, of: rows.length, tookS })}\n`);
  // A stock tier is judged by its makers: what it does not do is only shown.
  return { kind: rows.length > 0 && (call.stock || green === rows.length) ? 'green' : 'red' };
}

export const ROCKETMQ_INTEROP: InteropCommand = { usage: USAGE, run };
