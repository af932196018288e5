/**
 * Whether a request can be passed on at all. Doors hand in what others wrote; a node that is sent what it cannot read ends
 * the connection, and with it everything else that two nodes of the tier have to say to each other.
 */
import { checkBrokerSetRequest } from '../coordinator/broker-sets/broker-set-request.ts';
import type { ClientRequest } from '../coordinator/requests.ts';
import { checkCommand } from '../metadata/command-codec.ts';
import { accepted, type Result } from '../primitives/refusal.ts';

export function checkRequest(request: ClientRequest): Result<null> {
  switch (request.type) {
    case 'propose':
      return checkCommand(request.command);
    case 'brokerSet':
      return checkBrokerSetRequest(request.request);
    default:
      return accepted(null);
  }
}
