/** `npm run -s interop -- sentinel`: unmodified Redis clients at the Sentinel door while faults are tried. */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { whyNoSites } from '../../support/sites.ts';
import type { InteropCommand, Outcome, Progress } from '../outcome.ts';
import { CLIENTS } from './clients.ts';
import { FAULTS } from './faults.ts';
import { prepareNodeGround } from './node-ground.ts';
import { prepareSentinelGround } from './sentinel-ground.ts';
import { markdownOf, record, tableOf } from './table.ts';
import { tryClients } from './try-clients.ts';

const USAGE = `usage: npm run -s interop -- sentinel [OPTIONS]
  --only CLIENT  this one (may be repeated): ${CLIENTS.map(({ name }) => name).join(', ')}
  --fault NAME   this one (may be repeated): ${FAULTS.map(({ name }) => name).join(', ')}
  --real         at real Sentinels instead of our nodes: nothing is judged, for it is not ours
  --json         one object as the last line
  --record       keep the table in src/doors/sentinel/README.md
`;

function parseCall(parameters: readonly string[]) {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      fault: { type: 'string', multiple: true, default: [] },
      real: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
    },
  });
  for (const name of values.only)
    if (!CLIENTS.some((client) => client.name === name)) throw new Error(`there is no client ${name}`);
  for (const name of values.fault)
    if (!FAULTS.some((fault) => fault.name === name)) throw new Error(`there is no fault ${name}`);
  const isWhole = values.only.length === 0 && values.fault.length === 0;
  if (values.record && !isWhole)
    throw new Error('--record keeps the whole table: leave --only and --fault out');
  return values;
}

async function run(parameters: readonly string[], progress: Progress): Promise<Outcome> {
  const startedMs = performance.now();
  let values: ReturnType<typeof parseCall>;
  try {
    values = parseCall(parameters);
  } catch (error) {
    return { kind: 'usage', problem: error instanceof Error ? error.message : String(error) };
  }
  const why = await whyNoSites();
  if (why !== null) return { kind: 'impossible', why: [why] };
  const clients = CLIENTS.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
  const doors = values.real ? 'Sentinels' : 'nodes';
  const prepare = values.real ? prepareSentinelGround : prepareNodeGround;
  const rows = await tryClients(clients, values.fault, prepare, progress);
  const cells = rows.flatMap((row) => row.cells);
  const green = cells.filter(({ verdict }) => verdict === 'green').length;
  const tookS = Math.round((performance.now() - startedMs) / 1_000);
  if (!values.json) process.stdout.write(`${tableOf(rows, doors)}\n`);
  for (const { client, fault, wrong } of cells)
    for (const sentence of wrong) process.stderr.write(`${client}, ${fault}: ${sentence}\n`);
  process.stderr.write(`${green} of ${cells.length} green, ${tookS} s\n`);
  const machine = `${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.version}`;
  if (values.record) record(markdownOf(rows, doors, machine, new Date()), doors);
  if (values.json) {
    const shown = rows.map(({ client, found, cells: tried }) => ({
      client: client.name,
      found,
      cells: tried,
    }));
    process.stdout.write(`${JSON.stringify({ doors, rows: shown, green, of: cells.length, tookS })}\n`);
  }
  if (cells.length === 0 || (green < cells.length && !values.real)) return { kind: 'red' };
  const absent = rows.flatMap(({ client, found }) =>
    found.kind === 'missing' ? [`${client.name}, because ${found.why}`] : [],
  );
  return absent.length === 0 ? { kind: 'green' } : { kind: 'impossible', why: absent };
}

export const SENTINEL_INTEROP: InteropCommand = { usage: USAGE, run };
