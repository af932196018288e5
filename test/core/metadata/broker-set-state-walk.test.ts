import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyCommand, createMetadata } from '../../../src/core/metadata/apply.ts';
import type { BrokerSetCommand } from '../../../src/core/metadata/broker-set-command.ts';
import type { BrokerSet } from '../../../src/core/metadata/broker-set-state.ts';
import { decodeCommand, encodeCommand } from '../../../src/core/metadata/command-codec.ts';
import { encodeSnapshot, restoreSnapshot } from '../../../src/core/metadata/snapshot.ts';
import type { MetadataState } from '../../../src/core/metadata/state.ts';
import type { MutableMetadata } from '../../../src/core/metadata/store.ts';
import { clusterName, type GroupName, MAX_EPOCH } from '../../../src/core/primitives/identifiers.ts';
import {
  addressOf,
  alike,
  alterSyncStateSet,
  applyId,
  BROKER_A,
  BROKER_B,
  CLUSTER,
  elect,
  everyBrokerSetCommand,
  IDC_A,
  IDC_B,
  loseMaster,
  registerBroker,
  registration,
  version,
} from './broker-set-fixture.ts';
import { contentOf } from './ledger.ts';

type Intent = {
  readonly act: number;
  readonly inB: boolean;
  readonly id: number;
  readonly address: number;
  readonly amount: number;
  readonly slip: number;
};

const intents = fc.array(
  fc.record<Intent>({
    act: fc.nat(29),
    inB: fc.boolean(),
    id: fc.nat(5),
    address: fc.integer({ min: 1, max: 6 }),
    amount: fc.nat(30),
    slip: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, -1),
  }),
  { minLength: 40, maxLength: 120 },
);

const TOPICS = ['TopicA', 'TopicB', 'TopicC', '__proto__'];

/** What the intent comes to in this state: mostly what fits, now and then what does not. */
function commandOf(state: MetadataState, intent: Intent, step: number): BrokerSetCommand {
  const name = intent.inB ? BROKER_B : BROKER_A;
  const cluster = intent.amount === 30 ? clusterName('OtherCluster') : CLUSTER;
  const set = state.brokerSets.get(name);
  const ids = [...(set?.brokers.keys() ?? [1])];
  const id = ids[intent.id % ids.length] ?? 1;
  const address = addressOf(intent.address);
  const site = [IDC_A, IDC_B, null][intent.amount % 3] ?? null;
  const epoch = Math.max(0, (set?.masterEpoch ?? 0) + intent.slip);
  const { act, amount } = intent;
  if (act < 4) {
    const brokerId = Math.max(1, (set?.nextBrokerId ?? 1) + intent.slip);
    return applyId(brokerId, { cluster, name, address, site, registerCheckCode: `${address};${amount % 4}` });
  }
  if (act < 7) return registerBroker(amount % 4 === 0 ? intent.id + 1 : id, { cluster, name, address, site });
  if (act < 11) {
    const reasons = ['firstMaster', 'masterLost', 'adoption', 'epochAhead'] as const;
    return elect(id, epoch, {
      name,
      masterEpoch: Math.max(0, epoch + (amount % 4)),
      reason: reasons[amount % 4] ?? 'masterLost',
      unsafe: amount % 5 === 0,
      recordId: `r-${step}`,
    });
  }
  if (act < 15) {
    const wanted = ids.filter(
      (_, position) => (amount >> position) % 2 === 0 || ids[position] === set?.master,
    );
    return alterSyncStateSet(amount % 9 === 0 ? [...wanted, 77] : wanted, {
      name,
      masterBrokerId: set?.master ?? id,
      masterEpoch: epoch,
      syncStateSetEpoch: set?.syncStateSetEpoch ?? 0,
    });
  }
  if (act < 22) {
    const stateVersion = Math.max(0, epoch - (amount % 2));
    const topics = TOPICS.filter((_, position) => (amount >> position) % 2 === 1);
    return registration(intent.address, {
      cluster,
      name,
      brokerId: amount % 3 === 0 ? 0 : id,
      site,
      dataVersion: version(step % 5, stateVersion),
      enableActingMaster: [true, false, null][amount % 3] ?? null,
      complete: amount % 4 > 0,
      topicCount: topics.length + (amount % 2),
      topics: topics.length === 0 ? [] : [alike(topics, { permission: 4 + (amount % 3) })],
      staticTopics:
        amount % 7 === 0
          ? [{ topic: 'TopicA', scope: 's', totalQueues: 2, epoch: step, queues: [[0, 1]] }]
          : [],
    });
  }
  switch (act) {
    case 22:
      return loseMaster(epoch, { name, recordId: `lost-${step}` });
    case 23:
      return { type: 'brokerSet.raiseEpoch', name, masterEpoch: epoch + (amount % 3) };
    case 24:
      return {
        type: 'brokerSet.clean',
        name,
        brokerIds: amount % 4 === 0 ? null : [id],
        by: 'o',
        wallMs: step,
      };
    case 25:
      return { type: 'registration.remove', name, address };
    case 26:
      return {
        type: 'brokerSet.setPolicy',
        name,
        policy: amount % 2 === 0 ? 'cross-idc' : 'all',
        onShortage: amount % 3 === 0 ? 'block' : 'degrade',
        detectionMs: null,
        by: 'o',
        wallMs: step,
      };
    case 27: {
      const registered = state.registrations.get(address);
      return {
        type: 'registration.putTopics',
        name,
        address,
        topics: [alike([TOPICS[amount % 4] ?? 'TopicA'])],
        staticTopics: [],
        dataVersion: registered?.dataVersion ?? version(1),
        complete: amount % 2 === 0,
      };
    }
    case 28: {
      const others = Object.values(everyBrokerSetCommand).filter(({ type }) => type.startsWith('naming.'));
      return others[amount % others.length] ?? others[0] ?? assert.fail();
    }
    default:
      return { type: 'naming.deleteTopic', topic: TOPICS[amount % 4] ?? 'TopicA', cluster };
  }
}

/** Judges a set by what the state promises, with none of the code that keeps the promises. */
function assertSound(set: BrokerSet): void {
  const ids = [...set.brokers.keys()];
  assert.ok(ids.every((id) => id >= 1 && id < set.nextBrokerId && set.brokers.get(id)?.id === id));
  assert.ok(
    set.syncStateSet.every((id) => set.brokers.has(id)),
    'a member of the sync state set is a broker',
  );
  assert.deepEqual(
    set.syncStateSet,
    [...new Set(set.syncStateSet)].sort((one, other) => one - other),
  );
  assert.ok(set.master === null || set.syncStateSet.includes(set.master), 'the master is in its set');
  const siteOf = (id: number | null) => (id === null ? null : (set.brokers.get(id)?.site ?? null));
  const home = siteOf(set.master);
  const isRemote = (id: number): boolean => home !== null && siteOf(id) !== null && siteOf(id) !== home;
  const isShort = ids.some(isRemote) && !set.syncStateSet.some(isRemote);
  assert.equal(set.degraded, set.policy === 'cross-idc' && isShort);
}

function assertStep(before: BrokerSet, after: BrokerSet): void {
  assert.ok(after.masterEpoch >= before.masterEpoch);
  assert.ok(after.syncStateSetEpoch >= before.syncStateSetEpoch);
  assert.ok(after.nextBrokerId >= before.nextBrokerId);
  if (after.master !== before.master) assert.ok(after.masterEpoch > before.masterEpoch);
  const step = after.syncStateSetEpoch - before.syncStateSetEpoch;
  assert.ok(after.syncStateSetEpoch < MAX_EPOCH, 'it is a number of 32 bits');
  if (`${after.syncStateSet}` !== `${before.syncStateSet}`) assert.ok(step >= 1);
  // Only the election of a broker that had its id before we knew of it goes further than to the next one.
  const elected = after.masterEpoch === before.masterEpoch ? null : after.master;
  const hadALifeBefore = elected !== null && before.brokers.get(elected)?.registerCheckCode === null;
  assert.ok(step <= 1 || hadALifeBefore);
}

/** Registrations, addresses, names and counts tell one story. */
function assertRegistered(state: MetadataState): void {
  const places = new Map<GroupName, number>();
  for (const queues of state.topicQueues.values()) {
    assert.ok(queues.length > 0);
    const names = queues.map(({ name }) => name);
    assert.deepEqual(names, [...new Set(names)].sort());
    for (const name of names) places.set(name, (places.get(name) ?? 0) + 1);
  }
  for (const [name, set] of state.namedSets) {
    assert.equal(set.topics, places.get(name) ?? 0);
    places.delete(name);
    for (const [id, address] of set.addresses) {
      const one = state.registrations.get(address);
      assert.deepEqual([one?.name, one?.brokerId], [name, id]);
    }
    assert.equal(new Set(set.addresses.values()).size, set.addresses.size);
    const cluster = state.brokerSets.get(name)?.cluster ?? set.cluster;
    assert.equal(cluster, set.cluster, 'a brokerName belongs to one cluster');
  }
  assert.equal(places.size, 0, 'topics lie on registered sets only');
  for (const { name, address, brokerId } of state.registrations.values())
    if (brokerId !== null) assert.equal(state.namedSets.get(name)?.addresses.get(brokerId), address);
  const known = [...state.brokerSets.values()].flatMap(({ brokers }) =>
    [...brokers.values()].map(({ address }) => address).filter((address) => address !== ''),
  );
  assert.equal(new Set(known).size, known.length, 'no two brokers are at one address');
}

/** Who was master in which epoch, and which ids were given out, over the whole walk. */
class Chronicle {
  readonly #masters = new Map<string, number>();
  readonly #given = new Map<string, string>();

  note(state: MetadataState, command: BrokerSetCommand, isAccepted: boolean): void {
    for (const { name, master, masterEpoch } of state.brokerSets.values()) {
      if (master === null) continue;
      const reign = `${name}/${masterEpoch}`;
      assert.equal(this.#masters.get(reign) ?? master, master, `two masters in one epoch: ${reign}`);
      this.#masters.set(reign, master);
    }
    if (command.type === 'brokerSet.clean' && !state.brokerSets.has(command.name)) {
      for (const key of this.#given.keys()) if (key.startsWith(`${command.name}/`)) this.#given.delete(key);
    }
    if (command.type !== 'brokerSet.applyId' || !isAccepted) return;
    const id = `${command.name}/${command.brokerId}`;
    const code = this.#given.get(id) ?? command.registerCheckCode;
    assert.equal(code, command.registerCheckCode, `an id was given to two: ${id}`);
    this.#given.set(id, command.registerCheckCode);
  }
}

type Tally = { readonly accepted: Set<string>; readonly refused: Set<string>; highest: number };

function walk(store: MutableMetadata, steps: readonly Intent[], tally: Tally): Uint8Array[] {
  const chronicle = new Chronicle();
  return steps.map((intent, position) => {
    const intended = commandOf(store, intent, position);
    const encoded = encodeCommand(intended);
    const command = decodeCommand(encoded);
    const before = new Map(store.brokerSets);
    const content = contentOf(store);
    const result = applyCommand(store, command, { index: position + 1, term: 1 });
    if (result.ok) tally.accepted.add(command.type);
    else {
      tally.refused.add(result.refusal.code);
      assert.equal(contentOf(store), content, `${command.type} was refused, yet changed the state`);
    }
    for (const [name, set] of store.brokerSets) {
      assertSound(set);
      const earlier = before.get(name);
      if (earlier !== undefined) assertStep(earlier, set);
      tally.highest = Math.max(tally.highest, set.masterEpoch);
    }
    assertRegistered(store);
    chronicle.note(store, intended, result.ok);
    return encoded;
  });
}

const replay = (store: MutableMetadata, log: readonly Uint8Array[], from: number): MutableMetadata => {
  for (const [offset, encoded] of log.slice(from).entries())
    applyCommand(store, decodeCommand(encoded), { index: from + offset + 1, term: 1 });
  return store;
};

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

test('any walk keeps every promise about broker sets, and a snapshot with the rest of the log equals the whole log', () => {
  const tally: Tally = { accepted: new Set(), refused: new Set(), highest: 0 };
  fc.assert(
    fc.property(intents, fc.double({ min: 0, max: 1, noNaN: true }), (steps, share) => {
      const whole = createMetadata();
      const log = walk(whole, steps, tally);
      const cut = Math.floor(share * log.length);
      const snapshot = encodeSnapshot(replay(createMetadata(), log.slice(0, cut), 0));
      const restored = restoreSnapshot(snapshot);
      assert.equal(text(encodeSnapshot(restored)), text(snapshot));
      assert.equal(text(encodeSnapshot(replay(restored, log, cut))), text(encodeSnapshot(whole)));
    }),
    { numRuns: 150, seed: 20_261_126 },
  );
  // A walk that never gets anywhere would prove nothing.
  const unseen = Object.keys(everyBrokerSetCommand).filter((type) => !tally.accepted.has(type));
  assert.deepEqual(unseen, ['brokerSet.addStep'], 'commands that no walk had accepted');
  assert.ok(tally.highest >= 5, `highest epoch ${tally.highest}`);
  const codes = [
    'brokerIdTaken',
    'brokerNameTaken',
    'addressTaken',
    'fencedMasterEpoch',
    'invalidReplicas',
    'lastRemoteMember',
    'masterReigns',
    'notInSyncStateSet',
    'staleRegistration',
    'unknownBrokerSet',
  ];
  assert.deepEqual(
    codes.filter((code) => !tally.refused.has(code)),
    [],
    'refusals that no walk met',
  );
});

test('what stands in the store is the same to its readers once it was restored', () => {
  const store = createMetadata();
  for (const [position, command] of Object.values(everyBrokerSetCommand).entries())
    applyCommand(store, command, { index: position + 1, term: 1 });
  assert.deepEqual(restoreSnapshot(encodeSnapshot(store)), store);
});
