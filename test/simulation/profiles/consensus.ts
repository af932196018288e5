/**
 * Lives of a tier without brokers: consensus, the node's loop and the key-value configuration under every fault of the
 * world. First everything must stay safe; then all is healed, and within a bound there must be progress everywhere.
 */
import { consensusOracles } from '../oracles/consensus-oracles.ts';
import { Violation } from '../world/violation.ts';
import { World } from '../world/world.ts';
import { KeyValueClients } from './key-value-clients.ts';
import { drawPlan, type Plan } from './plan.ts';
import { planSchema } from './plan-schema.ts';
import type { LifeReport, OnNote, Profile } from './profile.ts';

/** Election timeouts within which a healed tier leads, commits and catches up. */
const TIMEOUTS_TO_PROGRESS = 20;

async function live(plan: Plan, onNote?: OnNote): Promise<LifeReport> {
  const world = new World({
    seed: plan.seed,
    size: plan.size,
    timing: plan.timing,
    tickIntervalMs: plan.tickIntervalMs,
    weather: plan.weather,
    oracles: consensusOracles(plan.timing.electionTimeoutMs),
    areNodesMarked: plan.faults.some(({ fault }) => fault.kind === 'loseDisk'),
    ...(onNote === undefined ? {} : { onNote }),
  });
  const clients = new KeyValueClients(world, plan.clients);
  clients.start();
  for (const { atMs, afterElectionMs, fault } of plan.faults)
    world.at(atMs, () => {
      if (afterElectionMs === null) world.perform(fault);
      else world.performAfterElection(afterElectionMs, fault);
    });
  await world.run(plan.faultsMs);
  clients.stop();
  world.heal();
  await demandProgress(world, clients, TIMEOUTS_TO_PROGRESS * plan.timing.electionTimeoutMs);
  clients.judge();
  for (const oracle of world.judge.oracles) oracle.ended?.();
  return {
    steps: world.steps,
    fingerprint: world.fingerprint,
    counts: { ...world.counts, ...world.judge.counts },
  };
}

async function demandProgress(world: World, clients: KeyValueClients, boundMs: number): Promise<void> {
  let served = 0;
  for (const node of world.nodes)
    clients.insist(node, () => {
      served += 1;
    });
  const areLevel = (): boolean =>
    world.nodes.every((node) => node.loop().state().appliedIndex === world.judge.decided.length);
  const isDone = (): boolean =>
    served === world.nodes.length && world.nodes.every(({ unanswered }) => unanswered === 0) && areLevel();
  if (await world.runUntil(isDone, boundMs)) return;
  const standing = world.nodes.map((node) =>
    JSON.stringify({ ...node.status(), unanswered: node.unanswered, writes: node.writer.isWriting }),
  );
  throw new Violation(
    'a healed tier makes progress',
    `${served} of ${world.nodes.length} nodes serve after ${boundMs} ms; ${standing.join(' ')}`,
  );
}

export const consensus: Profile = {
  name: 'consensus',
  mustHappen: {
    decided: 30,
    leaders: 1.5,
    set: 20,
    read: 20,
    remove: 4,
    snapshots: 4,
    restores: 0.2,
    crashes: 0.8,
    crashesInBatch: 0.3,
    fatalDisks: 0.1,
    cut: 0.8,
    pause: 0.8,
    pausesAfterStep: 0.3,
    stallsNoticed: 0.3,
    slowDisk: 0.5,
    weather: 0.3,
    wallJump: 0.3,
    drift: 3,
    leadersOutlived: 0.5,
    supportersHeard: 2,
    votesGiven: 2,
    handOver: 0.4,
    loseDisk: 0.15,
    letInAgain: 0.15,
    slowWay: 0.3,
    askedInVain: 0.01,
    answersOfAnEarlierTerm: 0.2,
    replacementsDecided: 0.15,
    refusedStarts: 0.02,
    looksInVain: 0.5,
    clientsInTheDark: 5,
    notLeader: 0.5,
  },
  prepare(seed) {
    const plan = drawPlan(seed);
    return { plan, live: (onNote) => live(plan, onNote) };
  },
  resume(written) {
    const plan = planSchema.parse(written);
    return { plan, live: (onNote) => live(plan, onNote) };
  },
};
