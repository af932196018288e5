/** What all commands of one door share, as it is when the door opens. */
import { BrokerBook } from './broker-book.ts';
import type { DoorView } from './commands/command.ts';
import { CurrentGate } from './current-gate.ts';
import type { RocketmqDoorOptions, RocketmqDoorPorts } from './door-ports.ts';
import { ReadBodies } from './read-bodies.ts';
import { ReadyAnswers } from './ready-answers.ts';
import { Turns } from './turns.ts';

export function createDoorView(
  options: RocketmqDoorOptions,
  {
    face,
    clock,
    timers,
    idcOfAddress,
  }: Pick<RocketmqDoorPorts, 'face' | 'clock' | 'timers' | 'idcOfAddress'>,
): DoorView {
  return {
    options,
    face,
    clock,
    timers,
    idcOfAddress,
    book: new BrokerBook(face, clock),
    gate: new CurrentGate(face, clock, timers),
    routes: new ReadyAnswers(),
    bodies: new ReadBodies(),
    turns: new Turns(),
    held: new WeakMap(),
  };
}
