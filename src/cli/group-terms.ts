/** The terms that a group is taken on under, whoever names its servers: one set of options, and what they mean to the tier. */
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { DEFAULT_TIME_FENCE_SECONDS, onShortageSchema, writePolicySchema } from '../contract/scalars.ts';
import { collect, readCount, readPair, readTimeFence, TIME_FENCE_HELP } from './option-values.ts';

export const groupTermsShape = {
  policy: writePolicySchema,
  onShortage: onShortageSchema,
  timeFence: z.number(),
  detectionMs: z.number(),
  cooldownMs: z.number(),
  owner: z.string(),
  label: z.array(z.tuple([z.string(), z.string()])).default([]),
  watchOnly: z.boolean().default(false),
};

type Terms = z.infer<z.ZodObject<typeof groupTermsShape>>;

export const withGroupTerms = (command: Command): Command =>
  command
    .addOption(
      new Option('--policy <policy>', 'how many, and where, replicas hold an acknowledged write')
        .choices(writePolicySchema.options)
        .default('cross-idc'),
    )
    .addOption(
      new Option('--on-shortage <action>', 'while the policy cannot be met')
        .choices(onShortageSchema.options)
        .default('block'),
    )
    .option('--time-fence <seconds|off>', TIME_FENCE_HELP, readTimeFence, DEFAULT_TIME_FENCE_SECONDS)
    .option('--detection-ms <ms>', 'silence that raises suspicion', readCount(1), 1_000)
    .option(
      '--cooldown-ms <ms>',
      'how long it is left alone after an automatic failover; 0: not at all',
      readCount(0),
      60_000,
    )
    .option('--owner <text>', 'who is responsible', '')
    .option('--label <name=value>', 'repeatable', collect(readPair));

/** As the contract has them. */
export const groupTermsOf = (options: Terms) => ({
  watchOnly: options.watchOnly,
  policy: options.policy,
  onShortage: options.onShortage,
  timeFenceSeconds: options.timeFence,
  detectionMs: options.detectionMs,
  cooldownMs: options.cooldownMs,
  owner: options.owner,
  labels: Object.fromEntries(options.label),
});
