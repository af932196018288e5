import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientReply, ClientRequest } from '../../../src/core/coordinator/requests.ts';
import { must } from '../../../src/core/primitives/assert.ts';
import { groupName, replicaId, siteName } from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { addRequest, adoptedGroup, declaration, GroupTier, KEY } from './adopted-group.ts';
import { A2, addressOf, B1, M } from './fake-servers.ts';

const codeOf = (reply: ClientReply): string => (reply.ok ? 'accepted' : reply.refusal.code);
const messageOf = (reply: ClientReply): string => (reply.ok ? '' : reply.refusal.message);

const untouched = (tier: GroupTier): void => {
  assert.equal(tier.tier.loop(tier.leader).state().groups.size, 0);
  assert.deepEqual(tier.servers.done, []);
};

test('a plan names the first master and what the layout survives, and changes nothing', () => {
  const tier = new GroupTier();
  const reply = tier.ask(addRequest({}, true));
  assert.ok(reply.ok && reply.value.kind === 'plan');
  const { plan } = reply.value;
  assert.equal(plan.fit, true);
  assert.equal(plan.master, M);
  assert.ok(plan.survives.length > 0);
  untouched(tier);
});

test('a server that does not answer is named in plan and refusal', () => {
  const tier = new GroupTier();
  tier.servers.kill(B1);
  const plan = tier.ask(addRequest({}, true));
  assert.ok(plan.ok && plan.value.kind === 'plan' && !plan.value.plan.fit);
  const reply = tier.ask(addRequest());
  assert.equal(codeOf(reply), 'brokerUnreachable');
  assert.match(messageOf(reply), /b1:6379 does not answer/);
  assert.equal(reply.ok || reply.refusal.field, 'replicas.2.endpoints.client');
  untouched(tier);
});

test('two servers that hold data of their own are not made one group by guessing', () => {
  const tier = new GroupTier();
  Object.assign(tier.servers.of(B1), { role: 'master', follows: null, lineage: 'other', keys: 7n });
  const reply = tier.ask(addRequest());
  assert.equal(codeOf(reply), 'preflightFailed');
  assert.match(
    messageOf(reply),
    /m and b1 both hold data: name the one whose data is kept with --preferred-master/,
  );
  const named = tier.ask(addRequest({ preferredMaster: M }));
  assert.match(messageOf(named), /b1: holds 7 keys that are not a copy of m's/);
  untouched(tier);
});

test('a file that cannot be written is found before the group is declared', () => {
  const tier = new GroupTier();
  const { steer } = tier.servers;
  let looks = 0;
  tier.steer = (request, node) => {
    if (request.action.kind === 'inspect') looks += 1;
    return request.action.kind === 'inspect' && request.action.proveWritable === true
      ? { kind: 'failed', reason: 'refused', detail: 'cannot write' }
      : steer(request, node);
  };
  const reply = tier.ask(addRequest());
  assert.equal(codeOf(reply), 'brokerRefused');
  assert.equal(looks, 6);
  untouched(tier);
});

test('a plan that proves files writable does so once nothing but a Sentinel is found, and declares nothing', () => {
  const tier = new GroupTier();
  const { steer } = tier.servers;
  const proven: string[] = [];
  let code = 'watchedBySentinel';
  tier.steer = (request, node) => {
    const outcome = steer(request, node);
    if (request.action.kind !== 'inspect' || outcome.kind !== 'inspected') return outcome;
    if (request.action.proveWritable === true) proven.push(request.target.replica);
    const problems = [{ code, message: 'found' }];
    return { kind: 'inspected', inspection: { ...outcome.inspection, problems } };
  };
  const plan = { ...addRequest({}, true), proveWritable: true } as ClientRequest;
  const looked = tier.ask(plan);
  assert.ok(looked.ok && looked.value.kind === 'plan' && !looked.value.plan.fit);
  assert.equal(proven.length, 3);
  tier.ask(addRequest({}, true));
  assert.equal(proven.length, 3, 'an ordinary plan only looks');
  code = 'chained';
  tier.ask(plan);
  assert.equal(proven.length, 3, 'nor where something else stands against it');
  untouched(tier);
});

test('a name of which no ids can be made is refused, and the leader lives on', () => {
  const tier = new GroupTier();
  const name = groupName('x'.repeat(LIMITS.nameCharacters));
  const replicas = declaration().replicas.map((replica, at) => ({
    ...replica,
    id: replicaId(`${name}-${at + 1}`),
  }));
  for (const watchOnly of [false, true]) {
    const reply = tier.ask(addRequest({ name, replicas, watchOnly }));
    assert.equal(codeOf(reply), 'limitReached');
    assert.equal(reply.ok || reply.refusal.field, 'replicas.0.id');
  }
  untouched(tier);
});

test('refused before any server is looked at: a name twice, an address twice, an unknown site', () => {
  const tier = adoptedGroup();
  const steered = tier.servers.done.length;
  assert.equal(codeOf(tier.ask(addRequest())), 'duplicateName');
  const [first] = declaration().replicas;
  assert.ok(first !== undefined);
  const twice = { ...first, id: replicaId('x') };
  const other = { name: groupName('other') };
  const fresh = { ...twice, endpoints: { client: 'x:1', replication: 'x:1', announced: null } };
  const sameAddress = tier.ask(addRequest({ ...other, replicas: [fresh, { ...fresh, id: replicaId('y') }] }));
  assert.equal(codeOf(sameAddress), 'duplicateName');
  const taken = tier.ask(addRequest({ ...other, replicas: [twice] }));
  assert.equal(codeOf(taken), 'replicaInOtherGroup');
  const nowhere = tier.ask(addRequest({ ...other, replicas: [{ ...fresh, site: siteName('idc-z') }] }));
  assert.equal(codeOf(nowhere), 'unknownSite');
  assert.equal(tier.servers.done.length, steered);
});

test('of two declarations at once that name one server under two addresses one is refused', () => {
  const tier = new GroupTier();
  const { steer } = tier.servers;
  tier.steer = (request, node) => {
    const address = request.target.address.replace('alias-', '');
    return steer({ ...request, target: { ...request.target, address } }, node);
  };
  const [first] = declaration().replicas;
  assert.ok(first !== undefined);
  const address = `alias-${first.endpoints.client}`;
  const alias = {
    ...first,
    id: replicaId('x'),
    endpoints: { client: address, replication: address, announced: null },
  };
  const requests = [addRequest(), addRequest({ name: groupName('other'), replicas: [alias] })];
  const tickets = requests.map((request) => tier.tier.hand(tier.leader, request));
  tier.until(() => tickets.every((ticket) => tier.tier.reply(ticket) !== null), 'both are answered');
  const codes = tickets.map((ticket) => codeOf(must(tier.tier.reply(ticket), 'an answer')));
  assert.deepEqual(codes.sort(), ['accepted', 'replicaInOtherGroup']);
});

test('a forced move is refused where it could not be proven, and made where the loss is accepted', () => {
  const tier = adoptedGroup({ onShortage: 'block', policy: 'all' });
  const move = { type: 'failover', group: KEY, to: B1, by: 'eve' } as const;
  tier.servers.of(B1).answers.set('revoke', { kind: 'failed', reason: 'unreachable', detail: 'no route' });
  for (const id of [M, A2, B1]) tier.servers.of(id).state = 'hung';
  tier.tier.run(1_500);
  const reply = tier.ask({ ...move, unsafe: false });
  assert.equal(codeOf(reply), 'unprovable');
  assert.match(messageOf(reply), /Nothing was done.*--unsafe/);
  assert.equal(tier.phase(), 'active 1');
  tier.servers.restart(B1);
  assert.equal(codeOf(tier.ask({ ...move, unsafe: true })), 'accepted');
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 5_000);
  assert.equal(tier.group.master, B1);
  const steps = tier.lastRecord.steps.map(({ detail }) => detail);
  assert.match(steps.join(), /unsafe by operator/);
});

test('a forced move of a healthy group goes where it was told', () => {
  const tier = adoptedGroup();
  const reply = tier.ask({ type: 'failover', group: KEY, to: B1, unsafe: false, by: 'eve' });
  assert.equal(reply.ok && reply.value.kind, 'moveStarted');
  tier.settled(2, [A2, M]);
  assert.equal(tier.group.master, B1);
});

test('a forced move is refused for what is unknown and while another one is under way', () => {
  const tier = adoptedGroup();
  const move = { type: 'failover', group: KEY, to: B1, unsafe: false, by: 'eve' } as const;
  assert.equal(codeOf(tier.ask({ ...move, group: 'main/none' as typeof KEY })), 'unknownGroup');
  assert.equal(codeOf(tier.ask({ ...move, to: replicaId('nobody') })), 'unknownReplica');
  tier.tier.holdSteer = ({ action }) => action.kind === 'revoke';
  assert.equal(codeOf(tier.ask(move)), 'accepted');
  assert.equal(codeOf(tier.ask(move)), 'busy');
});

test('a server that is declared under another address is found by its process', () => {
  const tier = adoptedGroup();
  const alias = { client: 'alias:6379', replication: 'alias:6379', announced: null };
  const { steer } = tier.servers;
  tier.steer = (request, node) =>
    request.target.address === 'alias:6379'
      ? steer({ ...request, target: { ...request.target, address: addressOf(A2) } }, node)
      : steer(request, node);
  const replica = { id: replicaId('x'), site: siteName('idc-a'), endpoints: alias, priority: 100 };
  const reply = tier.ask(addRequest({ name: groupName('other'), replicas: [replica] }));
  assert.equal(codeOf(reply), 'replicaInOtherGroup');
  assert.match(messageOf(reply), /is a2 of broker group main\/orders already/);
  const again = {
    ...replica,
    id: replicaId('y'),
    endpoints: { ...alias, client: 'alias:6379', replication: 'r:1' },
  };
  assert.equal(
    codeOf(tier.ask(addRequest({ name: groupName('third'), replicas: [again] }))),
    'replicaInOtherGroup',
  );
});

test('a group is taken on through another node where the leader reaches no server', () => {
  const tier = new GroupTier();
  for (const id of [M, A2, B1]) tier.servers.of(id).unreachableFrom.add(tier.leader);
  const reply = tier.ask(addRequest());
  assert.equal(reply.ok, true, JSON.stringify(reply));
  tier.settled(1, [A2, B1]);
});

test('a leader that loses its place while it looks blames no server', () => {
  const tier = new GroupTier();
  const { leader } = tier;
  tier.tier.holdSteer = () => true;
  const asked = tier.tier.request(leader, addRequest());
  tier.isolate(leader);
  tier.until(() => tier.tier.reply(asked) !== null, 'answered', 3_000);
  const reply = tier.tier.reply(asked);
  assert.equal(reply !== null && codeOf(reply), 'notLeader');
});
