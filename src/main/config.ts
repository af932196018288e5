/**
 * The one place that reads a node's configuration: a YAML file, validated as a whole, with secrets from files or the
 * environment. An unknown key is refused, so that a typo never silently means the default.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { splitAddress } from '../core/primitives/address.ts';
import { LIMITS } from '../core/primitives/limits.ts';

const name = z
  .string()
  .min(1)
  .max(LIMITS.nameCharacters)
  .regex(/^[A-Za-z0-9._-]+$/, 'letters, digits, dot, underscore and hyphen');

const isPort = (port: number): boolean => port >= 1 && port <= 65_535;

const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}$/, 'host:port, such as 127.0.0.1:7401')
  .refine((text) => isPort(Number(splitAddress(text).port)), 'a port is between 1 and 65535');

/** A secret is never in the file itself: it is named by a file or by an environment variable. */
const secret = z.union([
  z.strictObject({ file: z.string().min(1) }),
  z.strictObject({ environment: z.string().min(1) }),
]);

const site = z.strictObject({ name, kind: z.enum(['idc', 'witness']) });

const member = z.strictObject({
  name,
  site: name,
  /** Where the other nodes reach this one. */
  peer: address,
  /** Where clients and operators reach this one. */
  http: z.url({ protocol: /^https?$/ }),
  /** Where Redis clients reach its Sentinel door; they are not told of a node without it. */
  sentinel: address.optional(),
  /** Where RocketMQ brokers and clients reach its door; without it they are told the address at which they came in. */
  rocketmq: address.optional(),
});

const sentinelUser = z.strictObject({
  /** `default` is who does not name a user. */
  name,
  /** Left out: nobody has to log in, which only `default` may be. */
  password: secret.optional(),
  /** Glob patterns of the names of groups; no others exist for this user. */
  groups: z.array(z.string().min(1).max(LIMITS.nameCharacters)).min(1).max(64).default(['*']),
  /** Only slaves of this IDC are listed. */
  idc: name.optional(),
});

export const configurationSchema = z
  .strictObject({
    /** Which of `nodes` this process is. */
    node: name,
    dataDirectory: z.string().min(1),
    sites: z.array(site).min(1).max(9),
    nodes: z.array(member).min(1).max(9),
    /** Shared by all nodes of the tier; nobody without it can speak to the peer port. */
    peerSecret: secret,
    listen: z
      .strictObject({
        http: address.default('127.0.0.1:7400'),
        peer: address.default('127.0.0.1:7401'),
        /** For clients of Redis Sentinel; left out, there is no such door. */
        sentinel: address.optional(),
        /** For brokers and clients of RocketMQ, as NameServer and Controller; left out, there is no such door. */
        rocketmq: address.optional(),
      })
      .prefault({}),
    consensus: z
      .strictObject({
        electionTimeoutMs: z.int().min(50).max(60_000).default(500),
        heartbeatIntervalMs: z.int().min(5).max(10_000).default(50),
        clockDriftRatio: z.number().min(0).max(0.5).default(0.1),
        entriesBeforeSnapshot: z
          .int()
          .min(10)
          .max(LIMITS.entriesBeforeSnapshot)
          .default(LIMITS.entriesBeforeSnapshot),
      })
      .prefault({}),
    redis: z
      .strictObject({
        /** The passwords of pollux's own users on the servers follow from it; the same on every node. */
        steeringSecret: secret,
        /** Used once, to take on servers that are not prepared yet; without it `default` is used. */
        admin: z.strictObject({ username: z.string().min(1), password: secret }).optional(),
        /** What applications log in with as `default`; producers' users take the same. */
        applicationPassword: secret.optional(),
        tls: z
          .strictObject({
            caFile: z.string().min(1),
            certificateFile: z.string().optional(),
            keyFile: z.string().optional(),
          })
          .optional(),
        /** The login of real Sentinels, where they have one; needed only to take their masters over. */
        sentinels: z
          .strictObject({ username: z.string().min(1).default('default'), password: secret })
          .optional(),
        probeIntervalMs: z.int().min(10).max(10_000).default(100),
      })
      .optional(),
    sentinel: z
      .strictObject({ users: z.array(sentinelUser).max(LIMITS.sentinelUsers).default([]) })
      .optional(),
    /** Clients that do not say their IDC are placed by address, the longest range wins. */
    addressRanges: z
      .array(z.strictObject({ range: z.string(), idc: name }))
      .max(LIMITS.addressRanges)
      .default([]),
    /** The tier's first operator token; without it the first leader makes one and prints it. */
    operatorToken: secret.optional(),
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
        file: z.string().optional(),
      })
      .prefault({}),
  })
  .superRefine((value, context) => {
    const siteNames = new Set(value.sites.map((one) => one.name));
    const complain = (path: (string | number)[], message: string): void => {
      context.addIssue({ code: 'custom', path, message });
    };
    const named: [string, string, readonly string[]][] = [
      ['sites', 'name', value.sites.map((one) => one.name)],
      ['nodes', 'name', value.nodes.map((one) => one.name)],
      ['nodes', 'peer', value.nodes.map((one) => one.peer)],
    ];
    for (const [list, field, values] of named) {
      for (const index of duplicates(values)) complain([list, index, field], 'is used twice');
    }
    value.nodes.forEach((one, index) => {
      if (!siteNames.has(one.site))
        complain(['nodes', index, 'site'], `is none of the sites ${[...siteNames].join(', ')}`);
    });
    const isIdc = (wanted: string): boolean =>
      value.sites.some((candidate) => candidate.name === wanted && candidate.kind === 'idc');
    value.addressRanges.forEach((one, index) => {
      if (!isIdc(one.idc)) complain(['addressRanges', index, 'idc'], 'is none of the IDCs');
    });
    const own = value.nodes.find((one) => one.name === value.node);
    if ((own?.sentinel === undefined) !== (value.listen.sentinel === undefined)) {
      complain(
        ['listen', 'sentinel'],
        'and `sentinel` of this node in `nodes` are there both, or neither is',
      );
    }
    if (own?.rocketmq !== undefined && value.listen.rocketmq === undefined)
      complain(
        ['listen', 'rocketmq'],
        'is needed: `rocketmq` of this node in `nodes` says where that door is',
      );
    if (value.sentinel !== undefined && value.listen.sentinel === undefined)
      complain(['sentinel'], 'is for the Sentinel door, which `listen.sentinel` opens');
    const users = value.sentinel?.users ?? [];
    users.forEach((one, index) => {
      const path = ['sentinel', 'users', index];
      if (one.idc !== undefined && !isIdc(one.idc)) complain([...path, 'idc'], 'is none of the IDCs');
      if (one.password === undefined && one.name !== 'default')
        complain([...path, 'password'], 'is needed: only `default` may be without');
    });
    for (const index of duplicates(users.map((one) => one.name)))
      complain(['sentinel', 'users', index, 'name'], 'is used twice');
    if (!value.nodes.some((one) => one.name === value.node)) {
      complain(['node'], `is none of the nodes ${value.nodes.map((one) => one.name).join(', ')}`);
    }
    if (value.nodes.length % 2 === 0)
      complain(['nodes'], 'an odd number is needed: an even one survives no more failures');
    if (value.consensus.heartbeatIntervalMs * 3 > value.consensus.electionTimeoutMs) {
      complain(['consensus', 'heartbeatIntervalMs'], 'must be at most a third of electionTimeoutMs');
    }
  });

function duplicates(values: readonly string[]): number[] {
  return values.flatMap((value, index) => (values.indexOf(value) < index ? [index] : []));
}

export type Configuration = z.infer<typeof configurationSchema> & { readonly directory: string };
export type SecretSource = z.infer<typeof secret>;

/** Not a bug but a mistake in the file: printed as it is, without a stack. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** Reads and validates; relative paths in the file are relative to the file. Throws ConfigurationError. */
export function readConfiguration(path: string): Configuration {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError(`${path} cannot be read (${String(error)}); name a file with --config`);
  }
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined) throw new ConfigurationError(`${path} is not valid YAML: ${broken.message}`);
  const parsed = configurationSchema.safeParse(document.toJS());
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      (issue) => `  ${issue.path.join('.') || '(the file)'}: ${issue.message}`,
    );
    throw new ConfigurationError(`${path} is not a valid configuration:\n${lines.join('\n')}`);
  }
  return { ...parsed.data, directory: dirname(resolve(path)) };
}
