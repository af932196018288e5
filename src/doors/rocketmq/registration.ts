/**
 * One registration of a broker, from its bytes to the commits that it takes. What is known already takes none and, where
 * the bytes are those of the last time, no reading either.
 */
import {
  isKnownAlready,
  judgeRegistration,
  type RegistrationHead,
} from '../../core/metadata/registration-rules.ts';
import { accepted, type Result, refused } from '../../core/primitives/refusal.ts';
import { damageText } from '../../remoting/damage.ts';
import { decodeRegisterBrokerBody } from '../../remoting/messages/register-broker-body.ts';
import { propose, REGISTRATION_PATIENCE_MS } from './asking.ts';
import type { Call } from './commands/command.ts';
import { registeredTopics } from './registered-topics.ts';
import { type RegisteredTopics, registrationCommands } from './registration-plan.ts';

/** A registration but for its body. */
export type RegistrationHeader = Omit<RegistrationHead, 'dataVersion'>;

/**
 * A broker sends the same to every node. What takes several commits the others leave to the leader for a moment, and then
 * mostly find done.
 */
const LEFT_TO_LEADER_MS = 150;

/** `checksum`: of the body. Refusals: of a body that cannot be read, and those of the command. */
export async function register(
  call: Call,
  header: RegistrationHeader,
  checksum: number,
): Promise<Result<null>> {
  const { bodies } = call.door;
  const { body } = call.request;
  const version = bodies.versionOf(header.address, body, checksum);
  if (version !== null) {
    const known = whetherKnown(call, { ...header, dataVersion: version }, null);
    if (!known.ok || known.value) return known.ok ? accepted(null) : known;
  }
  const read = decodeRegisterBrokerBody(body, call.request.version);
  if (read.kind === 'damaged') return refused('invalidRequest', damageText(read.damage));
  const { dataVersion } = read.value;
  bodies.read(header.address, body, checksum, dataVersion);
  return commit(call, { ...header, dataVersion }, registeredTopics(read.value));
}

async function commit(call: Call, head: RegistrationHead, topics: RegisteredTopics): Promise<Result<null>> {
  const { door } = call;
  const plan = (): Result<ReturnType<typeof registrationCommands>> => {
    const known = whetherKnown(call, head, topics.topics.length);
    if (!known.ok) return known;
    return accepted(known.value ? [] : registrationCommands(door.face.state(), head, topics));
  };
  let commands = plan();
  if (commands.ok && commands.value.length > 1 && door.face.status().role !== 'leader') {
    await new Promise<void>((resolve) => door.timers.after(LEFT_TO_LEADER_MS, resolve));
    commands = plan();
  }
  if (!commands.ok) return commands;
  for (const command of commands.value) {
    const done = await propose(door, command, REGISTRATION_PATIENCE_MS);
    if (!done.ok) return done;
  }
  return accepted(null);
}

function whetherKnown(
  { door }: Call,
  head: RegistrationHead,
  topicCount: number | null,
): Result<boolean> {
  const state = door.face.state();
  const id = judgeRegistration(state, head, topicCount);
  return id.ok ? accepted(isKnownAlready(state, head, id.value)) : id;
}
