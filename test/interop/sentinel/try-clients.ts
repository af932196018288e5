/** All clients against all faults on one ground; every fault is tried once with all of them together. */
import { attempt, type Cell } from './attempt.ts';
import type { Client } from './client.ts';
import { FAULTS } from './faults.ts';
import type { InteropGround } from './ground.ts';
import type { ClientRow } from './table.ts';

export async function tryClients(
  clients: readonly Client[],
  faultNames: readonly string[],
  prepare: (progress: (line: string) => void) => Promise<InteropGround>,
  progress: (line: string) => void,
): Promise<readonly ClientRow[]> {
  const rows = await Promise.all(clients.map(async (client) => ({ client, found: await client.find() })));
  const here = rows.filter(({ found }) => found.kind === 'found').map(({ client }) => client);
  const cells: Cell[] = [];
  const ground = await prepare(progress);
  try {
    for (const fault of FAULTS.filter(({ name }) => faultNames.length === 0 || faultNames.includes(name))) {
      progress(`${fault.name}: ${fault.what}`);
      for (const cell of await attempt(fault, here, ground, progress)) {
        cells.push(cell);
        progress(lineOf(cell));
      }
    }
  } finally {
    await ground.close();
  }
  return rows.map((row) => ({ ...row, cells: cells.filter(({ client }) => client === row.client.name) }));
}

function lineOf({ verdict, client, fault, stoodStillMs, afterMending, written, lost, wrong }: Cell): string {
  const late = afterMending ? ' (after mending)' : '';
  const figures = `stood still for ${stoodStillMs} ms${late}, ${written} written, ${lost} lost`;
  return `${verdict.padEnd(5)} ${fault}: ${client}: ${figures}${wrong.length === 0 ? '' : ` (${wrong.join('; ')})`}`;
}
