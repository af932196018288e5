/** The two things that handlers ask of a node beside reading its state. */
import type { Committed } from '../../contract/scalars.ts';
import type { ClientRequest, ReplyValue } from '../../core/coordinator/requests.ts';
import type { Command } from '../../core/metadata/command.ts';
import { InvariantError } from '../../core/primitives/assert.ts';
import { accepted, type Refusal, type Result } from '../../core/primitives/refusal.ts';
import type { HttpDoorPorts } from './door-ports.ts';

/** A reply of a kind that the request cannot have is a bug of the node, not of the client. */
export function unexpectedReply(request: ClientRequest['type'], reply: ReplyValue): never {
  throw new InvariantError(`request ${request} was answered with ${reply.kind}`);
}

/**
 * Proposes one command. `wrapper` is the command's field that carries the request's body, such as `topic`: it is taken
 * off the field paths of refusals, so that they name what the client sent.
 */
export async function propose(
  ports: HttpDoorPorts,
  command: Command,
  wrapper: string | null = null,
): Promise<Result<Committed>> {
  const reply = await ports.face.submit({ type: 'propose', command });
  if (!reply.ok) return { ok: false, refusal: unwrapField(reply.refusal, wrapper) };
  if (reply.value.kind !== 'committed') return unexpectedReply('propose', reply.value);
  return accepted({ kind: 'committed', index: reply.value.index });
}

function unwrapField(refusal: Refusal, wrapper: string | null): Refusal {
  const prefix = `${wrapper}.`;
  return wrapper !== null && refusal.field?.startsWith(prefix)
    ? { ...refusal, field: refusal.field.slice(prefix.length) }
    : refusal;
}

/** Where a command calls a field by another name than the request does. */
export function withFieldNamed<Value>(
  result: Result<Value>,
  inCommand: string,
  inRequest: string,
): Result<Value> {
  return !result.ok && result.refusal.field === inCommand
    ? { ok: false, refusal: { ...result.refusal, field: inRequest } }
    : result;
}

/** Waits until this node's state is at least as new as now. */
export async function readBarrier(ports: HttpDoorPorts): Promise<Result<null>> {
  const reply = await ports.face.submit({ type: 'readBarrier' });
  if (!reply.ok) return reply;
  return reply.value.kind === 'current' ? accepted(null) : unexpectedReply('readBarrier', reply.value);
}
