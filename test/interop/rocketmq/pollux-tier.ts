/** Three nodes of ours, a host at each site. */
import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Sites } from '../../support/sites.ts';
import { type TierNode as PolluxNode, startTier } from '../../support/tier.ts';
import { type RocketmqTier, SITES, type Site, type TierNode } from './ground.ts';

function siteOf(name: string): Site {
  const found = SITES.find((site) => site === name);
  if (found === undefined) throw new Error(`${name} is no site`);
  return found;
}

export async function startPolluxTier(sites: Sites, directory: string): Promise<RocketmqTier> {
  const tier = await startTier({ machineFor: (site, name) => sites.host(site, name) });
  const nodes = tier.nodes.map(nodeOf);
  return {
    kind: 'pollux',
    what: `${nodes.length} nodes`,
    nodes,
    operator: (...request) => tier.call(...request),
    leading: async () => {
      const { name } = await tier.leader();
      const found = nodes.find((node) => node.name === name);
      if (found === undefined) throw new Error(`${name} is no node`);
      return found;
    },
    close: async () => {
      for (const { logFile } of tier.nodes) copyFileSync(logFile, join(directory, basename(logFile)));
      await tier.close();
    },
  };
}

function nodeOf(node: PolluxNode): TierNode {
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
}
