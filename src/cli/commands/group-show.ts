/** `pollux group show`: the page that an operator reads in an incident. */
import { Command } from 'commander';
import type { GroupDetail } from '../../contract/groups.ts';
import { must } from '../../core/primitives/assert.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Paint } from '../paint.ts';
import type { Register } from '../register.ts';
import { facts, section, table } from '../table.ts';
import {
  alertSection,
  automaticText,
  countText,
  durationText,
  masterText,
  outcomeText,
  paintedPhase,
  timeFenceText,
  timeText,
  yesNo,
} from '../words.ts';

export const groupShow = (register: Register): Command =>
  register(
    new Command('show')
      .description('one group: phase, sync set, what every node saw of every replica')
      .argument('<group>'),
    async ({ client, cluster, paint, progress }, { positionals: [name] }) => {
      const group = must(name, 'commander requires the group');
      const answer = await progress.during(
        `asking for ${group}`,
        client.call('groupGet', { parameters: { group }, query: { cluster } }),
      );
      return answer.ok ? done(answer.value, groupText(paint, answer.value)) : failureOutcome(answer.failure);
    },
  );

export function groupText(paint: Paint, group: GroupDetail): string {
  return [
    `${headText(paint, group)}\n`,
    section(paint, 'REPLICAS', replicaTable(paint, group)),
    section(paint, 'SEEN BY', evidenceTable(paint, group)),
    section(paint, 'WHO IS PROTECTED', facts(group.protection.map((line) => [line.client, line.protection]))),
    alertSection(paint, group.alerts),
  ].join('');
}

function headText(paint: Paint, group: GroupDetail): string {
  const newest = group.syncSets.at(-1);
  const rule = newest?.rule.kind === 'anyOf' ? `any ${newest.rule.k}` : 'all';
  return facts([
    ['group', `${group.cluster}/${group.name} (${group.kind})`],
    ['phase', paintedPhase(paint, group)],
    ['epoch', String(group.epoch)],
    ['master', masterText(group)],
    ['policy', `${group.policy}, on shortage ${group.onShortage}`],
    ['time fence', group.kind === 'redis' ? timeFenceText(group.timeFenceSeconds) : '-'],
    [
      'sync set',
      newest === undefined
        ? 'none yet'
        : `version ${newest.version}: ${rule} of ${newest.members.map(({ replica }) => replica).join(', ') || 'nobody'}`,
    ],
    ['degraded', group.degraded ? paint.warning('yes: weaker than the policy asks for') : 'no'],
    [
      'acknowledgements to wait for',
      `${countText(group.waitCount)} now, ${countText(group.waitCountAnyMaster)} with any master`,
    ],
    ['floor', `offset ${group.floor}`],
    ...group.givenUp.map(({ epoch, candidate, cut }): [string, string] => [
      'promotion given up',
      `epoch ${epoch}: ${candidate} at offset ${cut}`,
    ]),
    ['automatic action', automaticText(paint, group)],
    ['detection', durationText(group.detectionMs)],
    ['cool-down', cooldownText(paint, group)],
    ['owner', group.owner === '' ? '-' : group.owner],
    [
      'labels',
      Object.entries(group.labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(', ') || '-',
    ],
    ['current', group.stale ? paint.bad('no, this may be old') : 'yes'],
  ]);
}

function cooldownText(paint: Paint, { name, cooldown, cooldownMs }: GroupDetail): string {
  const rule = cooldownMs === 0 ? 'none' : `${durationText(cooldownMs)} after an automatic failover`;
  if (cooldown === null) return rule;
  const until = paint.warning(`until ${timeText(cooldown.untilWallMs)} after ${cooldown.recordId}`);
  return `${until}; 'pollux acknowledge ${name}' ends it`;
}

function replicaTable(paint: Paint, group: GroupDetail): string {
  const roles = { master: 'master', syncSetMember: 'in sync set', outside: 'outside' } as const;
  return table(
    paint,
    ['REPLICA', 'SITE', 'ADDRESS', 'ROLE', 'CAUGHT UP', 'PRIORITY', 'INCARNATION'],
    group.replicas.map(({ id, site, endpoints, role, caughtUp, priority, incarnation }) => [
      id,
      site,
      endpoints.announced === null
        ? endpoints.client
        : `${endpoints.client} (announced ${endpoints.announced})`,
      role === 'outside' ? paint.warning(roles[role]) : roles[role],
      role === 'master' ? '-' : yesNo(caughtUp),
      String(priority),
      incarnation === null ? 'not taken in yet' : incarnation.slice(0, 12),
    ]),
  );
}

function evidenceTable(paint: Paint, group: GroupDetail): string {
  const rows = group.replicas.flatMap(({ id, evidence }) =>
    evidence.map(({ vantage, standing, ageMs, answerMs, outcome }) => [
      id,
      vantage,
      standing === 'alive' ? paint.good(standing) : paint.warning(standing),
      answerMs === null ? '-' : durationText(answerMs),
      durationText(ageMs),
      outcome.kind === 'answered' ? outcome.report.offset : '-',
      outcomeText(outcome),
    ]),
  );
  if (rows.length === 0) return '';
  return table(paint, ['REPLICA', 'NODE', 'STANDING', 'ANSWER TIME', 'AGE', 'OFFSET', 'LAST SEEN'], rows);
}
