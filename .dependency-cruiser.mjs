/**
 * Who may import whom. Every room under src/ lists everything that it may import; whatever is not listed is
 * forbidden, npm packages and node built-ins included, and so are type imports. A room that is not listed is
 * forbidden altogether. test/imports/ proves that each of these rules fires.
 */
const node = Symbol('node built-ins');
const npm = (...names) => names.map((name) => `(^|/)node_modules/(@types/)?${name}/`);
const core = (...rooms) => rooms.map((room) => `^src/core/${room}/`);

/** The pure code that doors, drivers and platform may lean on, beside the node's ports and face. */
const edge = core('primitives', 'metadata', 'liveness', 'routing', 'failover', 'coordinator', 'node');

const mayImport = {
  'src/core/primitives': [],
  'src/core/raft': core('primitives'),
  'src/core/metadata': [...core('primitives'), ...npm('zod')],
  'src/core/liveness': core('primitives', 'metadata'),
  'src/core/routing': core('primitives', 'metadata'),
  'src/core/governance': core('primitives', 'metadata'),
  'src/core/failover': core('primitives', 'metadata', 'liveness', 'routing'),
  'src/core/drills': core('primitives', 'metadata', 'liveness', 'routing', 'failover'),
  'src/core/coordinator': core(
    'primitives',
    'metadata',
    'liveness',
    'routing',
    'failover',
    'drills',
    'governance',
  ),
  'src/core/sentinels': core('primitives', 'metadata', 'coordinator', 'node'),
  'src/core/node': [...edge, ...core('raft', 'drills', 'governance')],
  'src/contract': [...core('primitives'), ...npm('zod')],
  'src/remoting': [...core('primitives'), ...npm('zod'), node],
  'src/doors/http': [...edge, ...core('sentinels'), '^src/contract/', ...npm('fastify', 'zod'), node],
  'src/doors/sentinel': [...edge, ...core('sentinels'), ...npm('zod'), node],
  'src/doors/rocketmq': [...edge, '^src/remoting/', ...npm('zod'), node],
  'src/drivers/redis': [...edge, ...core('sentinels'), ...npm('ioredis', 'zod'), node],
  'src/drivers/http': [...edge, ...npm('zod'), node],
  'src/drivers/rocketmq': [...edge, '^src/remoting/', ...npm('zod'), node],
  'src/platform': [
    ...edge,
    '^src/core/raft/types',
    ...npm('classic-level', 'pino', 'prom-client', 'zod'),
    node,
  ],
  'src/sdk': [...core('primitives'), '^src/contract/', ...npm('ioredis'), node],
  'src/cli': [
    ...core('primitives'),
    '^src/contract/',
    '^src/sdk/admin-client',
    ...npm('commander', 'cli-table3', 'picocolors', 'zod'),
    node,
  ],
  'src/console': [],
  'src/main': ['^src/', ...npm('commander', 'pino', 'yaml', 'zod'), node],
};

const rooms = Object.keys(mayImport);

const roomRules = Object.entries(mayImport).map(([room, allowed]) => ({
  name: `${room.replace('src/', '').replaceAll('/', '-')}-imports`,
  comment: `${room} may import only what .dependency-cruiser.mjs lists for it.`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: {
    pathNot: [`^${room}/`, ...allowed.filter((entry) => entry !== node)],
    ...(allowed.includes(node) ? { dependencyTypesNot: ['core'] } : {}),
  },
}));

export default {
  forbidden: [
    ...roomRules,
    {
      name: 'main-is-imported-by-none',
      comment: 'src/main is wiring: what others need of it belongs into a room.',
      severity: 'error',
      from: { pathNot: '^src/main/' },
      to: { path: '^src/main/' },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that import each other are one file, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unlisted-rooms',
      comment: 'A new room gets a line in .dependency-cruiser.mjs first.',
      severity: 'error',
      from: { path: '^src/', pathNot: rooms.map((room) => `^${room}/`) },
      to: {},
    },
    {
      name: 'no-unlisted-rooms-of-loners',
      comment: 'As above, for a file that neither imports nor is imported.',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: rooms.map((room) => `^${room}/`) },
      to: {},
    },
    {
      name: 'nothing-unresolvable',
      comment: 'An import that cannot be found cannot be judged.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Without it, type imports vanish before anybody looks at them.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
