/**
 * `pollux group release`: gives a group's servers back as ordinary ones, with the words that put them under Sentinels
 * again; with `--plan` only says what that would mean.
 */
import { Command } from 'commander';
import { z } from 'zod';
import type { GroupDetail } from '../../contract/groups.ts';
import { must } from '../../core/primitives/assert.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';

const optionsSchema = z.object({ plan: z.boolean().default(false) });

const addressOf = (address: string): { readonly host: string; readonly port: string } => {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: address.slice(colon + 1) };
};

function monitorText({ name, master }: GroupDetail): string {
  if (master === null) return 'it has no master that Sentinels could be told of';
  const { host, port } = addressOf(master.address);
  return `on each Sentinel, with the quorum of your choice: SENTINEL MONITOR ${name} ${host} ${port} 2`;
}

function planText(group: GroupDetail): string {
  const lines = group.replicas.map(({ id, endpoints, role }) => {
    const as = role === 'master' ? 'a master' : 'a replica of the master';
    return `  ${id} (${endpoints.client}): the users of pollux go, default gets its rights back, the file is written as it runs: ${as}`;
  });
  const servers = group.watchOnly ? ['  nothing on any server: the group was only watched'] : lines;
  const active = group.phase.kind === 'active' || group.watchOnly;
  const warning = active
    ? []
    : ['  not now: the group is between two masters, and a fenced server stays fenced'];
  return [`release of ${group.cluster}/${group.name} would change`, ...servers, ...warning].join('\n');
}

export const groupRelease = (register: Register): Command =>
  register(
    new Command('release')
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
      if (plan) return done(shown.value, `${planText(shown.value)}\nthen ${monitorText(shown.value)}`);
      const answer = await progress.during(`releasing ${group}`, client.call('groupRemove', target));
      if (!answer.ok) return failureOutcome(answer.failure);
      const text = `group ${cluster}/${group} is released: within seconds its servers are ordinary ones`;
      return done(answer.value, `${text}\n${monitorText(shown.value)}`);
    },
  );
