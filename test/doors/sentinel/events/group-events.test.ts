import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BrokerGroup } from '../../../../src/core/metadata/state.ts';
import { eventsOf } from '../../../../src/doors/sentinel/events/group-events.ts';
import { first, groupWith, NAME, second, third } from './group-life.ts';

const told = (before: BrokerGroup | null, after: BrokerGroup | null, isToldDown = false): string[] =>
  eventsOf({ name: NAME, before, after, quorum: 2, isToldDown }).map(
    ({ channel, payload }) => `${channel} ${payload}`,
  );

const OLD = `master ${NAME} 127.0.0.1 7101`;
const slave = (port: number, master: number): string =>
  `slave 127.0.0.1:${port} 127.0.0.1 ${port} @ ${NAME} 127.0.0.1 ${master}`;

const BEGUN = [
  `+sdown ${OLD}`,
  `+odown ${OLD} #quorum 2/2`,
  '+new-epoch 2',
  `+try-failover ${OLD}`,
  `+failover-state-select-slave ${OLD}`,
];
const SELECTED = [
  '+selected-slave',
  '+failover-state-send-slaveof-noone',
  '+failover-state-wait-promotion',
].map((channel) => `${channel} ${slave(7102, 7101)}`);
const SWITCHED = [
  `+promoted-slave ${slave(7102, 7101)}`,
  `+failover-state-reconf-slaves ${OLD}`,
  `+switch-master ${NAME} 127.0.0.1 7101 127.0.0.1 7102`,
  `+slave ${slave(7103, 7102)}`,
  `+slave ${slave(7101, 7102)}`,
];

describe('eventsOf', () => {
  it('tells nothing where nothing changed', () => {
    const { group } = groupWith();
    assert.deepEqual(told(group(), group()), []);
  });

  it('tells of a group that is taken on, and of one that is given back', () => {
    const { group } = groupWith();
    assert.deepEqual(told(null, group()), [
      `+monitor ${OLD} quorum 2`,
      `+slave ${slave(7102, 7101)}`,
      `+slave ${slave(7103, 7101)}`,
    ]);
    assert.deepEqual(told(group(), null), [`-monitor ${OLD}`]);
  });

  it('tells of a failover step by step', () => {
    const { group, fence, promote, activate } = groupWith();
    const before = group();
    const fenced = fence('masterLost');
    assert.deepEqual(told(before, fenced), BEGUN);
    // The clients know already that it is down.
    assert.deepEqual(told(before, fenced, true), BEGUN.slice(1));
    const promoting = promote(second, [third]);
    assert.deepEqual(told(fenced, promoting, true), SELECTED);
    const active = activate();
    assert.deepEqual(told(promoting, active, true), [
      ...SWITCHED.slice(0, 2),
      `-odown ${OLD}`,
      ...SWITCHED.slice(2),
    ]);
  });

  it('tells all of it in order where a node catches up in one go', () => {
    const { group, fence, promote, activate } = groupWith();
    const before = group();
    fence('masterLost');
    promote(second, [third]);
    // By then nobody is down any more, so nobody is told so.
    assert.deepEqual(told(before, activate()), [...BEGUN.slice(2), ...SELECTED, ...SWITCHED]);
  });

  it('calls nobody down in a planned move', () => {
    const { group, fence } = groupWith();
    assert.deepEqual(told(group(), fence('switchover')), BEGUN.slice(2));
  });

  it('tells that a master goes on that came back', () => {
    const { fence, promote, activate } = groupWith();
    const fenced = fence('masterLost');
    promote(first, [second, third]);
    assert.deepEqual(told(fenced, activate(2, true), true), [
      `-sdown ${OLD}`,
      `-odown ${OLD}`,
      `+failover-end ${OLD}`,
    ]);
  });

  it('sends exactly five words with +switch-master, for clients that count them', () => {
    const payload = SWITCHED[2]?.slice('+switch-master '.length) ?? '';
    assert.equal(payload.split(' ').length, 5);
  });
});
