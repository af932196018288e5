import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incarnation } from '../../../../src/core/primitives/identifiers.ts';
import { managedGroup, reportOf, steer } from '../../../support/redis-group.ts';

test('a master, another process or a bad address is not attached', async (t) => {
  const { driver, masterTarget, slaveTargets } = await managedGroup(t, { slaves: 1 });
  const [slave] = slaveTargets;
  assert.ok(slave);
  const master = await reportOf(driver, masterTarget);
  const own = await reportOf(driver, slave);
  const detailOf = async (...request: Parameters<typeof steer>): Promise<string> => {
    const outcome = await steer(...request);
    return outcome.kind === 'failed' ? `${outcome.reason} ${outcome.detail}` : outcome.kind;
  };
  const attach = { kind: 'attach', masterAddress: slave.address } as const;
  assert.match(
    await detailOf(driver, masterTarget, { ...attach, expectedIncarnation: master.incarnation }),
    /^mismatch isMaster: /,
  );
  assert.match(
    await detailOf(driver, slave, { ...attach, expectedIncarnation: incarnation('other') }),
    /^mismatch otherIncarnation: /,
  );
  assert.match(
    await detailOf(driver, slave, {
      ...attach,
      expectedIncarnation: own.incarnation,
      masterAddress: 'nowhere',
    }),
    /^refused badAddress: /,
  );
  assert.equal((await reportOf(driver, slave)).follows?.address, masterTarget.address);
});
