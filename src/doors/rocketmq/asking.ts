/**
 * What commands ask of the node. Callers wait for three seconds, and then cut their connection, which looks like their
 * death to a stock controller and delays whatever else is under way on it: they get an answer before, if only that
 * there is none yet. The node goes on with what was asked, and the next attempt finds it done.
 */
import type { BrokerSetRequest } from '../../core/coordinator/broker-sets/broker-set-request.ts';
import type { ClientReply, ClientRequest } from '../../core/coordinator/requests.ts';
import type { Command } from '../../core/metadata/command.ts';
import { InvariantError } from '../../core/primitives/assert.ts';
import { accepted, type RefusalCode, type Result, refused } from '../../core/primitives/refusal.ts';
import type { DoorView } from './commands/command.ts';

const PATIENCE_MS = 2_500;
/** Registrations are waited for much longer by those who send them. */
const REGISTRATION_PATIENCE_MS = 15_000;

const AGAIN_AFTER_MS = 100;

type Asking = { readonly patienceMs: number; readonly repeated: readonly RefusalCode[] };
const BRIEFLY: Asking = { patienceMs: PATIENCE_MS, repeated: ['noLeader'] };
const PATIENTLY: Asking = {
  patienceMs: REGISTRATION_PATIENCE_MS,
  repeated: ['noLeader', 'notLeader', 'overloaded'],
};

export type Done = { readonly changed: boolean };

const LATE = refused(
  'timedOut',
  'This takes longer than you would wait; it is still under way, and asking again shows what came of it.',
);

/** Resolves once the change is in this node's own state. */
export async function propose(door: DoorView, command: Command): Promise<Result<Done>> {
  return done(await inTime(door, { type: 'propose', command, untilApplied: true }, BRIEFLY));
}

/** The same for what may be applied twice as well as once, so that it survives a change of the leader. */
export async function proposeRegistration(door: DoorView, command: Command): Promise<Result<Done>> {
  return done(await inTime(door, { type: 'propose', command, untilApplied: true }, PATIENTLY));
}

export async function askLeader(door: DoorView, request: BrokerSetRequest): Promise<Result<Done>> {
  return done(await inTime(door, { type: 'brokerSet', request }, BRIEFLY));
}

/** Resolves once this node's state is at least as new as now. */
export async function readBarrier(door: DoorView): Promise<Result<null>> {
  const reply = await inTime(door, { type: 'readBarrier' }, BRIEFLY);
  return reply.ok ? accepted(null) : reply;
}

function inTime(
  door: DoorView,
  request: ClientRequest,
  { patienceMs, repeated }: Asking,
): Promise<ClientReply> {
  return new Promise((resolve, reject) => {
    const cancel = door.timers.after(patienceMs, () => resolve(LATE));
    repeat(door, request, door.clock.now().monotonicMs + patienceMs, repeated)
      .finally(cancel)
      .then(resolve, reject);
  });
}

/** Between two leaders it is asked again: brokers that get an error come back only after many seconds. */
async function repeat(
  door: DoorView,
  request: ClientRequest,
  untilMs: number,
  repeated: readonly RefusalCode[],
): Promise<ClientReply> {
  for (;;) {
    const reply = await door.face.submit(request);
    const isFinal = reply.ok || !repeated.includes(reply.refusal.code);
    if (isFinal || door.clock.now().monotonicMs + AGAIN_AFTER_MS >= untilMs) return reply;
    await new Promise<void>((resolve) => door.timers.after(AGAIN_AFTER_MS, resolve));
  }
}

function done(reply: ClientReply): Result<Done> {
  if (!reply.ok) return reply;
  const { value } = reply;
  if (value.kind === 'committed') return accepted({ changed: true });
  if (value.kind === 'applied') return accepted({ changed: value.changed });
  throw new InvariantError(`a change was answered with ${value.kind}`);
}
