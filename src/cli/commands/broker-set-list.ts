/** `pollux broker-set list`. A brokerName is unique over all clusters, so all clusters are shown. */
import { Command } from 'commander';
import { brokerMasterText, brokerSetPolicyText } from '../broker-set-words.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';
import { table } from '../table.ts';

export const brokerSetList = (register: Register): Command =>
  register(
    new Command('list').description('the RocketMQ broker sets of all clusters'),
    async ({ client, paint, progress }) => {
      const answer = await progress.during('asking for the broker sets', client.call('brokerSetList', {}));
      if (!answer.ok) return failureOutcome(answer.failure);
      const { brokerSets, stale } = answer.value;
      if (brokerSets.length === 0) {
        return done(
          answer.value,
          'no broker sets; a RocketMQ broker whose namesrvAddr and controllerAddr name the nodes brings one',
        );
      }
      const rows = brokerSets.map((set) => [
        set.cluster,
        set.name,
        set.master === null ? paint.bad('none') : brokerMasterText(set.master),
        set.controlled === null ? '' : String(set.controlled.masterEpoch),
        set.controlled === null ? '' : set.controlled.syncStateSet.join(' '),
        String(set.brokers),
        brokerSetPolicyText(paint, set.controlled),
        set.controlled?.onShortage ?? '',
        set.controlled === null
          ? paint.warning('routes only')
          : set.controlled.automaticStopped
            ? paint.warning('stopped')
            : 'on',
      ]);
      const headings = ['CLUSTER', 'NAME', 'MASTER', 'EPOCH', 'IN SYNC', 'BROKERS', 'POLICY'];
      const note = stale
        ? `\n${paint.warning('this may be old: the node cannot confirm that it is current')}`
        : '';
      return done(answer.value, `${table(paint, [...headings, 'ON SHORTAGE', 'AUTOMATIC'], rows)}${note}`);
    },
  );
