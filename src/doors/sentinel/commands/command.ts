/** What one command is. A command reads and changes its own client's session, and asks the node for anything else. */
import type { NodeFace } from '../../../core/node/face.ts';
import type { ClockPort } from '../../../core/node/ports.ts';
import type { SentinelDoorOptions, SentinelDoorPorts } from '../door-ports.ts';
import type { GroupDirectory } from '../group-directory.ts';
import { error, type Reply } from '../reply.ts';
import type { Session } from '../session.ts';
import type { Sightings } from '../sightings.ts';
import type { SentinelUser, UserBook } from '../users.ts';

/** What all commands share. */
export type DoorView = {
  readonly options: SentinelDoorOptions;
  readonly face: NodeFace;
  readonly clock: ClockPort;
  /** Masters that nobody has declared yet. */
  readonly sentinels: SentinelDoorPorts['sentinels'];
  readonly idcOfAddress: SentinelDoorPorts['idcOfAddress'];
  readonly users: UserBook;
  readonly directory: GroupDirectory;
  readonly sightings: Sightings;
  readonly startedMs: number;
  /** Clients of the door at the moment. */
  readonly sessions: () => Iterable<Session>;
  /** Ends another client's connection. */
  readonly end: (session: Session) => void;
};

export type Call = {
  readonly door: DoorView;
  readonly session: Session;
  /** Who asks; who has to log in first may only call commands that `needsLogin` is false for, as nobody's. */
  readonly user: SentinelUser;
  /** Everything after the name of the command, and after that of the subcommand. */
  readonly words: readonly string[];
};

export type Command = {
  /** In lower case; `sentinel|master` for a subcommand. */
  readonly name: string;
  /** Least and most words after the name. */
  readonly words: readonly [least: number, most: number];
  /** True unless it says otherwise. */
  readonly needsLogin?: false;
  /** RESP2 clients that have subscribed may call nothing else. */
  readonly whileSubscribed?: true;
  readonly run: (call: Call) => Reply | Promise<Reply>;
};

export const MANY = Number.POSITIVE_INFINITY;

export const wrongNumber = (command: string): Reply =>
  error(`ERR wrong number of arguments for '${command}' command`);

export const NO_PERMISSION = error(
  'NOPERM this changes something; AUTH with an operator token as the password first',
);
