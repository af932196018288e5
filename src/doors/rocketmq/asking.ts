/**
 * What commands ask of the node. Callers wait for three seconds, and then cut their connection, which looks like their
 * death to a stock controller and delays whatever else is under way on it: they get an answer before, if only that
 * there is none yet. The node goes on with what was asked, and the next attempt finds it done.
 */
import type { BrokerSetRequest } from '../../core/coordinator/broker-sets/broker-set-request.ts';
import type { ClientReply, ClientRequest } from '../../core/coordinator/requests.ts';
import type { Command } from '../../core/metadata/command.ts';
import { InvariantError } from '../../core/primitives/assert.ts';
import { accepted, type Result, refused } from '../../core/primitives/refusal.ts';
import type { DoorView } from './commands/command.ts';

const PATIENCE_MS = 2_500;
/** Registrations are waited for much longer by those who send them. */
export const REGISTRATION_PATIENCE_MS = 15_000;

const AGAIN_AFTER_MS = 100;

export type Done = { readonly changed: boolean };

const LATE = refused(
  'timedOut',
  'This takes longer than you would wait; it is still under way, and asking again shows what came of it.',
);

/** Resolves once the change is in this node's own state. */
export async function propose(
  door: DoorView,
  command: Command,
  patienceMs: number = PATIENCE_MS,
): Promise<Result<Done>> {
  return done(await inTime(door, { type: 'propose', command, untilApplied: true }, patienceMs));
}

export async function askLeader(door: DoorView, request: BrokerSetRequest): Promise<Result<Done>> {
  return done(await inTime(door, { type: 'brokerSet', request }, PATIENCE_MS));
}

/** Resolves once this node's state is at least as new as now. */
export async function readBarrier(door: DoorView): Promise<Result<null>> {
  const reply = await inTime(door, { type: 'readBarrier' }, PATIENCE_MS);
  return reply.ok ? accepted(null) : reply;
}

function inTime(door: DoorView, request: ClientRequest, patienceMs: number): Promise<ClientReply> {
  return new Promise((resolve, reject) => {
    const cancel = door.timers.after(patienceMs, () => resolve(LATE));
    whereLed(door, request, door.clock.now().monotonicMs + patienceMs)
      .finally(cancel)
      .then(resolve, reject);
  });
}

/** Between two leaders it is asked again: brokers that get an error come back only after many seconds. */
async function whereLed(door: DoorView, request: ClientRequest, untilMs: number): Promise<ClientReply> {
  for (;;) {
    const reply = await door.face.submit(request);
    const isLed = reply.ok || reply.refusal.code !== 'noLeader';
    if (isLed || door.clock.now().monotonicMs + AGAIN_AFTER_MS >= untilMs) return reply;
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
