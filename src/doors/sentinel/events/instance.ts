/** How a server is named in a payload: its type, name and address, and whose slave it is. */
import type { Replica } from '../../../core/metadata/state.ts';
import { addressOf } from '../group-directory.ts';

export function masterText(name: string, master: Replica): string {
  const { host, port } = addressOf(master);
  return `master ${name} ${host} ${port}`;
}

export function slaveText(name: string, slave: Replica, master: Replica): string {
  const own = addressOf(slave);
  const { host, port } = addressOf(master);
  return `slave ${own.host}:${own.port} ${own.host} ${own.port} @ ${name} ${host} ${port}`;
}
