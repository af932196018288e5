/** `pollux topic add`. */
import { Command, Option } from 'commander';
import { z } from 'zod';
import { permissionSchema } from '../../contract/scalars.ts';
import { topicDeclarationSchema, type topicQueuesSchema } from '../../contract/topics.ts';
import { must } from '../../core/primitives/assert.ts';
import { collect, readPair, readTopicQueues } from '../option-values.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';

const pairsSchema = z.array(z.tuple([z.string(), z.string()])).default([]);
const nearSchema = topicDeclarationSchema.shape.near.unwrap();

const optionsSchema = z.object({
  // Names and bounds are for the tier to judge: its refusal names the field.
  queues: z.array(z.custom<z.input<typeof topicQueuesSchema>>(() => true)),
  permission: permissionSchema,
  order: z.boolean().default(false),
  near: nearSchema,
  owner: z.string(),
  label: pairsSchema,
  attribute: pairsSchema,
});

export const topicAdd = (register: Register): Command =>
  register(
    new Command('add')
      .description('declare a topic')
      .argument('<topic>')
      .requiredOption(
        '--queues <group=count>',
        'GROUP=QUEUES, or GROUP=READ/WRITE to shrink a topic, repeatable',
        collect(readTopicQueues),
      )
      .addOption(
        new Option('--permission <permission>', 'what clients may do')
          .choices(permissionSchema.options)
          .default('readWrite'),
      )
      .option('--order', 'the topic is ordered')
      .addOption(
        new Option('--near <rule>', "strict: never brokers of another IDC than the client's")
          .choices(nearSchema.options)
          .default('prefer'),
      )
      .option('--owner <text>', 'who is responsible', '')
      .option('--label <name=value>', 'repeatable', collect(readPair))
      .option('--attribute <name=value>', 'repeatable', collect(readPair)),
    async ({ client, cluster, progress }, line) => {
      const name = must(line.positionals[0], 'commander requires the topic');
      const { label, attribute, ...declared } = optionsSchema.parse(line.options);
      const answer = await progress.during(
        `declaring ${name}`,
        client.call('topicAdd', {
          query: { cluster },
          body: {
            name,
            ...declared,
            labels: Object.fromEntries(label),
            attributes: Object.fromEntries(attribute),
          },
        }),
      );
      if (!answer.ok) return failureOutcome(answer.failure);
      return done(
        answer.value,
        `topic ${cluster}/${name} is declared; 'pollux route ${name} --idc IDC' shows its route`,
      );
    },
  );
