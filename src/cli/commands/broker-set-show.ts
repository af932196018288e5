/** `pollux broker-set show`: brokers, registrations, elections with evidence, and what the set's clients get. */
import { Command } from 'commander';
import type { BrokerSetDetail, BrokerSetElection } from '../../contract/broker-sets.ts';
import { must } from '../../core/primitives/assert.ts';
import { brokerMasterText, brokerSetPolicyText } from '../broker-set-words.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Paint } from '../paint.ts';
import type { Register } from '../register.ts';
import { facts, section, table } from '../table.ts';
import { alertSection, durationText, timeText } from '../words.ts';

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
    section(paint, 'ELECTIONS', shown.map((election) => electionText(paint, election)).join('\n\n')),
    section(paint, 'WHO IS PROTECTED', facts(set.protection.map((line) => [line.client, line.protection]))),
    alertSection(paint, set.alerts),
  ].join('');
}

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
  return table(
    paint,
    ['ID', 'IDC', 'ADDRESS', 'REPLICATION', 'ROLE', 'REGISTERED AS', 'ZONE', 'TIMEOUT'],
    brokers.map(({ id, site, address, haAddress, role, registration }) => [
      id === null ? '' : String(id),
      site ?? paint.warning('unknown'),
      address,
      haAddress ?? '',
      role === 'outside' ? paint.warning(roles[role]) : roles[role],
      registration === null
        ? paint.warning('not registered')
        : `${registration.brokerId ?? 'nobody'}${registration.complete ? '' : ', topics missing'}`,
      registration?.zone ?? '',
      registration === null ? '' : durationText(registration.timeoutMs),
    ]),
  );
}

function electionText(paint: Paint, election: BrokerSetElection): string {
  const { id, reason, masterEpoch, from, to, by, unsafe, predictedLossBytes, wallMs } = election;
  const chosen = to === null ? paint.bad('nobody') : String(to);
  const head = facts([
    ['election', `${id} at ${timeText(wallMs)}`],
    ['reason', `${reason}, by ${by}${unsafe ? `, ${paint.warning('unsafe')}` : ''}`],
    ['master', `${from ?? 'none'} -> ${chosen}, epoch ${masterEpoch}`],
    ['predicted loss', predictedLossBytes === null ? 'nobody can say' : `${predictedLossBytes} bytes`],
    ...election.evidence.map(({ node, verdict, detail }): [string, string] => [
      `seen by ${node}`,
      `${verdict}: ${detail}`,
    ]),
    ...election.steps.map(({ step, wallMs: atMs, detail }): [string, string] => [
      `${step}`,
      `${timeText(atMs)} ${detail}`,
    ]),
  ]);
  if (election.candidates.length === 0) return head;
  const rows = election.candidates.map(({ id: candidate, site, epoch, maxOffset, chosen: is, detail }) => [
    is ? paint.good(`${candidate} chosen`) : String(candidate),
    site ?? '',
    epoch === null ? '' : String(epoch),
    maxOffset ?? '',
    detail,
  ]);
  return `${head}\n${table(paint, ['CANDIDATE', 'IDC', 'EPOCH', 'OFFSET', 'DETAIL'], rows)}`;
}
