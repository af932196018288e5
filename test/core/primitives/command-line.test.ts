import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFor } from '../../../src/core/primitives/command-line.ts';
import { clusterName, groupName } from '../../../src/core/primitives/identifiers.ts';

test('a command names the cluster only where the command line would mean another', () => {
  const name = groupName('orders');
  assert.equal(commandFor({ name, cluster: clusterName('default') }, 'failover'), 'pollux failover orders');
  assert.equal(
    commandFor({ name, cluster: clusterName('east') }, 'failover', '--unsafe'),
    'pollux failover orders --unsafe --cluster east',
  );
});
