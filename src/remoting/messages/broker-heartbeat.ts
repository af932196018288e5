/**
 * 904, in both of its meanings: a broker's one-way sign of life to a name server, and to each controller, which names
 * the broker by its id and says how far it has come. The field's name differs from the one that a registration has.
 */
import { z } from 'zod';
import type { Read } from '../damage.ts';
import { address, type HeaderOf, headerCodec, integer, long, name, optional, wholeNumber } from '../parse.ts';
import type { Fields } from '../remoting-command.ts';

const broker = { clusterName: name, brokerAddr: address, brokerName: name };

export const nameServerHeartbeat = headerCodec(z.object(broker));
export type NameServerHeartbeat = HeaderOf<typeof nameServerHeartbeat>;

export const controllerHeartbeat = headerCodec(
  z.object({
    ...broker,
    brokerId: wholeNumber,
    /** The last epoch of which the broker has something. */
    epoch: optional(integer),
    maxOffset: optional(long),
    confirmOffset: optional(long),
    heartbeatTimeoutMills: optional(wholeNumber),
    /** The lower the better. */
    electionPriority: optional(integer),
  }),
);
export type ControllerHeartbeat = HeaderOf<typeof controllerHeartbeat>;

export type BrokerHeartbeat =
  | { readonly to: 'nameServer'; readonly heartbeat: NameServerHeartbeat }
  | { readonly to: 'controller'; readonly heartbeat: ControllerHeartbeat };

/** A controller's heartbeat is the one that has an id. */
export function decodeBrokerHeartbeat(fields: Fields): Read<BrokerHeartbeat> {
  if (!fields.has('brokerId')) {
    const heartbeat = nameServerHeartbeat.decode(fields);
    if (heartbeat.kind === 'damaged') return heartbeat;
    return { kind: 'read', value: { to: 'nameServer', heartbeat: heartbeat.value } };
  }
  const heartbeat = controllerHeartbeat.decode(fields);
  if (heartbeat.kind === 'damaged') return heartbeat;
  return { kind: 'read', value: { to: 'controller', heartbeat: heartbeat.value } };
}
