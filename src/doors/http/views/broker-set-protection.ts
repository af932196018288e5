/**
 * Which clients of a RocketMQ broker set are protected against loss. An unmodified broker acknowledges by its own settings,
 * which nobody outside can see or revoke: what is said here names the settings, and never that they are there.
 */
import { hasRemoteMember } from '../../../core/metadata/broker-set-queries.ts';
import type { BrokerSet } from '../../../core/metadata/broker-set-state.ts';
import type { ProtectionLine } from './protection-view.ts';

export function brokerSetProtection(set: BrokerSet | null): ProtectionLine[] {
  if (set === null) {
    return [
      {
        client: 'all clients',
        protection:
          'nothing: pollux is not its Controller (that takes enableControllerMode=true and controllerAddr on its brokers), so it names them in routes and elects nobody',
      },
    ];
  }
  return [
    {
      client:
        'producers that got SEND_OK, all brokers with allAckInSyncStateSet=true and minInSyncReplicas=2, and, newer than 5.3.3, haHousekeepingInterval=86400000',
      protection: `every member of the sync state set has the message, and only a member becomes master without --unsafe${whereNow(set)}`,
    },
    {
      client: 'producers that got any other status, such as FLUSH_SLAVE_TIMEOUT',
      protection: 'nothing: the message may be lost, and may be there all the same; send it again',
    },
    {
      client: 'all producers, where a broker lacks one of these settings',
      protection:
        'nothing: its master acknowledges what nobody else has. pollux cannot see the settings, and cannot revoke an unmodified broker: cut off, it takes writes until it is reached',
    },
    {
      client: 'consumers',
      protection:
        'at least once, as ever; they see a new master when they poll their route (pollNameServerInterval, 30 s unless set)',
    },
  ];
}

function whereNow(set: BrokerSet): string {
  if (set.master === null) return '; it has no master now, so nothing is acknowledged';
  if (set.syncStateSet.length < 2)
    return '; now the master is its only member, so nothing is acknowledged until a slave is back';
  if (hasRemoteMember(set)) return '; now one of them stands in another IDC';
  return '; now all of them stand in one IDC, or in one that nobody knows, and are lost with it';
}
