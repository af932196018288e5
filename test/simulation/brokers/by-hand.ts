/**
 * What somebody does to a server past pollux, with the administrator of the servers, from the place where that stands. It
 * arrives as anything does: late where the server stands still, and though who sent it has given up.
 */
import { ModelClient } from '../redis/model-connections.ts';
import type { ModelServer } from '../redis/model-server.ts';
import { ADMIN, type BrokerTier } from './broker-tier.ts';

const HAND_MS = 1_000;

/** An address that nothing in a life connects to. */
const ELSEWHERE = '127.0.0.2';
/** Fewer than are connected to any server of a running group. */
const FEW_CLIENTS = '1';

const REFUSALS = {
  bind: ['CONFIG', 'SET', 'bind', ELSEWHERE],
  maxclients: ['CONFIG', 'SET', 'maxclients', FEW_CLIENTS],
} as const;

const ADMISSIONS = {
  bind: ['CONFIG', 'SET', 'bind', '127.0.0.1'],
  maxclients: ['CONFIG', 'SET', 'maxclients', '10000'],
} as const;

/** One order, on a connection of its own. */
export function orderByHand(
  { ground }: Pick<BrokerTier, 'ground'>,
  server: ModelServer,
  command: readonly string[],
): void {
  const client = new ModelClient(ground, server, server.place, 'clients', (refusal) => {
    if (refusal !== null) return;
    client.send([['AUTH', ADMIN.username, ADMIN.password], command], HAND_MS, () => client.close());
  });
}

/** Who shuts the door keeps the connection: no new one would get in to open it again. */
export function refuseFreshByHand(
  { ground }: Pick<BrokerTier, 'ground'>,
  server: ModelServer,
  by: keyof typeof REFUSALS,
  forMs: number,
): void {
  const client = new ModelClient(ground, server, server.place, 'clients', (refusal) => {
    if (refusal !== null) return;
    client.send([['AUTH', ADMIN.username, ADMIN.password], REFUSALS[by]], HAND_MS, () => undefined);
    ground.after(forMs, () => client.send([ADMISSIONS[by]], HAND_MS, () => client.close()));
  });
}
