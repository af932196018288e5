/**
 * One master taken over from its Sentinels, or only planned. The order is what makes it safe to break off: nothing is
 * told to any Sentinel before the servers were found fit, and from the first that is told on, every way out says what
 * was done and how it is put back.
 */

import { refusalOfPlan } from '../coordinator/plan-refusal.ts';
import type { ClientReply, GroupDeclaration, GroupPlan } from '../coordinator/requests.ts';
import type { BrokerGroup, OnShortage, WritePolicy } from '../metadata/state.ts';
import type { NodeFace } from '../node/face.ts';
import type { TimerPort } from '../node/ports.ts';
import { InvariantError, must } from '../primitives/assert.ts';
import { groupKey, type ReplicaId, type SiteName } from '../primitives/identifiers.ts';
import { accepted, type Refusal, type Result, refused } from '../primitives/refusal.ts';
import { type AdoptionTerms, declarationOf, type FoundServer, placeServers } from './declare-servers.ts';
import { type Finding, judgeSurvey, slavesIn } from './judge-survey.ts';
import type { Places } from './place-servers.ts';
import { PASSWORDS_TOO, putBack, removal } from './put-back.ts';
import type { SentinelPort } from './sentinel-port.ts';
import { type Survey, surveyMaster } from './survey.ts';

export type AdoptionOrder = {
  /** One of the Sentinels that watch the master, which has the name of the group that it becomes. */
  readonly sentinel: string;
  readonly terms: AdoptionTerms;
  readonly said: ReadonlyMap<string, SiteName>;
  readonly planOnly: boolean;
  readonly by: string;
};

export type Adoption = {
  readonly policy: WritePolicy;
  readonly onShortage: OnShortage;
  /** Address of the master now. */
  readonly master: string;
  readonly servers: readonly {
    readonly replica: ReplicaId;
    readonly address: string;
    readonly site: SiteName;
    readonly placedBy: 'site' | 'addressRange' | 'declared';
  }[];
  readonly sentinels: readonly {
    readonly address: string;
    readonly id: string;
    /** What it is told; nothing where the group is only watched. */
    readonly told: readonly string[];
    /** What makes it watch the master again. */
    readonly putBack: readonly string[];
  }[];
  readonly findings: readonly Finding[];
};

export type AdoptionReply =
  | {
      readonly kind: 'plan';
      readonly adoption: Adoption;
      readonly fit: boolean;
      /** Null where nothing is to be changed on a server. */
      readonly plan: GroupPlan | null;
    }
  | { readonly kind: 'committed'; readonly adoption: Adoption; readonly index: number };

export type AdoptionPorts = {
  readonly sentinels: SentinelPort;
  readonly face: Pick<NodeFace, 'state' | 'submit'>;
  readonly timers: TimerPort;
  readonly idcOfAddress: Places['idcOfAddress'];
};

/** A Sentinel lets go of the servers within milliseconds; so often is looked whether it has, and so long after. */
const LET_GO_LOOKS = 20;
const LET_GO_INTERVAL_MS = 200;

/** What the steps of one adoption share. `watched`: the group exists, only watched so far. */
type Course = {
  readonly order: AdoptionOrder;
  readonly ports: AdoptionPorts;
  readonly declaration: GroupDeclaration;
  readonly watched: BrokerGroup | null;
  readonly adoption: Adoption;
};

export async function adopt(order: AdoptionOrder, ports: AdoptionPorts): Promise<Result<AdoptionReply>> {
  const { sentinel, terms, planOnly } = order;
  const survey = await surveyMaster(ports.sentinels, sentinel, terms.name);
  if (!survey.ok) return survey;
  const set = courseOf(order, ports, survey.value);
  if (!set.ok) return set;
  const course = set.value;
  const { adoption } = course;
  const forbidden = adoption.findings.filter((one) => forbids(one, terms.watchOnly));
  if (planOnly) {
    if (terms.watchOnly) return accepted({ kind: 'plan', adoption, fit: forbidden.length === 0, plan: null });
    const plan = await preflight(course, false);
    if (!plan.ok) return plan;
    return accepted({
      kind: 'plan',
      adoption,
      fit: plan.value.fit && forbidden.length === 0,
      plan: plan.value,
    });
  }
  if (forbidden.length > 0) return forbiddenBy(forbidden);
  if (terms.watchOnly) return committed(course);
  const plan = await preflight(course, true);
  if (!plan.ok) return plan;
  if (!plan.value.fit) return refusalOfPlan(course.declaration, plan.value);
  const unchanged = await lookAgain(course, survey.value);
  return unchanged.ok ? takeOver(course) : unchanged;
}

const forbids = ({ forbids: what }: Finding, watchOnly: boolean): boolean =>
  what === 'everything' || (what === 'takeover' && !watchOnly);

const forbiddenBy = (findings: readonly Finding[]) =>
  refused(
    'preflightFailed',
    `${findings.map(({ message }) => message).join(' ')} Nothing was changed; look again with --plan.`,
    { field: 'master' },
  );

const serversOf = (survey: Survey): readonly FoundServer[] => {
  const { address } = must(survey.seen[0], 'a survey begins with the Sentinel that was named');
  return [{ address, priority: 100 }, ...slavesIn(survey).filter((slave) => slave.address !== address)];
};

/** Of a group that was only watched, what was declared stays. */
function courseOf(order: AdoptionOrder, ports: AdoptionPorts, survey: Survey): Result<Course> {
  const { terms, said } = order;
  const places = { said, idcOfAddress: ports.idcOfAddress };
  const found = serversOf(survey);
  const existing = ports.face.state().groups.get(groupKey(terms.cluster, terms.name));
  const watched = existing?.watchOnly === true && !terms.watchOnly ? existing : null;
  if (watched !== null) {
    const placed = watched.replicas.map(({ site, endpoints }) => ({
      address: endpoints.client,
      site,
      placedBy: 'declared' as const,
    }));
    const findings = [...judgeSurvey(survey, declaredPlaces(places, placed)), ...otherServers(placed, found)];
    const adoption = adoptionOf(survey, watched, placed, findings, false);
    const declaration = { ...watched, preferredMaster: null };
    return accepted({ order, ports, declaration, watched, adoption });
  }
  const placed = placeServers(found, places, sayWhere);
  if (!placed.ok) return placed;
  const declaration = declarationOf(terms, placed.value);
  const adoption = adoptionOf(
    survey,
    declaration,
    placed.value,
    judgeSurvey(survey, places),
    terms.watchOnly,
  );
  return accepted({ order, ports, declaration, watched: null, adoption });
}

const sayWhere = (astray: readonly string[]): string => {
  const options = astray.map((address) => `--site ${address}=IDC`).join(' ');
  return `Say where each stands: ${options}; or add a range to addressRanges in the configuration of the nodes.`;
};

const declaredPlaces = (
  places: Places,
  placed: readonly { readonly address: string; readonly site: SiteName }[],
): Places => ({ ...places, said: new Map(placed.map(({ address, site }) => [address, site])) });

function otherServers(
  declared: readonly { readonly address: string }[],
  found: readonly FoundServer[],
): readonly Finding[] {
  const known = declared.map(({ address }) => address).sort();
  const seen = found.map(({ address }) => address).sort();
  if (known.join() === seen.join()) return [];
  const message = `The group that is watched has ${known.join(', ')}; the Sentinels have ${seen.join(', ')}. Release it, and adopt it anew.`;
  return [{ code: 'otherServers', message, forbids: 'everything' }];
}

function adoptionOf(
  survey: Survey,
  { name, replicas, policy, onShortage }: Omit<GroupDeclaration, 'preferredMaster'>,
  placed: readonly { readonly placedBy: Adoption['servers'][number]['placedBy'] }[],
  findings: readonly Finding[],
  watchOnly: boolean,
): Adoption {
  return {
    policy,
    onShortage,
    master: must(survey.seen[0], 'a survey begins with the Sentinel that was named').address,
    servers: replicas.map(({ id, site, endpoints }, position) => ({
      replica: id,
      address: endpoints.client,
      site,
      placedBy: must(placed[position], 'every server is placed').placedBy,
    })),
    sentinels: survey.seen.map((seen) => ({
      ...seen.sentinel,
      told: watchOnly ? [] : [removal(name)],
      putBack: putBack(name, seen),
    })),
    findings,
  };
}

/** The ordinary preflight; that Sentinels watch the servers is what this is about, and not held against them. */
async function preflight(course: Course, proveWritable: boolean): Promise<Result<GroupPlan>> {
  const reply = await ask(course, { planOnly: true, proveWritable });
  if (!reply.ok) return reply;
  if (reply.value.kind !== 'plan') return unexpected(reply.value.kind);
  const plan = besideSentinels(reply.value.plan);
  const { master } = course.adoption;
  const first = plan.servers.find(({ replica }) => replica === plan.master)?.address ?? null;
  if (first === null || first === master) return accepted(plan);
  const message = `would be the first master, and the Sentinels say ${master}; wait until they agree`;
  const problems = [...plan.problems, { replica: plan.master, code: 'otherMaster', message }];
  return accepted({ ...plan, problems, fit: false });
}

const isOfSentinels = ({ code }: { readonly code: string }): boolean => code === 'watchedBySentinel';

function besideSentinels(plan: GroupPlan): GroupPlan {
  const problems = plan.problems.filter((problem) => !isOfSentinels(problem));
  const servers = plan.servers.map((server) => {
    const { inspection } = server;
    if (inspection === null) return server;
    const others = inspection.problems.filter((problem) => !isOfSentinels(problem));
    return { ...server, inspection: { ...inspection, problems: others } };
  });
  return { ...plan, servers, problems, fit: problems.length === 0 };
}

const ask = (
  { order: { by }, ports, declaration, watched }: Course,
  how: { readonly planOnly: boolean; readonly proveWritable: boolean },
): Promise<ClientReply> =>
  watched === null
    ? ports.face.submit({ type: 'addGroup', declaration, ...how, by })
    : ports.face.submit({ type: 'takeGroup', group: watched.key, preferredMaster: null, ...how, by });

function unexpected(kind: string): never {
  throw new InvariantError(`an adoption was answered with ${kind}`);
}

async function committed(course: Course): Promise<Result<AdoptionReply>> {
  const reply = await ask(course, { planOnly: false, proveWritable: false });
  if (!reply.ok) return reply;
  if (reply.value.kind !== 'committed') return unexpected(reply.value.kind);
  return accepted({ kind: 'committed', adoption: course.adoption, index: reply.value.index });
}

/** The preflight took its time; the Sentinels may have begun to move the master meanwhile. */
async function lookAgain({ order, ports, adoption }: Course, before: Survey): Promise<Result<null>> {
  const again = await surveyMaster(ports.sentinels, order.sentinel, order.terms.name);
  if (!again.ok) return again;
  const idsOf = ({ seen }: Survey): string =>
    seen
      .map(({ sentinel }) => sentinel.id)
      .sort()
      .join();
  const said = new Map(adoption.servers.map(({ address, site }) => [address, site]));
  const findings = judgeSurvey(again.value, { said, idcOfAddress: ports.idcOfAddress });
  const forbidden = findings.filter((one) => forbids(one, false));
  if (forbidden.length > 0) return forbiddenBy(forbidden);
  const isSame = again.value.seen[0]?.address === adoption.master && idsOf(again.value) === idsOf(before);
  if (isSame) return accepted(null);
  return refused(
    'busy',
    `The Sentinels of ${order.terms.name} changed while the servers were looked at. Nothing was changed; try again.`,
  );
}

async function takeOver(course: Course): Promise<Result<AdoptionReply>> {
  const { ports, declaration, adoption } = course;
  const told: string[] = [];
  for (const { address } of adoption.sentinels) {
    told.push(address);
    const removed = await ports.sentinels.remove(address, declaration.name);
    if (!removed.ok) return stopped(course, told, removed.refusal);
  }
  const left = await untilLetGo(course);
  if (!left.ok) return stopped(course, told, left.refusal);
  const reply = await committed(course);
  return reply.ok ? reply : stopped(course, told, reply.refusal);
}

/** A Sentinel that none of the others knew would still be there. */
async function untilLetGo(course: Course): Promise<Result<null>> {
  let watched: readonly string[] = [];
  for (let look = 0; look < LET_GO_LOOKS; look += 1) {
    const reply = await ask(course, { planOnly: true, proveWritable: false });
    if (!reply.ok) return reply;
    if (reply.value.kind !== 'plan') return unexpected(reply.value.kind);
    watched = reply.value.plan.servers
      .filter(({ inspection }) => inspection?.watchedBySentinel === true)
      .map(({ address }) => address);
    if (watched.length === 0) return accepted(null);
    await new Promise<void>((resolve) => course.ports.timers.after(LET_GO_INTERVAL_MS, resolve));
  }
  const why = `A Sentinel that none of the others knows still watches ${watched.join(', ')}.`;
  return refused('preflightFailed', `${why} Find it and tell it SENTINEL REMOVE, or put the others back.`);
}

/** Nobody knows whether the group was declared. */
const UNKNOWN = new Set(['timedOut', 'notLeader', 'internalError']);

function stopped(
  { declaration: { name }, watched, adoption }: Course,
  told: readonly string[],
  why: Refusal,
) {
  const done = `Told to stop watching ${name} by then: ${told.join(', ')}.`;
  if (why.code === 'duplicateName') {
    const message = `${why.message} Somebody else has declared it meanwhile. ${done}`;
    return refused('adoptionStopped', message);
  }
  const lines = adoption.sentinels
    .filter(({ address }) => told.includes(address))
    .map(({ address, putBack: commands }) => `on ${address}: ${commands.join('; ')}`);
  const back = `To put it back, ${lines.join('. And ')}. (${PASSWORDS_TOO}.)`;
  if (UNKNOWN.has(why.code)) {
    const what = watched === null ? 'it was declared' : 'it is more than watched';
    const read = `\`pollux group show ${name}\` tells whether ${what}; only if not:`;
    return refused(why.code, `${why.message} ${done} ${read} ${back}`);
  }
  return refused('adoptionStopped', `${why.message} ${done} ${back}`);
}
