/** `pollux broker-set show`: brokers, registrations, elections, and what the set's clients get. */
import { Command } from 'commander';
import type { BrokerSetDetail } from '../../contract/broker-sets.ts';
import { must } from '../../core/primitives/assert.ts';
import { electionTable } from '../broker-set-record.ts';
import { brokerMasterText, brokerSetPolicyText } from '../broker-set-words.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Paint } from '../paint.ts';
import type { Register } from '../register.ts';
import { facts, section, table } from '../table.ts';
import { alertSection, durationText } from '../words.ts';

/** Elections on the page; `--json` has all that are kept. */
const ELECTIONS_SHOWN = 5;

export const brokerSetShow = (register: Register): Command =>
  register(
    new Command('show')
      .description('one RocketMQ broker set: brokers, registrations, elections, who is protected')
      .argument('<name>'),
    async ({ client, paint, progress }, { positionals: [name] }) => {
      const brokerSet = must(name, 'commander requires the name');
      const answer = await progress.during(
        `asking for ${brokerSet}`,
        client.call('brokerSetGet', { parameters: { brokerSet } }),
      );
      return answer.ok ? done(answer.value, pageText(paint, answer.value)) : failureOutcome(answer.failure);
    },
  );

function pageText(paint: Paint, set: BrokerSetDetail): string {
  const shown = set.elections.slice(0, ELECTIONS_SHOWN);
  return [
    `${headText(paint, set)}\n`,
    section(paint, 'BROKERS', set.brokers.length === 0 ? '' : brokerTable(paint, set)),
    section(paint, 'ELECTIONS', shown.length === 0 ? '' : `${electionTable(paint, shown)}\n${hintOf(set)}`),
    section(paint, 'WHO IS PROTECTED', set.protection.map(protectionText).join('\n')),
    alertSection(paint, set.alerts),
  ].join('');
}

/** Both are sentences, too long for columns. */
const protectionText = ({ client, protection }: BrokerSetDetail['protection'][number]): string =>
  `${client}:\n  ${protection}`;

const hintOf = ({ name, elections }: BrokerSetDetail): string => {
  const more = elections.length - ELECTIONS_SHOWN;
  const others = more > 0 ? `; 'pollux broker-set history ${name}' has ${more} more` : '';
  return `'pollux broker-set election RECORD' shows who saw what${others}`;
};

function headText(paint: Paint, set: BrokerSetDetail): string {
  const { controlled } = set;
  const mark = { asRegistered: 'as registered', wiped: 'wiped', added: 'added' } as const;
  const registered = set.writePermission === null ? 'no' : `yes, with ${set.topics} topics`;
  const automatic = controlled?.automaticStopped === true ? paint.warning('stopped') : 'on';
  return facts([
    ['broker set', `${set.cluster}/${set.name}`],
    ['master', set.master === null ? paint.bad('none') : brokerMasterText(set.master)],
    ...(controlled === null
      ? [['failover', paint.warning('none: it only registers')] as const]
      : ([
          ['master epoch', String(controlled.masterEpoch)],
          [
            'sync state set',
            `${controlled.syncStateSet.join(', ') || 'nobody'} (epoch ${controlled.syncStateSetEpoch})`,
          ],
          ['policy', `${brokerSetPolicyText(paint, controlled)}, on shortage ${controlled.onShortage}`],
          [
            'degraded',
            controlled.degraded ? paint.warning('yes: no member outside the IDC of its master') : 'no',
          ],
          ['detection', durationText(controlled.detectionMs)],
          ['automatic action', automatic],
        ] as const)),
    ['registered', registered],
    ['write permission', set.writePermission === null ? '-' : mark[set.writePermission]],
    ['current', set.stale ? paint.bad('no, this may be old') : 'yes'],
  ]);
}

function brokerTable(paint: Paint, { brokers }: BrokerSetDetail): string {
  const roles = {
    master: 'master',
    inSync: 'in sync',
    outside: 'outside',
    registered: 'registered',
  } as const;
  const furthest = brokers.find(({ role }) => role === 'master')?.heartbeat?.maxOffset ?? null;
  return table(
    paint,
    ['ID', 'IDC', 'ADDRESS', 'ROLE', 'HEARD', 'EPOCH', 'OFFSET', 'BEHIND', 'REGISTERED AS', 'ZONE'],
    brokers.map((broker) => [
      broker.id === null ? '' : String(broker.id),
      broker.site ?? paint.warning('unknown'),
      broker.address,
      broker.role === 'outside' ? paint.warning(roles[broker.role]) : roles[broker.role],
      heardText(paint, broker),
      broker.heartbeat === null ? '' : String(broker.heartbeat.epoch),
      broker.heartbeat?.maxOffset ?? '',
      behindText(broker, furthest),
      registrationText(paint, broker),
      broker.registration?.zone ?? '',
    ]),
  );
}

type BrokerAnswer = BrokerSetDetail['brokers'][number];

/** By how many nodes, and how long ago at the latest of them; a connection that has ended counts for no node. */
function heardText(paint: Paint, { heard }: BrokerAnswer): string {
  if (heard.length === 0) return paint.warning('never');
  const age = durationText(Math.min(...heard.map(({ ageMs }) => ageMs)));
  const open = heard.filter(({ closed }) => !closed).length;
  return open === 0 ? paint.warning(`${age} ago, gone`) : `${age} ago, ${open} nodes`;
}

/** Of the newest heartbeats, which are of different moments: a master that is written to is always a little ahead. */
function behindText({ role, heartbeat }: BrokerAnswer, furthest: string | null): string {
  if (role === 'master' || heartbeat === null || furthest === null) return '';
  const behind = BigInt(furthest) - BigInt(heartbeat.maxOffset);
  return `${behind > 0n ? behind : 0n} bytes`;
}

function registrationText(paint: Paint, { registration }: BrokerAnswer): string {
  if (registration === null) return paint.warning('not registered');
  const { brokerId, complete } = registration;
  return `${brokerId ?? 'nobody'}${complete ? '' : ', topics missing'}`;
}
