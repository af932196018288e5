/** `pollux group set`: what may be changed while a group runs. */
import { Command, Option } from 'commander';
import { z } from 'zod';
import { onShortageSchema, writePolicySchema } from '../../contract/scalars.ts';
import { must } from '../../core/primitives/assert.ts';
import { readCount, readTimeFence, TIME_FENCE_HELP } from '../option-values.ts';
import { done, failed, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';
import { durationText, timeFenceText } from '../words.ts';

const optionsSchema = z.object({
  policy: writePolicySchema.optional(),
  onShortage: onShortageSchema.optional(),
  timeFence: z.number().optional(),
  detectionMs: z.number().optional(),
  cooldownMs: z.number().optional(),
});

type Change = Omit<z.infer<typeof optionsSchema>, 'timeFence'> & { readonly timeFenceSeconds?: number };

function changeText({ policy, onShortage, timeFenceSeconds, detectionMs, cooldownMs }: Change): string {
  const parts = [
    policy === undefined ? null : `policy ${policy}`,
    onShortage === undefined ? null : `on shortage ${onShortage}`,
    timeFenceSeconds === undefined ? null : `time fence ${timeFenceText(timeFenceSeconds)}`,
    detectionMs === undefined ? null : `detection ${durationText(detectionMs)}`,
    cooldownMs === undefined ? null : `cool-down ${durationText(cooldownMs)}`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

export const groupSet = (register: Register): Command =>
  register(
    new Command('set')
      .description('change the write policy of a group, its time fence, its detection time or its cool-down')
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
      .option('--time-fence <seconds|off>', TIME_FENCE_HELP, readTimeFence)
      .option('--detection-ms <ms>', 'silence that raises suspicion', readCount(1))
      .option(
        '--cooldown-ms <ms>',
        'how long it is left alone after an automatic failover; 0: not at all',
        readCount(0),
      ),
    async ({ client, cluster, progress }, { positionals: [name], options }) => {
      const group = must(name, 'commander requires the group');
      const { timeFence, ...others } = optionsSchema.parse(options);
      const body = timeFence === undefined ? others : { ...others, timeFenceSeconds: timeFence };
      if (Object.keys(body).length === 0)
        return failed(
          'usage',
          'nothing to change: give --policy, --on-shortage, --time-fence, --detection-ms or --cooldown-ms',
        );
      const answer = await progress.during(
        `changing ${group}`,
        client.call('groupChange', { parameters: { group }, query: { cluster }, body }),
      );
      if (!answer.ok) return failureOutcome(answer.failure);
      const rule = body.policy ?? body.onShortage;
      const follows =
        rule === undefined ? '' : `; 'pollux group show ${group}' shows when its sync set follows`;
      return done(answer.value, `group ${cluster}/${group} is to have ${changeText(body)}${follows}`);
    },
  );
