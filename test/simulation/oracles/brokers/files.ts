/** Grants are never in a file, and a file that fences its server goes on fencing it. */
import { demand } from '../../world/violation.ts';
import type { BrokerOracle } from './broker-oracle.ts';

export function files(): BrokerOracle {
  return {
    server: {
      started(process) {
        const { file, address } = process.host;
        const grants = (file?.users ?? []).filter(({ name }) => /^(w-\d+|ns-\d+(-\d+)?|repl-.*)$/.test(name));
        demand(
          grants.length === 0,
          'no grant is in a file',
          () => `${address} boots with ${grants[0]?.name}`,
        );
      },
      fileWritten(process, file) {
        const { address } = process.host;
        const grants = file.users.filter(({ name }) => /^(w-\d+|ns-\d+(-\d+)?|repl-.*)$/.test(name));
        demand(
          grants.length === 0,
          'no grant is in a file',
          () => `the file of ${address} has ${grants.map(({ name }) => name).join(', ')}`,
        );
        const isManaged = file.users.some(({ name }) => name === 'pollux-probe');
        demand(
          !isManaged || file.replicaOf?.port === 1,
          'a managed server boots as a replica of nobody',
          () => `the file of ${address} says ${file.replicaOf?.port ?? 'master'}`,
        );
      },
    },
  };
}
