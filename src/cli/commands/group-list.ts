/** `pollux group list`. */
import { Command } from 'commander';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';
import { groupTable } from '../words.ts';

export const groupList = (register: Register): Command =>
  register(
    new Command('list').description('the groups of the cluster'),
    async ({ client, cluster, paint, progress }) => {
      const answer = await progress.during(
        'asking for the groups',
        client.call('groupList', { query: { cluster } }),
      );
      if (!answer.ok) return failureOutcome(answer.failure);
      const { groups, stale } = answer.value;
      if (groups.length === 0) {
        return done(answer.value, `no groups in the cluster '${cluster}'; 'pollux group add' declares one`);
      }
      const note = stale
        ? `\n${paint.warning('this may be old: the node cannot confirm that it is current')}`
        : '';
      return done(answer.value, `${groupTable(paint, groups)}${note}`);
    },
  );
