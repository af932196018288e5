/** The twin that tests without processes stand on answers as real Sentinels do, who keep the same contract. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeSentinels, slaveSeen, wordOf } from './fake-sentinels.ts';
import { describeSentinelPort, type SentinelGround } from './sentinel-port-contract.ts';

const DEFAULT_DOWN_AFTER_MS = 30_000;

function groundInMemory(): SentinelGround {
  const fake = new FakeSentinels(0);
  const priorities = new Map<string, number>();
  const unheardOf = { follows: null, linkUp: false };

  const slavesSeen = (master: string) =>
    [...fake.servers]
      .filter(([, follows]) => follows === master)
      .map(([address]) => slaveSeen(address, { follows: master, priority: priorities.get(address) ?? 100 }));

  const silence = async (address: string): Promise<void> => {
    const sentinel = fake.all.get(address);
    if (sentinel === undefined) fake.silent.add(address);
    else sentinel.isUp = false;
  };

  return {
    master: async () => {
      const address = `10.1.0.${fake.servers.size + 1}:6379`;
      fake.serve(address, []);
      return address;
    },
    slave: async (master, priority) => {
      const address = `10.2.0.${fake.servers.size + 1}:6379`;
      fake.servers.set(address, master);
      priorities.set(address, priority);
      return address;
    },
    announce: async (master, slaves) => fake.serve(master, slaves),
    sentinel: async ({ masters, downAfterMs, password, knownSlaves = [], knownSentinels = [] }) => {
      const number = fake.all.size + 1;
      const sentinel = fake.add(number, null);
      sentinel.password = password ?? null;
      for (const [position, [name, address]] of Object.entries(masters).entries()) {
        const before = position === 0 ? knownSlaves.map((slave) => slaveSeen(slave, unheardOf)) : [];
        const slaves = [...slavesSeen(address), ...before];
        sentinel.watch(name, wordOf(address, slaves, downAfterMs ?? DEFAULT_DOWN_AFTER_MS));
      }
      sentinel.hearsay.push(...knownSentinels.filter(({ address }) => !fake.all.has(address)));
      return `10.0.0.${number}:26379`;
    },
    kill: silence,
    stall: silence,
    port: (password) => fake.withPassword(password ?? null),
    dispose: async () => undefined,
  };
}

describeSentinelPort('Sentinels in memory', groundInMemory);

test('what Sentinels in memory were told is kept in order, also by one that forbids it', async () => {
  const fake = new FakeSentinels();
  fake.forbidding = '10.0.0.2:26379';
  assert.equal((await fake.remove('10.0.0.3:26379', 'orders')).ok, true);
  const forbidden = await fake.remove('10.0.0.2:26379', 'orders');
  assert.equal(!forbidden.ok && forbidden.refusal.code, 'brokerRefused');
  assert.deepEqual(fake.told, ['10.0.0.3:26379 remove', '10.0.0.2:26379 remove']);
  assert.equal(fake.watching, 2);
});
