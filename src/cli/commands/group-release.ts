/**
 * `pollux group release`, or `remove`: gives a group's servers back as ordinary ones, with the words that put them under
 * Sentinels again; with `--plan` only says what that would mean.
 */
import { Command } from 'commander';
import { z } from 'zod';
import type { GroupDetail } from '../../contract/groups.ts';
import { splitAddress } from '../../core/primitives/address.ts';
import { must } from '../../core/primitives/assert.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';

const optionsSchema = z.object({ plan: z.boolean().default(false) });

/** How Sentinels are told of it; null for a group that no Sentinel could watch. */
function monitorText({ name, kind, master }: GroupDetail): string | null {
  if (kind !== 'redis') return null;
  if (master === null) return 'it has no master that Sentinels could be told of';
  const { host, port } = splitAddress(master.address);
  return `on each Sentinel, with the quorum of your choice: SENTINEL MONITOR ${name} ${host} ${port} 2`;
}

function planText(group: GroupDetail): string {
  const lines = group.replicas.map(({ id, endpoints, role }) => {
    const as = role === 'master' ? 'a master' : 'a replica of the master';
    return `  ${id} (${endpoints.client}): the users of pollux go, default gets its rights back, the file is written as it runs: ${as}`;
  });
  const servers = group.watchOnly ? ['  nothing on any server: the group was only watched'] : lines;
  const warning = isBetweenMasters(group) ? [`  not now: ${BETWEEN_MASTERS}`] : [];
  return [`release of ${group.cluster}/${group.name} would change`, ...servers, ...warning].join('\n');
}

const BETWEEN_MASTERS = 'the group is between two masters, and a fenced server stays fenced';

const isBetweenMasters = ({ phase, watchOnly }: GroupDetail): boolean =>
  phase.kind !== 'active' && !watchOnly;

function releasedText(group: GroupDetail): string {
  const whatNow = group.watchOnly
    ? 'nothing was ever changed on its servers'
    : isBetweenMasters(group)
      ? `its servers may not be ordinary ones: ${BETWEEN_MASTERS}`
      : 'within seconds those of its servers that answer are ordinary ones';
  return `group ${group.cluster}/${group.name} is released: ${whatNow}`;
}

export const groupRelease = (register: Register): Command =>
  register(
    new Command('release')
      .alias('remove')
      .description(
        'give the servers of a group back as ordinary ones; --plan first; refused while topics use it',
      )
      .argument('<group>')
      .option('--plan', 'only say what would change on each server'),
    async ({ client, cluster, progress }, { positionals: [name], options }) => {
      const group = must(name, 'commander requires the group');
      const { plan } = optionsSchema.parse(options);
      const target = { parameters: { group }, query: { cluster } };
      const shown = await client.call('groupGet', target);
      if (!shown.ok) return failureOutcome(shown.failure);
      const monitor = monitorText(shown.value);
      if (plan)
        return done(shown.value, `${planText(shown.value)}${monitor === null ? '' : `\nthen ${monitor}`}`);
      const answer = await progress.during(`releasing ${group}`, client.call('groupRemove', target));
      if (!answer.ok) return failureOutcome(answer.failure);
      return done(answer.value, `${releasedText(shown.value)}${monitor === null ? '' : `\n${monitor}`}`);
    },
  );
