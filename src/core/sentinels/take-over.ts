/**
 * The takeover itself: the Sentinels are looked at once more, told one after the other, and the group is declared. From
 * the first that is told on, every way out says what was done and how it is put back.
 */
import { groupKey } from '../primitives/identifiers.ts';
import { accepted, type Refusal, type RefusalCode, type Result, refused } from '../primitives/refusal.ts';
import {
  type AdoptionReply,
  ask,
  type Course,
  committed,
  forbiddenBy,
  forbids,
  pause,
  serversOf,
  unexpected,
} from './course.ts';
import { judgeSurvey } from './judge-survey.ts';
import { PASSWORDS_TOO } from './put-back.ts';
import { type Survey, surveyMaster } from './survey.ts';

/** A Sentinel lets go of the servers within milliseconds, and a tier elects a leader within a second or two. */
const TRIES = 20;
const BETWEEN_TRIES_MS = 250;

const addressesOf = (servers: readonly { readonly address: string }[]): string =>
  servers
    .map(({ address }) => address)
    .sort()
    .join();

/** The preflight took its time; the Sentinels may have begun to move the master meanwhile. */
export async function lookAgain({ order, ports, adoption }: Course, before: Survey): Promise<Result<null>> {
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
  const isSame =
    again.value.seen[0]?.address === adoption.master &&
    idsOf(again.value) === idsOf(before) &&
    addressesOf(serversOf(again.value)) === addressesOf(adoption.servers);
  if (isSame) return accepted(null);
  return refused(
    'busy',
    `The Sentinels of ${order.terms.name} changed while the servers were looked at. Nothing was changed; try again.`,
  );
}

export async function takeOver(course: Course): Promise<Result<AdoptionReply>> {
  const { ports, declaration, adoption } = course;
  const told: string[] = [];
  for (const { address } of adoption.sentinels) {
    const removed = await ports.sentinels.remove(address, declaration.name);
    // An error is a no; of one that is silent nobody knows whether it has done it.
    if (removed.ok || removed.refusal.code !== 'brokerRefused') told.push(address);
    if (!removed.ok) return stopped(course, told, removed.refusal, false);
  }
  const left = await untilLetGo(course);
  if (!left.ok) return stopped(course, told, left.refusal, false);
  const reply = await declared(course);
  return reply.ok ? reply : stopped(course, told, reply.refusal, UNKNOWN.has(reply.refusal.code));
}

/** A Sentinel that none of the others knew would still be there. */
async function untilLetGo(course: Course): Promise<Result<null>> {
  let refusal: Refusal | null = null;
  for (let look = 0; look < TRIES; look += 1) {
    const reply = await ask(course, { planOnly: true, proveWritable: false });
    if (reply.ok && reply.value.kind !== 'plan') return unexpected(reply.value.kind);
    const servers = reply.ok && reply.value.kind === 'plan' ? reply.value.plan.servers : [];
    const watched = servers
      .filter(({ inspection }) => inspection?.watchedBySentinel === true)
      .map(({ address }) => address);
    if (reply.ok && watched.length === 0) return accepted(null);
    refusal = reply.ok ? strangerAt(watched) : reply.refusal;
    await pause(course, BETWEEN_TRIES_MS);
  }
  return refusal === null ? accepted(null) : { ok: false, refusal };
}

const strangerAt = (servers: readonly string[]): Refusal => ({
  code: 'preflightFailed',
  message: `A Sentinel that none of the others knows still watches ${servers.join(', ')}. Find it and tell it SENTINEL REMOVE, or put the others back.`,
});

/** Nothing was changed, and soon it can be. */
const PASSING = new Set<RefusalCode>(['noLeader', 'overloaded']);
/** Nobody knows whether the group was declared. */
const UNKNOWN = new Set<RefusalCode>(['timedOut', 'notLeader', 'internalError']);

/** A leader that goes in this very moment must not leave the servers without anybody who watches them. */
async function declared(course: Course): Promise<Result<AdoptionReply>> {
  let reply = await committed(course);
  for (let turn = 0; turn < TRIES && !reply.ok; turn += 1) {
    const { code } = reply.refusal;
    if (!PASSING.has(code) && !UNKNOWN.has(code)) return reply;
    await pause(course, BETWEEN_TRIES_MS);
    const { adoption, ports } = course;
    if (isThere(course))
      return accepted({ kind: 'committed', adoption, index: ports.face.state().appliedIndex });
    if (PASSING.has(code)) reply = await committed(course);
  }
  return reply;
}

/** As it was to be declared; somebody else's would have other servers, or be only watched. */
function isThere({ order: { terms }, ports, adoption }: Course): boolean {
  const group = ports.face.state().groups.get(groupKey(terms.cluster, terms.name));
  if (group === undefined || group.watchOnly) return false;
  const servers = group.replicas.map(({ endpoints }) => ({ address: endpoints.client }));
  return addressesOf(servers) === addressesOf(adoption.servers);
}

function stopped(
  { declaration: { name }, watched, adoption }: Course,
  told: readonly string[],
  why: Refusal,
  isUnknown: boolean,
) {
  if (told.length === 0) return refused(why.code, `${why.message} Nothing was changed.`);
  const done = `Told to stop watching ${name} by then: ${told.join(', ')}.`;
  if (why.code === 'duplicateName') {
    const message = `${why.message} Somebody else has declared it meanwhile. ${done}`;
    return refused('adoptionStopped', message);
  }
  const lines = adoption.sentinels
    .filter(({ address }) => told.includes(address))
    .map(({ address, putBack: commands }) => `on ${address}: ${commands.join('; ')}`);
  const back = `To put it back, ${lines.join('. And ')}. (${PASSWORDS_TOO}.)`;
  if (!isUnknown) return refused('adoptionStopped', `${why.message} ${done} ${back}`);
  const what = watched === null ? 'it was declared' : 'it is more than watched';
  const read = `\`pollux group show ${name}\` tells whether ${what}; only if not:`;
  return refused(why.code, `${why.message} ${done} ${read} ${back}`);
}
