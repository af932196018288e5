/**
 * One registration of a broker, from its bytes to the commits that it takes. A version that is known takes none, and the
 * topics behind it are not even read. A broker sends the same to every node: what is news is read and committed by the
 * leader, and the others do so only where the leader has not got it for a while.
 */
import type { BrokerSetCommand } from '../../core/metadata/broker-set-command.ts';
import type { DataVersion } from '../../core/metadata/broker-set-state.ts';
import { planRegistration, registrationStanding } from '../../core/metadata/registration-plan.ts';
import { isSameVersion, type RegistrationHead } from '../../core/metadata/registration-rules.ts';
import { accepted, type Result, refused } from '../../core/primitives/refusal.ts';
import { damageText } from '../../remoting/damage.ts';
import { changedTopics } from '../../remoting/messages/changed-topics.ts';
import { decodeRegisterBrokerBody } from '../../remoting/messages/register-broker-body.ts';
import { registeredVersion } from '../../remoting/messages/registered-version.ts';
import { proposeRegistration } from './asking.ts';
import type { Call, DoorView } from './commands/command.ts';
import { reportedStaticTopics, reportedTopics } from './registered-topics.ts';

/** A registration but for its body. */
export type RegistrationHeader = Omit<RegistrationHead, 'dataVersion'>;

/**
 * How long the leader is left to it, and for each byte more: it may have to read what all other brokers sent at the same
 * moment. Brokers wait for three seconds at least.
 */
const LEFT_TO_LEADER_MS = 250;
const LEFT_TO_LEADER_PER_BYTE_MS = 0.002;
const LEFT_TO_LEADER_AT_MOST_MS = 2_000;
const LOOK_EVERY_MS = 25;

const FORGOTTEN =
  'What this broker had registered was forgotten while it registered the same again. Let it register once more.';

/** The key of those that wait to be read; no broker has this address. */
const READING = '';

/** By the beginning of its body. What is not news need not even be put together. */
export function mayBeNews({ door, request }: Call, header: RegistrationHeader): boolean {
  const dataVersion = registeredVersion(request.body);
  if (dataVersion === null) return true;
  const standing = registrationStanding(door.face.state(), { ...header, dataVersion });
  return !standing.ok || standing.value === 'news';
}

/**
 * Refusals: of a body that cannot be read, of one that was passed over and is news by the time it is here, and those of
 * the command.
 */
export async function register(call: Call, header: RegistrationHeader): Promise<Result<null>> {
  const { door, request } = call;
  const dataVersion = registeredVersion(request.body);
  const judged = dataVersion === null ? null : judgedAsOf(door, { ...header, dataVersion });
  const verdict = judged === null ? null : await verdictInTime(door, judged, request.body.length);
  if (verdict !== null) return verdict;
  if (request.passedOver !== undefined) return refused('overloaded', FORGOTTEN);
  const planned = await door.turns.inTurn(READING, async () => {
    await pause(door, 0);
    // Meanwhile the leader may have got through.
    return judged?.() ?? planOfDifference(call, header, dataVersion) ?? plan(call, header);
  });
  if (!planned.ok) return planned;
  if (planned.value === null) return accepted(null);
  for (const command of planned.value.commands) {
    const done = await proposeRegistration(door, command);
    if (!done.ok) return done;
  }
  door.bodies.keep(door.face.state(), planned.value.head, request.body);
  return accepted(null);
}

/** Null where it may bring news. */
type Judge = () => Result<null> | null;

function judgedAsOf(door: DoorView, head: RegistrationHead): Judge {
  const before = registeredNow(door, head);
  return () => {
    const standing = registrationStanding(door.face.state(), head);
    if (!standing.ok) return standing;
    return standing.value === 'known' || isOvertaken(head, before, registeredNow(door, head))
      ? accepted(null)
      : null;
  };
}

const registeredNow = (door: DoorView, { name, address }: RegistrationHead): DataVersion | null => {
  const kept = door.face.state().registrations.get(address);
  return kept?.name === name ? kept.dataVersion : null;
};

/** Since this one came in, another node has taken a later one of the same broker, which must not be taken back. */
const isOvertaken = (
  { dataVersion: own }: RegistrationHead,
  before: DataVersion | null,
  now: DataVersion | null,
): boolean =>
  now !== null &&
  (before === null || !isSameVersion(before, now)) &&
  now.stateVersion >= own.stateVersion &&
  now.timestamp >= own.timestamp &&
  now.counter > own.counter;

/** Where another node leads, the verdict may change while that one reads it. */
async function verdictInTime(door: DoorView, judge: Judge, bytes: number): Promise<Result<null> | null> {
  const leftMs = Math.min(LEFT_TO_LEADER_MS + bytes * LEFT_TO_LEADER_PER_BYTE_MS, LEFT_TO_LEADER_AT_MOST_MS);
  const untilMs = door.clock.now().monotonicMs + leftMs;
  for (;;) {
    const verdict = judge();
    const isOurs = door.face.status().role === 'leader' || door.clock.now().monotonicMs >= untilMs;
    if (verdict !== null || isOurs) return verdict;
    await pause(door, LOOK_EVERY_MS);
  }
}

type Planned = { readonly head: RegistrationHead; readonly commands: readonly BrokerSetCommand[] };

/** By what is another than in the last one of the same broker; null where that cannot be told. */
function planOfDifference(
  { door, request }: Call,
  header: RegistrationHeader,
  dataVersion: DataVersion | null,
): Result<Planned> | null {
  const state = door.face.state();
  const before = dataVersion === null ? null : door.bodies.before(state, header);
  const changed = before === null ? null : changedTopics(before, request.body);
  if (dataVersion === null || changed === null) return null;
  const head = { ...header, dataVersion };
  const commands = planRegistration(state, head, reportedTopics(changed), []);
  return commands.ok ? accepted({ head, commands: commands.value }) : null;
}

/** Takes the whole body apart, which keeps this process for some milliseconds. */
function plan({ door, request }: Call, header: RegistrationHeader): Result<Planned> {
  const read = decodeRegisterBrokerBody(request.body, request.version);
  if (read.kind === 'damaged') return refused('invalidRequest', damageText(read.damage));
  const { dataVersion, topicConfigTable } = read.value;
  const head = { ...header, dataVersion };
  const topics = reportedTopics(topicConfigTable);
  const commands = planRegistration(door.face.state(), head, topics, reportedStaticTopics(read.value));
  return commands.ok ? accepted({ head, commands: commands.value }) : commands;
}

const pause = ({ timers }: DoorView, forMs: number): Promise<void> =>
  new Promise((resolve) => {
    timers.after(forMs, resolve);
  });
