/** Real Sentinels and real servers for the contract of SentinelPort, each on a port of its own. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createSentinelClient } from '../../../src/drivers/redis/sentinel-client.ts';
import type { SentinelGround } from '../../core/sentinels/sentinel-port-contract.ts';
import { eventually } from '../../support/eventually.ts';
import { type RedisServer, type RedisServerOptions, startRedis } from '../../support/redis-server.ts';

const logger = { info: () => undefined, warn: () => undefined };

/** `10.0.0.1:6379` as the configuration of a Sentinel has it. */
const spaced = (address: string): string => address.replace(/:(\d+)$/, ' $1');
const portOf = (address: string): string => address.split(':').at(-1) ?? '';
const hostOf = (address: string): string => address.slice(0, -portOf(address).length - 1);

/** What a server takes for a slave that has begun to sync. */
async function announceSlave(master: string, slave: string): Promise<Socket> {
  const socket = connect(Number(portOf(master)), hostOf(master));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const answered = once(socket, 'data');
  socket.write(`REPLCONF listening-port ${portOf(slave)} ip-address ${hostOf(slave)}\r\n`);
  await answered;
  // Only now: a server refuses to sync one that it has not answered yet.
  socket.write('PSYNC ? -1\r\n');
  socket.resume();
  return socket;
}

export function groundOfProcesses(): SentinelGround {
  const servers = new Map<string, RedisServer>();
  const sockets: Socket[] = [];

  const start = async (options: RedisServerOptions): Promise<string> => {
    const server = await startRedis(options);
    servers.set(server.address, server);
    return server.address;
  };
  const at = (address: string): RedisServer => {
    const server = servers.get(address);
    if (server === undefined) throw new Error(`no server at ${address}`);
    return server;
  };
  const replicationOf = (address: string): Promise<string> => at(address).client().info('replication');

  return {
    master: () => start({ config: ['repl-diskless-sync-delay 0'] }),
    slave: async (master, priority) => {
      const address = await start({
        config: [`replicaof ${spaced(master)}`, `replica-priority ${priority}`],
      });
      const online = `port=${portOf(address)},state=online`;
      await eventually('the slave is in step', async () => {
        const [ofMaster, ofSlave] = [await replicationOf(master), await replicationOf(address)];
        return ofMaster.includes(online) && ofSlave.includes('master_link_status:up');
      });
      return address;
    },
    announce: async (master, slaves) => {
      // None of them is sent anything, so that nobody forks for them.
      await at(master).client().config('SET', 'repl-diskless-sync-delay', '3600');
      sockets.push(...(await Promise.all(slaves.map((slave) => announceSlave(master, slave)))));
      await eventually('all are announced', async () =>
        (await replicationOf(master)).includes(`connected_slaves:${slaves.length}`),
      );
    },
    sentinel: ({ masters, downAfterMs, password, knownSlaves = [], knownSentinels = [] }) => {
      const [first] = Object.keys(masters);
      const config = Object.entries(masters).flatMap(([name, address]) => [
        `sentinel monitor ${name} ${spaced(address)} 2`,
        ...(downAfterMs === undefined ? [] : [`sentinel down-after-milliseconds ${name} ${downAfterMs}`]),
      ]);
      config.push(...knownSlaves.map((slave) => `sentinel known-replica ${first} ${spaced(slave)}`));
      for (const { id, address } of knownSentinels)
        config.push(`sentinel known-sentinel ${first} ${spaced(address)} ${id}`);
      if (password !== undefined) config.push(`requirepass ${password}`);
      return start({ sentinel: true, config });
    },
    kill: (address) => at(address).kill(),
    stall: async (address) => at(address).signal('SIGSTOP'),
    port: (password) => {
      const login = password === undefined ? null : { username: 'default', password };
      return createSentinelClient({ login, owner: null, tls: null }, { logger });
    },
    dispose: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all([...servers.values()].map((server) => server.stop()));
    },
  };
}
