/**
 * One registration of a broker, from its bytes to the commits that it takes. What is known already takes none and, where
 * the bytes are those of the last time, no reading either.
 */
import { planRegistration, registrationStanding } from '../../core/metadata/registration-plan.ts';
import type { RegistrationHead } from '../../core/metadata/registration-rules.ts';
import { accepted, type Result, refused } from '../../core/primitives/refusal.ts';
import { damageText } from '../../remoting/damage.ts';
import { decodeRegisterBrokerBody } from '../../remoting/messages/register-broker-body.ts';
import type { RegisterBrokerBody } from '../../remoting/messages/registered-topics.ts';
import { propose, REGISTRATION_PATIENCE_MS } from './asking.ts';
import type { Call } from './commands/command.ts';
import { reportedStaticTopics, reportedTopics } from './registered-topics.ts';

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
  const { face, bodies } = call.door;
  const { body, version } = call.request;
  const dataVersion = bodies.versionOf(header.address, body, checksum);
  if (dataVersion !== null) {
    const standing = registrationStanding(face.state(), { ...header, dataVersion });
    if (!standing.ok) return standing;
    if (standing.value === 'known') return accepted(null);
  }
  const read = decodeRegisterBrokerBody(body, version);
  if (read.kind === 'damaged') return refused('invalidRequest', damageText(read.damage));
  bodies.read(header.address, body, checksum, read.value.dataVersion);
  return commit(call, { ...header, dataVersion: read.value.dataVersion }, read.value);
}

async function commit(
  { door }: Call,
  head: RegistrationHead,
  registered: RegisterBrokerBody,
): Promise<Result<null>> {
  const topics = reportedTopics(registered);
  const staticTopics = reportedStaticTopics(registered);
  let plan = planRegistration(door.face.state(), head, topics, staticTopics);
  if (plan.ok && plan.value.length > 1 && door.face.status().role !== 'leader') {
    await new Promise<void>((resolve) => door.timers.after(LEFT_TO_LEADER_MS, resolve));
    plan = planRegistration(door.face.state(), head, topics, staticTopics);
  }
  if (!plan.ok) return plan;
  for (const command of plan.value) {
    const done = await propose(door, command, REGISTRATION_PATIENCE_MS);
    if (!done.ok) return done;
  }
  return accepted(null);
}
