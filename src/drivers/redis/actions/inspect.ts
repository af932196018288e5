/**
 * Is this server fit to be taken on, and what would that change? Reads only. What can't be known by reading -
 * whether its file can be written - is proved when the server is prepared, before anything else is changed.
 */
import type { Inspection, SteerOutcome } from '../../../core/failover/steering.ts';
import { countKeys, type InfoFields, majorVersion, serverReport } from '../info-report.ts';
import { failed, type Step, stop, taken } from '../outcome.ts';
import { foreignUsers, type Preparation, proveWritable, readPreparation, readSettings } from '../prepare.ts';
import { type Hand, openOwner } from '../steering-hand.ts';
import { type ActionContext, blackholeAddress } from './context.ts';

type Problem = Inspection['problems'][number];

const OLDEST_MAJOR_VERSION = 7;

const PASSWORD_ADVICE =
  "Give the server's password to every node: redis.applicationPassword for the user default, redis.admin for another one";

/** What the answer to `INFO` alone forbids. */
export function infoProblems(fields: InfoFields): readonly Problem[] {
  const problems: Problem[] = [];
  const add = (code: string, message: string): void => {
    problems.push({ code, message });
  };
  if (majorVersion(fields) < OLDEST_MAJOR_VERSION) {
    add(
      'versionTooOld',
      `Redis ${fields.get('redis_version') ?? '(unknown)'} runs here, 7.0 or newer is needed.`,
    );
  }
  if (fields.get('redis_mode') === 'cluster') {
    add(
      'clusterMode',
      'The server runs in cluster mode, which has its own failover; set cluster-enabled no.',
    );
  }
  if (!fields.get('config_file')) {
    add(
      'noConfigFile',
      'The server was started without a configuration file; a fence could not survive a restart.',
    );
  }
  if (fields.get('loading') === '1')
    add('loading', 'The server is loading its data set; try again when it is done.');
  if (fields.get('role') === 'slave' && Number(fields.get('connected_slaves') ?? '0') > 0) {
    add('chained', 'The server is a replica and has replicas of its own; let all of them follow one master.');
  }
  return problems;
}

function persistenceOf(settings: ReadonlyMap<string, string>): Inspection['persistence'] {
  const rdb = (settings.get('save') ?? '') !== '';
  const aof = settings.get('appendonly') === 'yes';
  if (rdb && aof) return 'both';
  if (rdb) return 'rdb';
  return aof ? 'aof' : 'none';
}

/** Sentinels subscribe to their channel on every server they watch, and name their connections. */
export async function watchedBySentinel(hand: Hand): Promise<Step<boolean>> {
  const subscribers = await hand.ask(['PUBSUB', 'NUMSUB', '__sentinel__:hello']);
  if (!subscribers.ok) return subscribers;
  const clients = await hand.ask(['CLIENT', 'LIST']);
  if (!clients.ok) return clients;
  const counted = Array.isArray(subscribers.value) ? Number(subscribers.value[1]) : 0;
  return taken(counted > 0 || / name=sentinel-[0-9a-f]+-/.test(String(clients.value)));
}

function changesFor(
  context: ActionContext,
  preparation: Preparation,
  configFile: string,
  accessFile: string,
) {
  if (preparation.prepared) return [];
  const { host, port } = context.settings.blackhole;
  return [
    ...preparation.missing,
    `follow ${blackholeAddress({ host, port })} (nobody) while its file is written; writes are refused meanwhile`,
    `write ${configFile}: replicaof ${host} ${port}, so that it boots as a fenced replica with its data`,
    ...(accessFile === '' ? [] : [`write ${accessFile}: the users`]),
  ];
}

/** The account that may look: the operator's, or the hand where that has already lost its rights. */
async function openForLooking(context: ActionContext): Promise<Step<{ hand: Hand; owned: boolean }>> {
  const owner = await openOwner(context.settings, context.target);
  const allowed = owner.ok ? await owner.value.ask(['CONFIG', 'GET', 'save']) : owner;
  if (owner.ok && allowed.ok) return taken({ hand: owner.value, owned: true });
  if (owner.ok) owner.value.close();
  if (!allowed.ok && /unknown command/i.test(allowed.detail)) {
    return stop(
      'refused',
      'notADataServer',
      'it does not know CONFIG GET, as a Sentinel does not; name the data server',
    );
  }
  if (!allowed.ok && allowed.code !== 'missingPermission' && allowed.code !== 'wrongPassword') return allowed;
  const hand = await context.hand();
  if (hand.ok) return taken({ hand: hand.value, owned: false });
  if (hand.code !== 'notPrepared' || allowed.ok) return hand;
  return allowed.code === 'wrongPassword'
    ? { ...allowed, detail: `${allowed.detail}. ${PASSWORD_ADVICE}` }
    : allowed;
}

async function look(context: ActionContext, hand: Hand): Promise<Step<Inspection>> {
  const fields = await hand.info([]);
  if (!fields.ok) return fields;
  const report = serverReport(fields.value);
  if (report === null) return stop('refused', 'notADataServer', 'INFO is not that of a master or a slave');
  const problems = [...infoProblems(fields.value)];
  const known = {
    report,
    version: fields.value.get('redis_version') ?? '',
    configFile: fields.value.get('config_file') || null,
    keys: countKeys(fields.value),
  };
  if (majorVersion(fields.value) < OLDEST_MAJOR_VERSION) {
    // Older servers lack the commands that the rest of the questions need.
    return taken({
      ...known,
      prepared: false,
      persistence: 'none',
      watchedBySentinel: false,
      problems,
      changes: [],
    });
  }
  const preparation = await readPreparation(hand, context);
  if (!preparation.ok) return preparation;
  const users = await hand.askForStrings(['ACL', 'USERS']);
  if (!users.ok) return users;
  const foreign = preparation.value.knowsKeeper ? null : foreignUsers(users.value);
  if (foreign !== null) problems.push({ code: foreign.code, message: foreign.detail });
  const settings = await readSettings(hand, ['save', 'appendonly', 'aclfile']);
  if (!settings.ok) return settings;
  const watched = await watchedBySentinel(hand);
  if (!watched.ok) return watched;
  if (watched.value) {
    problems.push({
      code: 'watchedBySentinel',
      message: 'A Sentinel watches the server; two coordinators would fight. Remove it there first.',
    });
  }
  const changes = changesFor(
    context,
    preparation.value,
    known.configFile ?? '',
    settings.value.get('aclfile') ?? '',
  );
  return taken({
    ...known,
    prepared: preparation.value.prepared,
    persistence: persistenceOf(settings.value),
    watchedBySentinel: watched.value,
    problems,
    changes,
  });
}

/** A server that cannot keep its fence over a restart must not become part of a group, so this is known before it does. */
async function withWritableFile(hand: Hand, inspection: Inspection): Promise<Step<Inspection>> {
  // Sentinels themselves have servers write their files.
  const others = inspection.problems.filter(({ code }) => code !== 'watchedBySentinel');
  if (inspection.prepared || others.length > 0) return taken(inspection);
  const written = await proveWritable(hand);
  if (written.ok) return taken(inspection);
  if (written.code !== 'notWritable' && written.code !== 'noConfigFile') return written;
  const message = `The configuration file ${inspection.configFile ?? ''} cannot be written: ${written.detail}; a fence could not survive a restart.`;
  return taken({ ...inspection, problems: [...inspection.problems, { code: written.code, message }] });
}

export async function inspect(context: ActionContext, mayWrite: boolean): Promise<SteerOutcome> {
  const opened = await openForLooking(context);
  if (!opened.ok) return failed(opened);
  const { hand, owned } = opened.value;
  try {
    const looked = await look(context, hand);
    const inspection = looked.ok && owned && mayWrite ? await withWritableFile(hand, looked.value) : looked;
    return inspection.ok ? { kind: 'inspected', inspection: inspection.value } : failed(inspection);
  } finally {
    if (owned) hand.close();
  }
}
