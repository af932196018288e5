/**
 * Answers only from a state that this node can confirm to be current: whoever cannot waits a moment for it, and then
 * sends the other side elsewhere. The Java client takes an error for an answer and asks the same server again in half a
 * minute; only a broken connection makes it turn to the next one. So a client's connection ends behind the error. A
 * broker's stays: it speaks to all servers by itself, and takes the first answer that is none of errors.
 */
import { RESPONSE } from '../../../remoting/response-codes.ts';
import { type Answer, failure } from '../answer.ts';
import type { Call, Run } from './command.ts';

const NOT_CURRENT = 'this node cannot confirm that it is current; ask another one';
const FIRST_CONTROLLER_CODE = 1000;

export const notCurrent = (code: number): Answer =>
  failure(code > FIRST_CONTROLLER_CODE ? RESPONSE.controllerNotLeader : RESPONSE.systemError, NOT_CURRENT);

function sentElsewhere({ door, channel, request }: Call): Answer {
  if (!door.book.isOfBroker(channel.id)) channel.closeSoon(NOT_CURRENT);
  return notCurrent(request.code);
}

export const whileCurrent =
  (run: Run): Run =>
  (call) => {
    if (call.door.gate.isCurrent()) return run(call);
    return call.door.gate.whenCurrent().then((isCurrent) => (isCurrent ? run(call) : sentElsewhere(call)));
  };
