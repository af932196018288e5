/** Three nodes of ours, a host at each site. */
import type { Sites } from '../../support/sites.ts';
import { startTier } from '../../support/tier.ts';
import { type RocketmqTier, SITES, type Site } from './ground.ts';

function siteOf(name: string): Site {
  const found = SITES.find((site) => site === name);
  if (found === undefined) throw new Error(`${name} is no site`);
  return found;
}

export async function startPolluxTier(sites: Sites): Promise<RocketmqTier> {
  const tier = await startTier({ machineFor: (site, name) => sites.host(site, name) });
  return {
    kind: 'pollux',
    what: `${tier.nodes.length} nodes`,
    nodes: tier.nodes.map((node) => {
      const address = `${new URL(node.httpUrl).hostname}:${node.rocketmqPort}`;
      return {
        name: node.name,
        site: siteOf(node.site),
        nameServer: address,
        controller: address,
        isRunning: () => node.isRunning(),
        start: () => node.start(),
        stop: async () => {
          await node.stop();
        },
        kill: () => node.kill(),
      };
    }),
    close: () => tier.close(),
  };
}
