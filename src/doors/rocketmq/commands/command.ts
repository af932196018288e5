/** What one command is: a request code and what is done about it. A command asks the node for whatever is not read. */
import type { NodeFace } from '../../../core/node/face.ts';
import type { ClockPort, TimerPort } from '../../../core/node/ports.ts';
import type { RemotingCommand } from '../../../remoting/remoting-command.ts';
import type { RequestCode } from '../../../remoting/request-codes.ts';
import type { Answer } from '../answer.ts';
import type { BrokerBook } from '../broker-book.ts';
import type { Channel } from '../channel.ts';
import type { CurrentGate } from '../current-gate.ts';
import type { RocketmqDoorOptions, RocketmqDoorPorts } from '../door-ports.ts';
import type { ReadBodies } from '../read-bodies.ts';
import type { ReadyAnswers } from '../ready-answers.ts';
import type { Turns } from '../turns.ts';

/** What all commands share. */
export type DoorView = {
  readonly options: RocketmqDoorOptions;
  readonly face: NodeFace;
  readonly clock: ClockPort;
  readonly timers: TimerPort;
  readonly idcOfAddress: RocketmqDoorPorts['idcOfAddress'];
  readonly book: BrokerBook;
  readonly gate: CurrentGate;
  readonly routes: ReadyAnswers;
  readonly bodies: ReadBodies;
  /** Of registrations, by the broker's address, and of those that are read. */
  readonly turns: Turns;
  /** The master epoch in which a connection got the answer that is for an old master. */
  readonly held: WeakMap<Channel, number>;
};

export type Call = {
  readonly door: DoorView;
  readonly channel: Channel;
  readonly request: RemotingCommand;
};

/** The answer is dropped where the request is one-way. */
export type Run = (call: Call) => Answer | Promise<Answer>;

export type DoorCommand = {
  readonly code: RequestCode;
  readonly run: Run;
  /** Whether a long body is needed behind its beginning, which is all that the request has by now; it is, without this. */
  readonly needsRest?: (begun: Call) => boolean;
};
