/**
 * `npm run -s interop -- sentinel`: unmodified Redis clients at the Sentinel door while faults are tried. Exit code 0
 * where every row is green, 1 where one is not, 2 for a command line that is none, 3 where something is missing here to
 * try them all (1 in continuous integration, which has to have everything). Progress goes to standard error.
 */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { whyNoSites } from '../support/sites.ts';
import { CLIENTS } from './sentinel/clients.ts';
import { FAULTS } from './sentinel/faults.ts';
import { prepareNodeGround } from './sentinel/node-ground.ts';
import { prepareSentinelGround } from './sentinel/sentinel-ground.ts';
import { markdownOf, record, tableOf } from './sentinel/table.ts';
import { tryClients } from './sentinel/try-clients.ts';

const USAGE = `usage: npm run -s interop -- sentinel [OPTIONS]
  --only CLIENT  this one (may be repeated): ${CLIENTS.map(({ name }) => name).join(', ')}
  --fault NAME   this one (may be repeated): ${FAULTS.map(({ name }) => name).join(', ')}
  --real         at real Sentinels instead of our nodes: nothing is judged, for it is not ours
  --json         one object as the last line
  --record       keep the table in src/doors/sentinel/README.md
`;
const EXIT_RED = 1;
const EXIT_USAGE = 2;
const EXIT_IMPOSSIBLE = 3;
const exitImpossible = process.env['CI'] === undefined ? EXIT_IMPOSSIBLE : EXIT_RED;

const startedMs = performance.now();
const progress = (line: string): void => {
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  process.stderr.write(`${seconds.padStart(7)} s  ${line}\n`);
};

function usage(problem: string): never {
  process.stderr.write(`${problem}\n${USAGE}`);
  process.exit(EXIT_USAGE);
}

function parseCall() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        only: { type: 'string', multiple: true, default: [] },
        fault: { type: 'string', multiple: true, default: [] },
        real: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        record: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

const { values, positionals } = parseCall();
if (positionals.length !== 1 || positionals[0] !== 'sentinel') usage('say what to try: sentinel');
for (const name of values.only)
  if (!CLIENTS.some((client) => client.name === name)) usage(`there is no client ${name}`);
for (const name of values.fault)
  if (!FAULTS.some((fault) => fault.name === name)) usage(`there is no fault ${name}`);
const isWhole = values.only.length === 0 && values.fault.length === 0;
if (values.record && !isWhole) usage('--record keeps the whole table: leave --only and --fault out');
const why = await whyNoSites();
if (why !== null) {
  process.stderr.write(`LEFT OUT: clients at the Sentinel door, because ${why}\n`);
  process.exit(exitImpossible);
}
const clients = CLIENTS.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
const doors = values.real ? 'Sentinels' : 'nodes';
const prepare = values.real ? prepareSentinelGround : prepareNodeGround;
const rows = await tryClients(clients, values.fault, prepare, progress);
const cells = rows.flatMap((row) => row.cells);
const green = cells.filter(({ verdict }) => verdict === 'green').length;
const absent = rows.flatMap(({ client, found }) =>
  found.kind === 'missing' ? [{ client, why: found.why }] : [],
);
const tookS = Math.round((performance.now() - startedMs) / 1_000);
if (!values.json) process.stdout.write(`${tableOf(rows, doors)}\n`);
for (const { client, why: lacks } of absent)
  process.stderr.write(`LEFT OUT: ${client.name}, because ${lacks}\n`);
for (const { client, fault, wrong } of cells)
  for (const sentence of wrong) process.stderr.write(`${client}, ${fault}: ${sentence}\n`);
process.stderr.write(`${green} of ${cells.length} green, ${tookS} s\n`);
const machine = `${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.version}`;
if (values.record) record(markdownOf(rows, doors, machine, new Date()), doors);
if (values.json) {
  const shown = rows.map(({ client, found, cells: tried }) => ({ client: client.name, found, cells: tried }));
  process.stdout.write(`${JSON.stringify({ doors, rows: shown, green, of: cells.length, tookS })}\n`);
}
if (cells.length === 0 || (green < cells.length && !values.real)) process.exit(EXIT_RED);
process.exit(absent.length === 0 ? 0 : exitImpossible);
