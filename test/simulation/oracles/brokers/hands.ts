/** One steering hand: once the hand of a newer term has been on a server, no older one does anything there. */
import type { ServerProcess } from '../../redis/server-process.ts';
import { demand } from '../../world/violation.ts';
import { type BrokerOracle, numberIn } from './broker-oracle.ts';

export function hands(): BrokerOracle {
  const newest = new WeakMap<ServerProcess, number>();
  return {
    server: {
      executing(process, session, name) {
        const term = numberIn('ns', session.user?.name);
        if (term === null) return;
        const before = newest.get(process) ?? 0;
        demand(
          term >= before,
          'a newer hand silences the older ones',
          () => `${name} of term ${term} on ${process.host.address}, after the hand of term ${before}`,
        );
        newest.set(process, term);
      },
    },
  };
}
