/**
 * What every SentinelPort answers, whatever is underneath. Each case has a ground of its own, on which it sets up
 * Sentinels and the servers that they watch.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import type { Refusal, Result } from '../../../src/core/primitives/refusal.ts';
import type { MasterSeen, SentinelPort, SentinelSeen } from '../../../src/core/sentinels/sentinel-port.ts';
import { eventually } from '../../support/eventually.ts';

export type SentinelSetup = {
  /** Address of each master that it watches, by name. The quorum is 2. */
  readonly masters: Readonly<Record<string, string>>;
  /** Until a master counts as down. */
  readonly downAfterMs?: number;
  readonly password?: string;
  /** Of the first of its masters, known from before: slaves at which nothing listens, and other Sentinels. */
  readonly knownSlaves?: readonly string[];
  readonly knownSentinels?: readonly SentinelSeen[];
};

/** Everything is known by the address at which it answers. */
export type SentinelGround = {
  master(): Promise<string>;
  /** One that is in step with its master when this resolves. */
  slave(master: string, priority: number): Promise<string>;
  /** Slaves that are no more than what they announce to their master. */
  announce(master: string, slaves: readonly string[]): Promise<void>;
  sentinel(setup: SentinelSetup): Promise<string>;
  /** It is gone, or it still takes connections and never answers. */
  kill(address: string): Promise<void>;
  stall(address: string): Promise<void>;
  /** The port of nodes that have this password of the Sentinels. */
  port(password?: string): SentinelPort;
  dispose(): Promise<void>;
};

/** Most of a case on real processes is waiting; all of them at once would make each slow. */
const CASES_AT_ONCE = 4;

const NOWHERE = '127.0.0.1:1';
/** No service has these ports, so that a Sentinel that tries them reaches nobody. */
const nobodyAt = (number: number): string => `127.0.0.1:${256 + number}`;

function known<Value>(result: Result<Value>): Value {
  assert.ok(result.ok, result.ok ? '' : result.refusal.message);
  return result.value;
}

/** The refusal, of this code, which names the server that was asked. */
function refusalOf(result: Result<unknown>, code: Refusal['code'], address: string): Refusal {
  assert.ok(!result.ok, `answered by ${address}`);
  assert.equal(result.refusal.code, code, result.refusal.message);
  assert.ok(result.refusal.message.includes(address), result.refusal.message);
  return result.refusal;
}

const addressesOf = (all: readonly { readonly address: string }[]): readonly string[] =>
  all.map(({ address }) => address).sort();

const numbered = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, number) => number + 1);

/** What a Sentinel says once it has heard of so many slaves and other Sentinels. */
const settled = (port: SentinelPort, sentinel: string, slaves: number, others: number): Promise<MasterSeen> =>
  eventually(`${sentinel} knows ${slaves} slaves and ${others} others`, async () => {
    const seen = await port.look(sentinel, 'orders');
    return (
      seen.ok &&
      seen.value.slaves.length === slaves &&
      seen.value.slaves.every(({ linkUp }) => linkUp) &&
      seen.value.others.length === others &&
      seen.value
    );
  });

const asksOf = (port: SentinelPort, sentinel: string): Promise<readonly Result<unknown>[]> =>
  Promise.all([port.masters(sentinel), port.look(sentinel, 'orders'), port.remove(sentinel, 'orders')]);

export function describeSentinelPort(name: string, makeGround: () => SentinelGround): void {
  const on = (body: (ground: SentinelGround) => Promise<void>) => async () => {
    const ground = makeGround();
    try {
      await body(ground);
    } finally {
      await ground.dispose();
    }
  };

  describe(`${name}: what every port to Sentinels answers`, { concurrency: CASES_AT_ONCE }, () => {
    it(
      'says of a master where it is, how it is set, and which slaves it has',
      on(async (ground) => {
        const master = await ground.master();
        const [preferred, never] = [await ground.slave(master, 7), await ground.slave(master, 0)];
        const sentinel = await ground.sentinel({ masters: { orders: master }, downAfterMs: 4_321 });
        const port = ground.port();
        const { sentinel: itself, slaves, ...said } = await settled(port, sentinel, 2, 0);
        assert.match(itself.id, /^[0-9a-f]{40}$/);
        assert.equal(itself.address, sentinel);
        assert.deepEqual(said, {
          address: master,
          flags: ['master'],
          quorum: 2,
          settings: [
            ['down-after-milliseconds', '4321'],
            ['failover-timeout', '180000'],
            ['parallel-syncs', '1'],
          ],
          others: [],
        });
        const inStep = { flags: ['slave'], follows: master, linkUp: true };
        assert.deepEqual(
          [...slaves].sort((one, other) => other.priority - one.priority),
          [
            { address: preferred, ...inStep, priority: 7 },
            { address: never, ...inStep, priority: 0 },
          ],
        );
        assert.deepEqual([...known(await port.slavesOf(master))].sort(), [preferred, never].sort());
      }),
    );

    it(
      'knows those that watch the same master, from each other and from the servers, and no others',
      on(async (ground) => {
        const [master, apart] = [await ground.master(), await ground.master()];
        const slave = await ground.slave(master, 100);
        const port = ground.port();
        const first = await ground.sentinel({ masters: { orders: master } });
        const { id } = (await settled(port, first, 1, 0)).sentinel;
        const second = await ground.sentinel({ masters: { orders: master } });
        const stranger = await ground.sentinel({ masters: { stock: apart } });
        const [seen, back] = await Promise.all([settled(port, first, 1, 1), settled(port, second, 1, 1)]);
        assert.deepEqual([seen.others, back.others], [[back.sentinel], [{ id, address: first }]]);
        const { sentinel: third } = known(await port.look(stranger, 'stock'));
        const watchers = async (server: string): Promise<readonly string[]> =>
          [...known(await port.watchersOf(server))].sort();
        const beginnings = [id, back.sentinel.id].map((one) => one.slice(0, 8)).sort();
        assert.deepEqual([await watchers(master), await watchers(slave)], [beginnings, beginnings]);
        await eventually('the stranger is connected', async () => (await watchers(apart)).length > 0);
        assert.deepEqual(await watchers(apart), [third.id.slice(0, 8)]);

        assert.equal(known(await port.remove(first, 'orders')), null);
        await eventually('the servers have one watcher less', async () =>
          [await watchers(master), await watchers(slave)].every((left) => left.length === 1),
        );
        assert.deepEqual(await watchers(master), [back.sentinel.id.slice(0, 8)]);
        const { others } = known(await port.look(second, 'orders'));
        assert.deepEqual(addressesOf(others), [first], 'the other one goes on naming it');
      }),
    );

    it(
      'stops watching the master that it is told, and no other; what is gone is gone',
      on(async (ground) => {
        const [orders, stock] = [await ground.master(), await ground.master()];
        const sentinel = await ground.sentinel({ masters: { stock, orders } });
        const port = ground.port();
        const names = async () => known(await port.masters(sentinel));
        assert.deepEqual(await names(), { names: ['orders', 'stock'], leftOff: 0 });
        assert.equal(known(await port.remove(sentinel, 'nobody')), null);
        assert.deepEqual(await names(), { names: ['orders', 'stock'], leftOff: 0 });
        for (const _ of ['told', 'told again'])
          assert.equal(known(await port.remove(sentinel, 'stock')), null);
        assert.deepEqual(await names(), { names: ['orders'], leftOff: 0 });
        assert.equal(known(await port.look(sentinel, 'orders')).address, orders);
        const refusal = refusalOf(await port.look(sentinel, 'stock'), 'unknownMaster', sentinel);
        assert.equal(refusal.field, 'master');
        assert.deepEqual(known(await port.slavesOf(stock)), [], 'the server itself is as it was');
        assert.equal(known(await port.remove(sentinel, 'orders')), null);
        assert.deepEqual(await names(), { names: [], leftOff: 0 });
      }),
    );

    it(
      'does not know a master by the name of another, or by its address',
      on(async (ground) => {
        const master = await ground.master();
        const sentinel = await ground.sentinel({ masters: { orders: master } });
        for (const other of ['stock', 'Orders', master]) {
          const refusal = refusalOf(await ground.port().look(sentinel, other), 'unknownMaster', sentinel);
          assert.equal(refusal.field, 'master');
        }
      }),
    );

    it(
      'refuses what does not answer: never there, killed, or stalled',
      on(async (ground) => {
        const [master, stalledMaster] = [await ground.master(), await ground.master()];
        const [killed, stalled] = [
          await ground.sentinel({ masters: { orders: master } }),
          await ground.sentinel({ masters: { orders: master } }),
        ];
        await Promise.all([ground.kill(killed), ground.kill(master)]);
        await Promise.all([ground.stall(stalled), ground.stall(stalledMaster)]);
        const port = ground.port();
        const ofSentinels = [NOWHERE, killed, stalled].map(async (address) => {
          for (const result of await asksOf(port, address)) refusalOf(result, 'brokerUnreachable', address);
        });
        const ofServers = [NOWHERE, master, stalledMaster].map(async (address) => {
          for (const result of await Promise.all([port.slavesOf(address), port.watchersOf(address)]))
            refusalOf(result, 'brokerUnreachable', address);
        });
        await Promise.all([...ofSentinels, ...ofServers]);
      }),
    );

    it(
      'tells a data server from a Sentinel, and a master from a slave',
      on(async (ground) => {
        const master = await ground.master();
        const slave = await ground.slave(master, 100);
        const sentinel = await ground.sentinel({ masters: { orders: master } });
        const port = ground.port();
        for (const result of await asksOf(port, master))
          assert.match(refusalOf(result, 'brokerRefused', master).message, /is no Sentinel/);
        assert.match(
          refusalOf(await port.slavesOf(sentinel), 'brokerRefused', sentinel).message,
          /is no data server/,
        );
        assert.match(
          refusalOf(await port.slavesOf(slave), 'brokerRefused', slave).message,
          new RegExp(`is a slave of ${master}: name its master`),
        );
        assert.deepEqual(known(await port.slavesOf(master)), [slave]);
      }),
    );

    it(
      'asks for the password of a Sentinel that has one, and is not kept out by one that has none',
      on(async (ground) => {
        const master = await ground.master();
        const locked = await ground.sentinel({ masters: { orders: master }, password: 'of-the-sentinel' });
        const open = await ground.sentinel({ masters: { orders: master } });
        for (const port of [ground.port(), ground.port('a-wrong-one')]) {
          for (const result of await asksOf(port, locked)) {
            const { message } = refusalOf(result, 'brokerRefused', locked);
            assert.match(message, /redis\.sentinels/);
            assert.doesNotMatch(message, /a-wrong-one/);
          }
        }
        const right = ground.port('of-the-sentinel');
        for (const sentinel of [locked, open])
          assert.deepEqual(known(await right.masters(sentinel)), { names: ['orders'], leftOff: 0 });
        assert.equal(known(await right.look(locked, 'orders')).address, master);
        assert.equal(known(await right.remove(locked, 'orders')), null);
        assert.deepEqual(known(await right.masters(locked)).names, []);
      }),
    );

    it(
      'lets two that know each other differ on where the master is',
      on(async (ground) => {
        const [master, pretender] = [await ground.master(), await ground.master()];
        const port = ground.port();
        const first = await ground.sentinel({ masters: { orders: master } });
        const knownSentinels = [known(await port.look(first, 'orders')).sentinel];
        const second = await ground.sentinel({ masters: { orders: pretender }, knownSentinels });
        const words = await Promise.all([settled(port, first, 0, 1), settled(port, second, 0, 1)]);
        assert.deepEqual(
          words.map(({ address, others }) => [address, ...addressesOf(others)]),
          [
            [master, second],
            [pretender, first],
          ],
        );
      }),
    );

    it(
      'names as many masters as the limit has, and counts the rest',
      on(async (ground) => {
        const names = numbered(LIMITS.mastersPerSentinel + 2).map((number) => `group-${number}`);
        const sentinel = await ground.sentinel({
          masters: Object.fromEntries(names.map((one) => [one, NOWHERE])),
        });
        const named = known(await ground.port().masters(sentinel));
        assert.deepEqual([new Set(named.names).size, named.leftOff], [LIMITS.mastersPerSentinel, 2]);
        assert.ok(named.names.every((one) => names.includes(one)));
        assert.deepEqual(named.names, [...named.names].sort());
      }),
    );

    it(
      'takes the slaves and the Sentinels of a master up to their limits, and refuses more',
      on(async (ground) => {
        const port = ground.port();
        const slaves = numbered(LIMITS.slavesPerMaster + 1).map(nobodyAt);
        const sentinels = numbered(LIMITS.sentinelsPerMaster + 1).map((number) => ({
          id: String(number).padStart(40, '0'),
          address: nobodyAt(number),
        }));
        const orders = await ground.master();
        const full = await ground.sentinel({
          masters: { orders },
          knownSlaves: slaves.slice(1),
          knownSentinels: sentinels.slice(1),
        });
        const seen = known(await port.look(full, 'orders'));
        assert.deepEqual(addressesOf(seen.slaves), slaves.slice(1).sort());
        assert.deepEqual(addressesOf(seen.others), addressesOf(sentinels.slice(1)));
        assert.deepEqual(known(await port.slavesOf(orders)), [], 'none of them has ever been there');
        for (const more of [{ knownSlaves: slaves }, { knownSentinels: sentinels }]) {
          const masters = { stock: await ground.master() };
          const overfull = await ground.sentinel({ masters, ...more });
          refusalOf(await port.look(overfull, 'stock'), 'brokerRefused', overfull);
        }

        const [most, tooMany] = [await ground.master(), await ground.master()];
        await ground.announce(most, slaves.slice(1));
        assert.deepEqual([...known(await port.slavesOf(most))].sort(), slaves.slice(1).sort());
        await ground.announce(tooMany, slaves);
        refusalOf(await port.slavesOf(tooMany), 'brokerRefused', tooMany);
      }),
    );
  });
}
