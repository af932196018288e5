/**
 * Where clients are tried: three sites with a node each, one broker group of real Redis servers over two of them, and
 * the clients on a host of the IDC that is not the first master's. Every process has a network of its own.
 */
import { type GroupDetail, groupDetailSchema } from '../../../src/contract/groups.ts';
import { eventually } from '../../support/eventually.ts';
import { type Ground, type GroundServer, type Idc, isWhole, prepareGround } from '../../support/ground.ts';
import type { Machine } from '../../support/machine.ts';
import { createSites, type Host, type Sites } from '../../support/sites.ts';
import type { TierNode } from '../../support/tier.ts';
import type { SentinelAddress } from './client-line.ts';
import { askSentinel } from './sentinel-question.ts';

export const MASTER = 'orders';
/** The IDC of the clients; the first master is in the other one. */
export const CLIENT_IDC = 'idc-b';
export const MASTER_IDC = 'idc-a';
const SITES: readonly Idc[] = [MASTER_IDC, MASTER_IDC, CLIENT_IDC];
const ASK_TIMEOUT_MS = 1_000;

export type InteropGround = {
  readonly sites: Sites;
  readonly ground: Ground;
  readonly clientHost: Host;
  node(site: string): TierNode;
  /** As a node of a majority shows it; which one that is, is tried. */
  group(): Promise<GroupDetail>;
  master(): Promise<GroundServer>;
  failsOver(beforeEpoch: number): Promise<void>;
  whole(): Promise<void>;
  /** Nothing is cut, everything runs, and the first master reigns again. */
  mend(): Promise<void>;
  begin(): Promise<void>;
  switchOver(): Promise<void>;
  sentinelOf(node: TierNode): SentinelAddress;
  refuses(node: TierNode): Promise<void>;
  close(): Promise<void>;
};

export async function prepareInteropGround(progress: (line: string) => void): Promise<InteropGround> {
  const sites = await createSites();
  const machineFor = (site: string, name: string): Promise<Machine> => sites.host(site, name);
  try {
    const ground = await prepareGround({
      layout: [{ group: MASTER, sites: SITES }],
      policy: 'cross-idc',
      machineFor,
      tier: { machineFor },
      progress,
    });
    return interopGround(sites, ground, await sites.host(CLIENT_IDC, 'clients'));
  } catch (error) {
    await sites.close();
    throw error;
  }
}

function interopGround(sites: Sites, ground: Ground, clientHost: Host): InteropGround {
  const { tier } = ground;
  const servers = ground.groups[0]?.servers ?? [];
  const addressOf = (node: TierNode): SentinelAddress => ({
    host: new URL(node.httpUrl).hostname,
    port: node.sentinelPort,
  });
  const group = async (): Promise<GroupDetail> => {
    const shown = await Promise.all(
      tier.nodes.map(async (node) => {
        const path = `/v1/groups/${MASTER}`;
        const answer = await tier.call('GET', path, undefined, node, ASK_TIMEOUT_MS).catch(() => null);
        return answer?.status === 200 ? [groupDetailSchema.parse(answer.body)] : [];
      }),
    );
    const best = shown
      .flat()
      .sort((one, other) => Number(one.stale) - Number(other.stale) || other.epoch - one.epoch)
      .at(0);
    if (best === undefined) throw new Error('no node shows the group');
    return best;
  };
  const master = async (): Promise<GroundServer> => {
    const { master: reigning } = await group();
    const found = servers.find(({ id }) => id === reigning?.replica);
    if (found === undefined) throw new Error('the group has no master');
    return found;
  };
  const whole = async (): Promise<void> => {
    await eventually('the group is whole', async () => isWhole(await group()), 30_000);
  };
  const switchTo = async (body: object): Promise<void> => {
    const { epoch } = await group();
    await eventually(
      'a switch begins',
      async () => {
        const node = await tier.leader();
        const { status } = await tier.call('POST', `/v1/groups/${MASTER}/switchover`, body, node);
        return status === 202;
      },
      10_000,
    );
    await failsOver(epoch);
  };
  const failsOver = async (beforeEpoch: number): Promise<void> => {
    await eventually(`a reign after epoch ${beforeEpoch} is active`, async () => {
      const { phase, epoch } = await group();
      return phase.kind === 'active' && epoch > beforeEpoch;
    });
  };
  return {
    sites,
    ground,
    clientHost,
    group,
    master,
    failsOver,
    whole,
    node: (site) => {
      const found = tier.nodes.find((one) => one.site === site);
      if (found === undefined) throw new Error(`there is no node at ${site}`);
      return found;
    },
    mend: async () => {
      await sites.heal();
      for (const { redis } of servers) {
        redis.signal('SIGCONT');
        if (!redis.isRunning()) await redis.start();
      }
    },
    begin: async () => {
      await whole();
      const first = servers[0]?.id ?? '';
      if ((await master()).id === first) return;
      await switchTo({ to: first });
      await whole();
    },
    switchOver: () => switchTo({}),
    sentinelOf: addressOf,
    refuses: async (node) => {
      await eventually(`${node.name} refuses discovery`, () =>
        askSentinel(addressOf(node), 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER).then(
          () => false,
          (error: unknown) => String(error).includes('LOADING'),
        ),
      );
    },
    close: async () => {
      await ground.close();
      await sites.close();
    },
  };
}
