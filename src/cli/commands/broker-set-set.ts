/** `pollux broker-set set`: what may be changed of a RocketMQ broker set while it runs. */
import { Command, Option } from 'commander';
import { z } from 'zod';
import { brokerSetPolicySchema } from '../../contract/broker-sets.ts';
import { onShortageSchema } from '../../contract/scalars.ts';
import { must } from '../../core/primitives/assert.ts';
import { readCount } from '../option-values.ts';
import { done, failed, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';
import { durationText } from '../words.ts';

const optionsSchema = z.object({
  policy: brokerSetPolicySchema.optional(),
  onShortage: onShortageSchema.optional(),
  detectionMs: z.number().optional(),
});

function changeText({ policy, onShortage, detectionMs }: z.infer<typeof optionsSchema>): string {
  const parts = [
    policy === undefined ? null : `policy ${policy}`,
    onShortage === undefined ? null : `on shortage ${onShortage}`,
    detectionMs === undefined ? null : `detection ${durationText(detectionMs)}`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

export const brokerSetSet = (register: Register): Command =>
  register(
    new Command('set')
      .description('change the policy of a RocketMQ broker set, or its detection time')
      .argument('<name>')
      .addOption(
        new Option(
          '--policy <policy>',
          'cross-idc: the sync state set keeps a member outside the IDC of its master',
        ).choices(brokerSetPolicySchema.options),
      )
      .addOption(
        new Option('--on-shortage <action>', 'where the last such member would leave').choices(
          onShortageSchema.options,
        ),
      )
      .option('--detection-ms <ms>', 'silence that raises suspicion', readCount(1)),
    async ({ client, progress }, { positionals: [name], options }) => {
      const brokerSet = must(name, 'commander requires the name');
      const body = optionsSchema.parse(options);
      if (Object.keys(body).length === 0)
        return failed('usage', 'nothing to change: give --policy, --on-shortage or --detection-ms');
      const answer = await progress.during(
        `changing ${brokerSet}`,
        client.call('brokerSetChange', { parameters: { brokerSet }, body }),
      );
      return answer.ok
        ? done(answer.value, `broker set ${brokerSet} has ${changeText(body)}`)
        : failureOutcome(answer.failure);
    },
  );
