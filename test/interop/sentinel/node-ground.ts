/** Clients at our own nodes. */
import { type GroupDetail, groupDetailSchema } from '../../../src/contract/groups.ts';
import { eventually } from '../../support/eventually.ts';
import { type Ground, type GroundServer, isWhole, prepareGround } from '../../support/ground.ts';
import type { Machine } from '../../support/machine.ts';
import { createSites, type Host, type Sites } from '../../support/sites.ts';
import { CLIENT_IDC, type InteropGround, MASTER, mendAll, SERVER_SITES } from './ground.ts';
import { askSentinel } from './sentinel-question.ts';

const ASK_TIMEOUT_MS = 1_000;

export async function prepareNodeGround(progress: (line: string) => void): Promise<InteropGround> {
  const sites = await createSites();
  const machineFor = (site: string, name: string): Promise<Machine> => sites.host(site, name);
  try {
    const ground = await prepareGround({
      layout: [{ group: MASTER, sites: SERVER_SITES }],
      policy: 'cross-idc',
      machineFor,
      tier: { machineFor },
      progress,
    });
    return nodeGround(sites, ground, await sites.host(CLIENT_IDC, 'clients'));
  } catch (error) {
    await sites.close();
    throw error;
  }
}

function nodeGround(sites: Sites, ground: Ground, clientHost: Host): InteropGround {
  const { tier } = ground;
  const servers = ground.groups[0]?.servers ?? [];
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
    clientHost,
    doors: tier.nodes.map(({ name, site, httpUrl, sentinelPort }) => ({
      name,
      site,
      address: { host: new URL(httpUrl).hostname, port: sentinelPort },
    })),
    epoch: async () => (await group()).epoch,
    master: async () => (await master()).redis,
    failsOver,
    whole,
    mend: () =>
      mendAll(
        sites,
        servers.map(({ redis }) => redis),
      ),
    begin: async () => {
      await whole();
      const first = servers[0]?.id ?? '';
      if ((await master()).id === first) return;
      await switchTo({ to: first });
      await whole();
    },
    switchOver: () => switchTo({}),
    refuses: async ({ name, address }) => {
      await eventually(`${name} refuses discovery`, () =>
        askSentinel(address, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER).then(
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
