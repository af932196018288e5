/** `pollux topic near`: which broker sets the routes of a RocketMQ topic list. */
import { Argument, Command } from 'commander';
import { topicNearRuleSchema } from '../../contract/broker-sets.ts';
import { done, failed, failureOutcome } from '../outcome.ts';
import type { Invocation, Register } from '../register.ts';
import { table } from '../table.ts';

const RULES = `
Rules:
  client      near broker sets to clients that ask for their zone (rocketmq.zone.mode=true), all to others
  prefer      near ones to every client whose IDC is known
  strict      near ones only, and an error where there is none
  everywhere  all, whatever the client asks for
  none        the topic has no rule of its own: that of '*' holds, else 'client'
With 'client' and 'prefer' a client gets all broker sets where none near has a master.`;

export const topicNear = (register: Register): Command =>
  register(
    new Command('near')
      .description('which broker sets the routes of RocketMQ topics list; without a topic: show the rules')
      .argument('[topic]', "'*' is every topic without a rule of its own")
      .addArgument(new Argument('[rule]').choices([...topicNearRuleSchema.options, 'none']))
      .addHelpText('after', RULES),
    async (invocation, { positionals: [topic, rule] }) => {
      if (topic === undefined) return listRules(invocation);
      if (rule === undefined) return failed('usage', `say which rule ${topic} is to have`);
      const { client, progress } = invocation;
      const near = rule === 'none' ? null : topicNearRuleSchema.parse(rule);
      const answer = await progress.during(
        `changing the routes of ${topic}`,
        client.call('topicNearSet', { body: { topic, near } }),
      );
      return answer.ok
        ? done(
            answer.value,
            `topic ${topic} has ${near === null ? 'no rule of its own' : `the rule ${near}`}`,
          )
        : failureOutcome(answer.failure);
    },
  );

async function listRules({ client, paint, progress }: Invocation) {
  const answer = await progress.during('asking for the rules', client.call('topicNearList', {}));
  if (!answer.ok) return failureOutcome(answer.failure);
  const { rules } = answer.value;
  return done(
    answer.value,
    rules.length === 0
      ? 'no rules: clients that ask for their zone get near broker sets, others get all'
      : table(
          paint,
          ['TOPIC', 'NEAR'],
          rules.map(({ topic, near }) => [topic, near]),
        ),
  );
}
