/** Connections between sites made slow: the router hands them to a proxy that holds back what passes. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { FaultGround } from './fault-ground.ts';

const run = promisify(execFile);

type Target = { readonly host: string; readonly port: number; readonly site: string };

/** Those that are open break, and are opened anew through the proxy. */
export async function slowDown(ground: FaultGround): Promise<{ heal(): Promise<void> }> {
  const { sites, tier, groups } = ground;
  const targets: Target[] = [
    ...tier.nodes.flatMap(({ site, name, httpUrl, peerPort }) => {
      const host = sites.known(name).address;
      return [peerPort, Number(new URL(httpUrl).port)].map((port) => ({ host, port, site }));
    }),
    ...groups.flatMap(({ servers }) =>
      servers.map(({ id, site, redis }) => ({ host: sites.known(id).address, port: redis.port, site })),
    ),
  ];
  const extension = extname(import.meta.filename);
  const [command = '', ...parameters] = sites.inRouter([
    process.execPath,
    ...(extension === '.ts' ? ['--import', 'tsx'] : []),
    resolve(import.meta.dirname, `processes/slow-link${extension}`),
    JSON.stringify(targets),
  ]);
  const proxy: ChildProcess = spawn(command, parameters, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [message] = await once(proxy, 'message');
  const ports = z.array(z.number()).parse(message);
  const rules = targets.map(({ host, port, site }, at) => {
    const elsewhere = sites.addressesOutside(site).join(', ');
    return `ip saddr { ${elsewhere} } ip daddr ${host} tcp dport ${port} redirect to :${ports[at]}`;
  });
  const nft = async (text: string): Promise<void> => {
    const [program = '', ...words] = sites.inRouter(['nft', text]);
    await run(program, words);
  };
  // Whatever went straight is reset, and comes back through the proxy.
  const straight = [...new Set(targets.map(({ site }) => site))].map((site) => {
    const outside = sites.addressesOutside(site).join(', ');
    return `ip daddr { ${outside} } ip saddr { ${sites.addressesAt(site).join(', ')} } reject with tcp reset`;
  });
  await nft(
    [
      'table ip slow {',
      'chain redirected { type nat hook prerouting priority -100; policy accept;',
      ...rules,
      '}',
      'chain straight { type filter hook forward priority 0; policy accept;',
      ...straight.map((rule) => `meta l4proto tcp ${rule}`),
      '}',
      '}',
    ].join('\n'),
  );
  return {
    heal: async () => {
      await nft('delete table ip slow');
      if (proxy.exitCode === null && proxy.signalCode === null) {
        const gone = once(proxy, 'exit');
        proxy.kill('SIGKILL');
        await gone;
      }
    },
  };
}
