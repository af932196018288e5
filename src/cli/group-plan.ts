/** The plan of a group for people: what was found on each server, what would change there, and what the layout survives. */
import type { GroupPlanAnswer } from '../contract/groups.ts';
import type { Paint } from './paint.ts';
import { facts, section, table } from './table.ts';
import { yesNo } from './words.ts';

export type PlannedGroup = { readonly name: string; readonly policy: string; readonly onShortage: string };

export function planText(paint: Paint, group: PlannedGroup, plan: GroupPlanAnswer): string {
  const head = facts([
    ['plan for', `${group.name} (nothing was changed)`],
    ['fit', plan.fit ? paint.good('yes') : paint.bad('no, see the problems below')],
    ['first master', plan.master ?? paint.bad('none can be named')],
    ['acknowledgements to wait for', String(plan.waitCount)],
  ]);
  return [
    `${head}\n`,
    section(paint, 'SERVERS', serverTable(paint, plan)),
    section(paint, 'WOULD CHANGE', changeLines(plan)),
    section(paint, 'PROBLEMS', problemLines(paint, plan)),
    section(
      paint,
      `SURVIVES, with the policy ${group.policy}, on shortage ${group.onShortage}`,
      survivalTable(paint, plan),
    ),
  ].join('');
}

function serverTable(paint: Paint, plan: GroupPlanAnswer): string {
  return table(
    paint,
    [
      'REPLICA',
      'SITE',
      'ADDRESS',
      'VERSION',
      'ROLE',
      'OFFSET',
      'KEYS',
      'PERSISTENCE',
      'CONFIG FILE',
      'PREPARED',
    ],
    plan.servers.map(({ replica, site, address, inspection, error }) =>
      inspection === null
        ? [replica, site, address, paint.bad(error ?? 'did not answer'), '', '', '', '', '', '']
        : [
            replica,
            site,
            address,
            inspection.version,
            inspection.report.role,
            inspection.report.offset,
            inspection.keys,
            inspection.persistence,
            inspection.configFile ?? paint.bad('none'),
            yesNo(inspection.prepared),
          ],
    ),
  );
}

function changeLines(plan: GroupPlanAnswer): string {
  return plan.servers
    .filter(({ inspection }) => inspection !== null)
    .map(({ replica, inspection }) => {
      const changes = inspection?.changes ?? [];
      if (changes.length === 0) return `${replica}: nothing`;
      return [`${replica}:`, ...changes.map((change) => `  - ${change}`)].join('\n');
    })
    .join('\n');
}

/** The findings of single servers and those of the whole, each once. */
function problemLines(paint: Paint, plan: GroupPlanAnswer): string {
  const ofServers = plan.servers.flatMap(({ replica, inspection }) =>
    (inspection?.problems ?? []).map((problem) => ({ replica, ...problem })),
  );
  const lines = [...plan.problems, ...ofServers].map(
    ({ replica, code, message }) => `${paint.bad('!')} ${replica ?? 'the group'}: ${message} (${code})`,
  );
  return [...new Set(lines)].join('\n');
}

function survivalTable(paint: Paint, plan: GroupPlanAnswer): string {
  const words = {
    zeroLoss: paint.good('zero loss'),
    writesGoOn: paint.good('writes go on'),
    shortage: paint.warning('shortage'),
    stop: paint.warning('stops, operator decides'),
    loss: paint.bad('LOSS'),
  } as const;
  if (plan.survives.length === 0) return '';
  return table(
    paint,
    ['LOST', 'OUTCOME', 'WHY'],
    plan.survives.map(({ failure, outcome, detail }) => [failure, words[outcome], detail]),
  );
}
