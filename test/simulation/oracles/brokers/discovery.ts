/**
 * Discovery never goes back: to one client of one node, revisions and epochs only rise, and two nodes that name the same
 * revision name the same masters.
 */
import type { SimulatedNode } from '../../world/simulated-node.ts';
import { demand } from '../../world/violation.ts';
import type { BrokerOracle } from './broker-oracle.ts';

type Seen = { revision: number; readonly epochs: Map<string, number> };

export function discovery(): BrokerOracle {
  const answers = new Map<number, string>();
  const seenOf = new Map<string, Seen>();

  const look = (node: SimulatedNode): void => {
    const loop = node.loop();
    const revision = loop.routesRevision();
    const seen = seenOf.get(node.name) ?? { revision: -1, epochs: new Map() };
    if (seen.revision === revision) return;
    seenOf.set(node.name, seen);
    demand(revision > seen.revision, 'discovery never goes back', () => `${node.name} answers ${revision}`);
    seen.revision = revision;
    const groups = [...loop.state().groups.values()];
    for (const { key, epoch } of groups) {
      demand(
        epoch >= (seen.epochs.get(key) ?? 0),
        'discovery never goes back',
        () => `${node.name} takes ${key} from epoch ${seen.epochs.get(key)} to ${epoch}`,
      );
      seen.epochs.set(key, epoch);
    }
    const answer = groups
      .map(({ key, epoch, master, phase, syncSets }) =>
        [key, epoch, master, phase.kind, syncSets.at(-1)?.version].join(' '),
      )
      .sort()
      .join('; ');
    const known = answers.get(revision) ?? answer;
    demand(
      known === answer,
      'a revision has one meaning',
      () => `${node.name} answers ${answer} at ${revision}, elsewhere that was ${known}`,
    );
    answers.set(revision, answer);
  };

  return {
    node: {
      started: (node) => {
        // Clients keep the highest revision over a restart; the node itself reads its log anew.
        seenOf.delete(node.name);
      },
      stepped: look,
    },
  };
}
