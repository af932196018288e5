/**
 * Is this declaration of a group fit to be taken on? Pure: what the servers said of themselves goes in, the plan that
 * an operator reads comes out. Nothing is changed by it, and nothing may be changed before it says `fit`.
 */

import type { Inspection, SteerOutcome } from '../failover/steering.ts';
import { survives } from '../failover/survival.ts';
import { waitCountForAnyMaster } from '../failover/write-rule.ts';
import type { MetadataState } from '../metadata/state.ts';
import { must } from '../primitives/assert.ts';
import { type GroupKey, groupKey, type Incarnation, type ReplicaId } from '../primitives/identifiers.ts';
import type { GroupDeclaration, GroupPlan } from './requests.ts';

type Problem = GroupPlan['problems'][number];
type Inspected = { readonly replica: ReplicaId; readonly inspection: Inspection };

export function planGroup(
  state: MetadataState,
  declaration: GroupDeclaration,
  outcomes: ReadonlyMap<ReplicaId, SteerOutcome>,
  seenIncarnation: (group: GroupKey, replica: ReplicaId) => Incarnation | null,
): GroupPlan {
  const servers = declaration.replicas.map((replica): GroupPlan['servers'][number] => {
    const outcome = outcomes.get(replica.id);
    return {
      replica: replica.id,
      site: replica.site,
      address: replica.endpoints.client,
      inspection: outcome?.kind === 'inspected' ? outcome.inspection : null,
      error: outcome === undefined ? null : outcome.kind === 'failed' ? outcome.detail : null,
    };
  });
  const inspected = servers.flatMap(({ replica, inspection }) =>
    inspection === null ? [] : [{ replica, inspection }],
  );
  const master = firstMaster(declaration, inspected);
  const problems: Problem[] = [
    ...servers.flatMap(({ replica, address }) => failedLook(replica, address, outcomes.get(replica))),
    ...inspected.flatMap(({ replica, inspection }) =>
      inspection.problems.map((problem) => ({ replica, ...problem })),
    ),
    ...master.problems,
    ...(master.replica === null ? [] : foreignData(inspected, master.replica)),
    ...sameServerTwice(inspected),
    ...takenElsewhere(state, declaration, inspected, seenIncarnation),
  ];
  return {
    fit: problems.length === 0,
    master: master.replica,
    servers,
    problems,
    survives: survives(
      {
        replicas: declaration.replicas.map(({ id, site }) => ({ replica: id, site })),
        master:
          master.replica ?? must(declaration.replicas[0], 'a declaration names at least one replica').id,
      },
      declaration.policy,
      declaration.onShortage,
    ),
    waitCount: waitCountForAnyMaster({ policy: declaration.policy, replicas: declaration.replicas }),
  };
}

/** A server that answers, but not to us, has to be told from one that is not there. */
function failedLook(replica: ReplicaId, address: string, outcome: SteerOutcome | undefined): Problem[] {
  if (outcome?.kind !== 'failed') return [];
  if (outcome.reason === 'superseded')
    return [
      { replica, code: 'notLeader', message: `${outcome.detail} while ${address} was looked at; ask again` },
    ];
  return outcome.reason === 'unreachable'
    ? [{ replica, code: 'unreachable', message: `${address} does not answer: ${outcome.detail}` }]
    : [{ replica, code: 'brokerRefused', message: `${address} cannot be looked at: ${outcome.detail}` }];
}

const holdsData = ({ inspection }: Inspected): boolean => inspection.keys > 0n;

/** Whose data the group will carry: the named one, else the only master or the only server that holds data. */
function firstMaster(
  declaration: GroupDeclaration,
  inspected: readonly Inspected[],
): { replica: ReplicaId | null; problems: Problem[] } {
  if (declaration.preferredMaster !== null) return { replica: declaration.preferredMaster, problems: [] };
  const followed = inspected.filter(
    ({ inspection }) =>
      inspection.report.role === 'master' && (inspection.keys > 0n || inspection.report.connectedSlaves > 0),
  );
  const [only, second] = followed.length > 0 ? followed : inspected.filter(holdsData);
  if (second !== undefined && only !== undefined) {
    // Slaves of one stream all hold the data; the furthest of them is no choice to be made silently.
    const message = `${only.replica} and ${second.replica} both hold data: name the one whose data is kept with --preferred-master`;
    return { replica: null, problems: [{ replica: null, code: 'severalMasters', message }] };
  }
  return { replica: only?.replica ?? declaration.replicas[0]?.id ?? null, problems: [] };
}

/** A server that holds data of another stream than the first master's would lose it. */
function foreignData(inspected: readonly Inspected[], master: ReplicaId): Problem[] {
  const lineage = inspected.find(({ replica }) => replica === master)?.inspection.report.lineage;
  return inspected
    .filter(
      (server) =>
        server.replica !== master && holdsData(server) && server.inspection.report.lineage !== lineage,
    )
    .map(({ replica, inspection }) => ({
      replica,
      code: 'holdsOtherData',
      message: `holds ${inspection.keys} keys that are not a copy of ${master}'s; they would be lost. Empty it first, or leave it out.`,
    }));
}

function sameServerTwice(inspected: readonly Inspected[]): Problem[] {
  const seen = new Map<string, ReplicaId>();
  return inspected.flatMap(({ replica, inspection }) => {
    const other = seen.get(inspection.report.incarnation);
    seen.set(inspection.report.incarnation, replica);
    if (other === undefined) return [];
    return [
      { replica, code: 'sameServer', message: `is the same server as ${other}, under another address` },
    ];
  });
}

function takenElsewhere(
  state: MetadataState,
  declaration: GroupDeclaration,
  inspected: readonly Inspected[],
  seenIncarnation: (group: GroupKey, replica: ReplicaId) => Incarnation | null,
): Problem[] {
  const own: GroupKey = groupKey(declaration.cluster, declaration.name);
  return [...state.groups.values()].flatMap((group) =>
    group.key === own
      ? []
      : group.replicas.flatMap((taken) => {
          // One that was restarted, or is being taken on, is known by the process that answers there now.
          const processes = [taken.incarnation, seenIncarnation(group.key, taken.id)];
          const match = inspected.find(({ inspection }) => processes.includes(inspection.report.incarnation));
          if (match === undefined) return [];
          return [
            {
              replica: match.replica,
              code: 'replicaInOtherGroup',
              message: `is ${taken.id} of broker group ${group.key} already`,
            },
          ];
        }),
  );
}
