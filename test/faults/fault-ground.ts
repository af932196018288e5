/**
 * Where faults are tried: three sites with a node each, one broker group of real Redis servers over two of them, and
 * the applications of both IDCs, every process on a host of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ground, type Idc, prepareGround } from '../support/ground.ts';
import type { Machine } from '../support/machine.ts';
import { createSites, type Sites } from '../support/sites.ts';
import type { GroundSpec, LayoutName } from './fault.ts';
import { type IdcClients, startClients } from './idc-clients.ts';
import { specialOf } from './specials.ts';

export const GROUP = 'orders';

const LAYOUTS: Readonly<Record<LayoutName, readonly Idc[]>> = {
  '2+1': ['idc-a', 'idc-a', 'idc-b'],
  '2+2': ['idc-a', 'idc-a', 'idc-b', 'idc-b'],
};

export type FaultGround = Ground & {
  readonly spec: GroundSpec;
  readonly sites: Sites;
  readonly clients: IdcClients;
  /** For files of the ground's own. */
  readonly scratch: string;
};

export const clientHost = (idc: Idc): string => `clients-${idc}`;

export async function prepareFaultGround(spec: GroundSpec): Promise<FaultGround> {
  const sites = await createSites();
  const scratch = mkdtempSync(join(tmpdir(), 'pollux-faults-'));
  const special = specialOf(spec.special);
  let ground: Ground | null = null;
  try {
    const machineFor = async (site: string, name: string): Promise<Machine> => {
      const host = await sites.host(site, name);
      const command = (line: readonly string[]) => host.command(special.run?.(name, line, scratch) ?? line);
      return {
        get address() {
          return host.address;
        },
        command,
      };
    };
    ground = await prepareGround({
      layout: [{ group: GROUP, sites: LAYOUTS[spec.layout] }],
      policy: spec.policy,
      onShortage: spec.onShortage,
      machineFor,
      tier: { machineFor, ...special.tier },
      redisConfig: special.redisConfig ?? [],
    });
    const clients = await startClients(ground.tier.urls, (idc) => sites.host(idc, clientHost(idc)));
    const { close } = ground;
    return {
      ...ground,
      spec,
      sites,
      clients,
      scratch,
      close: async () => {
        await clients.close();
        await close();
        await sites.close();
        rmSync(scratch, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await ground?.close();
    await sites.close();
    rmSync(scratch, { recursive: true, force: true });
    throw error;
  }
}
