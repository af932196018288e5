/** `pollux group set-policy`. */
import { Command, Option } from 'commander';
import { z } from 'zod';
import { onShortageSchema, writePolicySchema } from '../../contract/scalars.ts';
import { must } from '../../core/primitives/assert.ts';
import { readTimeFence, TIME_FENCE_HELP } from '../option-values.ts';
import { done, failed, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';
import { timeFenceText } from '../words.ts';

const optionsSchema = z.object({
  policy: writePolicySchema.optional(),
  onShortage: onShortageSchema.optional(),
  timeFence: z.number().optional(),
});

export const groupSetPolicy = (register: Register): Command =>
  register(
    new Command('set-policy')
      .description('change the write policy of a group, what happens on shortage, or its time fence')
      .argument('<group>')
      .addOption(
        new Option('--policy <policy>', 'how many, and where, replicas hold an acknowledged write').choices(
          writePolicySchema.options,
        ),
      )
      .addOption(
        new Option('--on-shortage <action>', 'while the policy cannot be met').choices(
          onShortageSchema.options,
        ),
      )
      .option('--time-fence <seconds|off>', TIME_FENCE_HELP, readTimeFence),
    async ({ client, cluster, progress }, { positionals: [name], options }) => {
      const group = must(name, 'commander requires the group');
      const { policy, onShortage, timeFence } = optionsSchema.parse(options);
      if (policy === undefined && onShortage === undefined && timeFence === undefined) {
        return failed('usage', 'nothing to change: give --policy, --on-shortage or --time-fence');
      }
      const answer = await progress.during(
        `changing ${group}`,
        client.call('groupChange', {
          parameters: { group },
          query: { cluster },
          body: {
            ...(policy === undefined ? {} : { policy }),
            ...(onShortage === undefined ? {} : { onShortage }),
            ...(timeFence === undefined ? {} : { timeFenceSeconds: timeFence }),
          },
        }),
      );
      if (!answer.ok) return failureOutcome(answer.failure);
      const changed = [
        policy,
        onShortage === undefined ? undefined : `on shortage ${onShortage}`,
        timeFence === undefined ? undefined : `time fence ${timeFenceText(timeFence)}`,
      ];
      return done(
        answer.value,
        `group ${cluster}/${group} is to have ${changed.filter((part) => part !== undefined).join(', ')}; 'pollux group show ${group}' shows when its sync set follows`,
      );
    },
  );
