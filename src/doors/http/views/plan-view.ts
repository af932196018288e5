/** What preflight found, with counts as decimal text. */
import type { GroupPlanAnswer } from '../../../contract/groups.ts';
import type { GroupPlan } from '../../../core/coordinator/requests.ts';
import type { Inspection } from '../../../core/failover/steering.ts';
import { reportView } from './report-view.ts';

type InspectionAnswer = NonNullable<GroupPlanAnswer['servers'][number]['inspection']>;

const inspectionView = (inspection: Inspection): InspectionAnswer => ({
  ...inspection,
  report: reportView(inspection.report),
  keys: inspection.keys.toString(),
  problems: [...inspection.problems],
  changes: [...inspection.changes],
});

export const planView = (plan: GroupPlan): GroupPlanAnswer => ({
  ...plan,
  servers: plan.servers.map((server) => ({
    ...server,
    inspection: server.inspection === null ? null : inspectionView(server.inspection),
  })),
  problems: [...plan.problems],
  survives: [...plan.survives],
});
