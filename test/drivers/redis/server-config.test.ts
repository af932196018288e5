import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { MANAGED_SETTINGS } from '../../../src/drivers/redis/managed-settings.ts';
import { renderServerConfig } from '../../../src/drivers/redis/server-config.ts';
import { createTestDriver, STEERING_SECRET, serverFor, steer, targetOf } from '../../support/redis-group.ts';
import { repositoryRoot } from '../../support/repository.ts';

test('a server that starts from the rendered file is fenced and prepared', async (t) => {
  const server = await serverFor(t);
  await server.kill();
  const options = {
    port: server.port,
    bind: '127.0.0.1',
    directory: server.directory,
    steeringSecret: STEERING_SECRET,
    applicationPassword: 'application password',
    extraLines: ['save ""'],
  };
  const text = renderServerConfig(options);
  assert.equal(text.includes('application password'), false);
  writeFileSync(server.configFile, text);
  await server.start();
  const driver = createTestDriver(t, { applicationPassword: options.applicationPassword });
  const outcome = await steer(driver, targetOf(server, 'a'), { kind: 'inspect' });
  assert.equal(outcome.kind, 'inspected');
  if (outcome.kind !== 'inspected') return;
  assert.deepEqual(outcome.inspection.changes, []);
  assert.deepEqual(outcome.inspection.problems, []);
  assert.equal(outcome.inspection.prepared, true);
  assert.equal(outcome.inspection.report.follows?.address, '127.0.0.1:1');
});

test('the example file for operators has every setting that preparing would set', () => {
  const lines = readFileSync(path.join(repositoryRoot, 'deploy/redis/fenced.conf'), 'utf8').split('\n');
  for (const [name, value] of MANAGED_SETTINGS) assert.ok(lines.includes(`${name} ${value}`), name);
  assert.ok(lines.includes('replicaof 127.0.0.1 1'));
});
