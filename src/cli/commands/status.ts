/** `pollux status`: the node that answers, the tier as it knows it, and what needs an operator. */
import { Command } from 'commander';
import type { RecoveryAnswer, StatusAnswer } from '../../contract/status.ts';
import { drillLine, idcTable } from '../drill-text.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Paint } from '../paint.ts';
import type { Register } from '../register.ts';
import { facts, section, table } from '../table.ts';
import { alertSection, durationText, groupTable, stopTable } from '../words.ts';

export const status = (register: Register): Command =>
  register(
    new Command('status').description('nodes, IDCs, groups, drills, alerts and stops of automatic action'),
    async ({ client, paint, progress }) => {
      const answer = await progress.during('asking for the status', client.call('status', {}));
      if (!answer.ok) return failureOutcome(answer.failure);
      return done(answer.value, statusText(paint, answer.value, answer.node));
    },
  );

function statusText(paint: Paint, status: StatusAnswer, node: string): string {
  const { node: self, counts } = status;
  const heard = self.leaderHeardMsAgo === null ? 'never' : `${durationText(self.leaderHeardMsAgo)} ago`;
  const head = facts([
    ['tier', status.tierId ?? paint.warning('not founded yet')],
    ['answered by', `${self.node} (${self.site}, ${self.role}) at ${node}`],
    ['leader', self.leader === null ? paint.bad('none known') : `${self.leader}, term ${self.term}`],
    ['current', status.stale ? paint.bad(`no, this may be old; leader heard ${heard}`) : paint.good('yes')],
    ['log', `applied ${self.appliedIndex}, committed ${self.commitIndex}, last ${self.lastIndex}`],
    ['recovery', recoveryText(paint, status.recovery)],
    ...(status.brokerSets.count === 0
      ? []
      : [['broker sets', brokerSetsText(paint, status.brokerSets)] as const]),
    ['holds', `${counts.groups} groups, ${counts.topics} topics, ${counts.consumerGroups} consumer groups`],
  ]);
  const nodes = table(
    paint,
    ['NODE', 'SITE', 'KIND', 'HTTP', 'ROLE'],
    status.nodes.map(({ name, site, siteKind, httpUrl, leader }) => [
      name,
      site,
      siteKind,
      httpUrl,
      leader ? paint.good('leader') : 'follower',
    ]),
  );
  return [
    `${head}\n`,
    section(paint, 'NODES', status.nodes.length === 0 ? '' : nodes),
    section(paint, 'IDCS', status.idcs.length === 0 ? '' : idcTable(paint, status.idcs)),
    section(paint, 'NEWEST DRILL', status.drill === null ? '' : drillLine(paint, status.drill)),
    section(paint, 'BROKER GROUPS', status.groups.length === 0 ? '' : groupTable(paint, status.groups)),
    section(paint, 'AUTOMATIC ACTION', status.stops.length === 0 ? '' : stopTable(paint, status.stops)),
    alertSection(paint, status.alerts),
  ].join('');
}

/** Of RocketMQ. */
function brokerSetsText(
  paint: Paint,
  { count, withoutMaster, degraded }: StatusAnswer['brokerSets'],
): string {
  const parts = [
    `${count}`,
    withoutMaster === 0 ? null : paint.bad(`${withoutMaster} without a master`),
    degraded === 0 ? null : paint.warning(`${degraded} degraded`),
  ];
  return parts.filter((part) => part !== null).join(', ');
}

/** In the order of what comes first: a master, then the policy, then the slaves. */
function recoveryText(paint: Paint, recovery: RecoveryAnswer): string {
  const { fencing, promoting, withoutMaster, degraded, replicasOutside, resyncing } = recovery;
  const waiting = withoutMaster - fencing - promoting;
  const parts: readonly (readonly [number, string])[] = [
    [fencing, 'fencing'],
    [promoting, 'promoting'],
    [waiting, 'without a master'],
    [degraded, 'degraded'],
    [replicasOutside, 'replicas outside of their sync set'],
    [resyncing, 'replicas in a full resync'],
  ];
  const told = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  if (told.length === 0) return paint.good('nothing is amiss');
  return withoutMaster > 0 ? paint.bad(told.join(', ')) : paint.warning(told.join(', '));
}
