/** INFO, with the sections and names that tools which watch Sentinels read. Text of one piece in both protocols. */

import { addressOf, slavesOf } from '../group-directory.ts';
import { nodeId } from '../node-id.ts';
import { isMasterDown, lastMaster } from '../records/master-record.ts';
import { bulk } from '../reply.ts';
import { subscriptionsOf } from '../session.ts';
import { type Call, type Command, MANY } from './command.ts';
import { whileCurrent } from './current.ts';
import { SERVER_VERSION } from './server-version.ts';

type Lines = readonly (readonly [string, string | number])[];

const uptimeSeconds = ({ door }: Call): number =>
  Math.floor((door.clock.now().monotonicMs - door.startedMs) / 1_000);

const SECTIONS: Readonly<Record<string, (call: Call) => Lines>> = {
  server: (call) => {
    const { door } = call;
    const status = door.face.status();
    return [
      ['redis_version', SERVER_VERSION],
      ['redis_mode', 'sentinel'],
      ['run_id', nodeId(door.face.state().tierId ?? '', door.options.self)],
      ['uptime_in_seconds', uptimeSeconds(call)],
      ['uptime_in_days', Math.floor(uptimeSeconds(call) / 86_400)],
      ['pollux_version', door.options.version],
      ['pollux_node', status.node],
      ['pollux_site', status.site],
      ['pollux_role', status.role],
    ];
  },
  clients: ({ door }) => {
    const sessions = [...door.sessions()];
    return [
      ['connected_clients', sessions.length],
      ['pubsub_clients', sessions.filter((session) => subscriptionsOf(session) > 0).length],
    ];
  },
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return [
      ['used_cpu_sys', (system / 1e6).toFixed(6)],
      ['used_cpu_user', (user / 1e6).toFixed(6)],
    ];
  },
  stats: ({ door }) => [['pollux_applied_index', door.face.status().appliedIndex]],
  sentinel: (call) => sentinelLines(call),
};

function sentinelLines({ door, user }: Call): Lines {
  const state = door.face.state();
  const groups = door.directory.list(state, user);
  return [
    ['sentinel_masters', groups.length],
    ['sentinel_tilt', 0],
    ['sentinel_tilt_since_seconds', -1],
    ['sentinel_running_scripts', 0],
    ['sentinel_scripts_queue_length', 0],
    ['sentinel_simulate_failure_flags', 0],
    ...groups.map((group, position) => {
      const master = lastMaster(group);
      const sighting = door.sightings.of(group.key, master.id);
      const status =
        group.phase.kind !== 'active' ? 'odown' : isMasterDown({ group, sighting }) ? 'sdown' : 'ok';
      const { host, port } = addressOf(master);
      const name = door.directory.nameOf(group);
      return [
        `master${position}`,
        `name=${name},status=${status},address=${host}:${port},slaves=${slavesOf(group, user).length},sentinels=${door.options.peers.length}`,
      ] as const;
    }),
  ];
}

export const info: Command = {
  name: 'info',
  words: [0, MANY],
  run: whileCurrent((call) => {
    const wanted = call.words.map((word) => word.toLowerCase());
    const all = wanted.length === 0 || wanted.some((word) => ['all', 'default', 'everything'].includes(word));
    const parts = Object.entries(SECTIONS)
      .filter(([name]) => all || wanted.includes(name))
      .map(([name, lines]) => {
        const head = name === 'cpu' ? 'CPU' : `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
        return `# ${head}\r\n${lines(call)
          .map(([key, value]) => `${key}:${value}\r\n`)
          .join('')}`;
      });
    return bulk(parts.join('\r\n'));
  }),
};
