/** What the steps of one adoption share, and what they ask of the tier. */
import type { ClientReply, GroupDeclaration, GroupPlan } from '../coordinator/requests.ts';
import type { BrokerGroup, WritePolicy } from '../metadata/state.ts';
import type { OnShortage } from '../metadata/state-parts.ts';
import type { NodeFace } from '../node/face.ts';
import type { TimerPort } from '../node/ports.ts';
import { InvariantError, must } from '../primitives/assert.ts';
import type { ReplicaId, SiteName } from '../primitives/identifiers.ts';
import { accepted, type Result, refused } from '../primitives/refusal.ts';
import type { AdoptionTerms, FoundServer } from './declare-servers.ts';
import { type Finding, slavesIn } from './judge-survey.ts';
import type { Places } from './place-servers.ts';
import type { SentinelPort } from './sentinel-port.ts';
import type { Survey } from './survey.ts';

export type AdoptionOrder = {
  /** One of the Sentinels that watch the master, which has the name of the group that it becomes. */
  readonly sentinel: string;
  readonly terms: AdoptionTerms;
  readonly said: ReadonlyMap<string, SiteName>;
  readonly planOnly: boolean;
  readonly by: string;
};

export type Adoption = {
  readonly policy: WritePolicy;
  readonly onShortage: OnShortage;
  /** Address of the master now. */
  readonly master: string;
  readonly servers: readonly {
    readonly replica: ReplicaId;
    readonly address: string;
    readonly site: SiteName;
    readonly placedBy: 'site' | 'addressRange' | 'declared';
  }[];
  readonly sentinels: readonly {
    readonly address: string;
    readonly id: string;
    /** What it is told; nothing where the group is only watched. */
    readonly told: readonly string[];
    /** What makes it watch the master again. */
    readonly putBack: readonly string[];
  }[];
  readonly findings: readonly Finding[];
};

export type AdoptionReply =
  | {
      readonly kind: 'plan';
      readonly adoption: Adoption;
      readonly fit: boolean;
      /** Null where nothing is to be changed on a server. */
      readonly plan: GroupPlan | null;
    }
  | { readonly kind: 'committed'; readonly adoption: Adoption; readonly index: number };

export type AdoptionPorts = {
  readonly sentinels: SentinelPort;
  readonly face: Pick<NodeFace, 'state' | 'submit'>;
  readonly timers: TimerPort;
  readonly idcOfAddress: Places['idcOfAddress'];
};

/** What the steps of one adoption share. `watched`: the group exists, only watched so far. */
export type Course = {
  readonly order: AdoptionOrder;
  readonly ports: AdoptionPorts;
  readonly declaration: GroupDeclaration;
  readonly watched: BrokerGroup | null;
  readonly adoption: Adoption;
};

export const serversOf = (survey: Survey): readonly FoundServer[] => {
  const { address } = must(survey.seen[0], 'a survey begins with the Sentinel that was named');
  return [{ address, priority: 100 }, ...slavesIn(survey).filter((slave) => slave.address !== address)];
};

export const forbids = ({ forbids: what }: Finding, watchOnly: boolean): boolean =>
  what === 'everything' || (what === 'takeover' && !watchOnly);

export const forbiddenBy = (findings: readonly Finding[]) =>
  refused(
    'preflightFailed',
    `${findings.map(({ message }) => message).join(' ')} Nothing was changed; look again with --plan.`,
    { field: 'master' },
  );

export const ask = (
  { order: { by }, ports, declaration, watched }: Course,
  how: { readonly planOnly: boolean; readonly proveWritable: boolean },
): Promise<ClientReply> =>
  watched === null
    ? ports.face.submit({ type: 'addGroup', declaration, ...how, by })
    : ports.face.submit({ type: 'takeGroup', group: watched.key, preferredMaster: null, ...how, by });

export function unexpected(kind: string): never {
  throw new InvariantError(`an adoption was answered with ${kind}`);
}

export async function committed(course: Course): Promise<Result<AdoptionReply>> {
  const reply = await ask(course, { planOnly: false, proveWritable: false });
  if (!reply.ok) return reply;
  if (reply.value.kind !== 'committed') return unexpected(reply.value.kind);
  return accepted({ kind: 'committed', adoption: course.adoption, index: reply.value.index });
}

export const pause = ({ ports: { timers } }: Course, delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    timers.after(delayMs, resolve);
  });
