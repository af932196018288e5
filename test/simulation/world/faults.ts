/**
 * Everything that may go wrong, as values that can be written down, read and replayed. A fault names its victims, or
 * says `leader`, which is whoever leads at that moment, and `others`: everybody and every server but those named.
 */
import { unreachable } from '../../../src/core/primitives/assert.ts';
import type { NodeName } from '../../../src/core/primitives/identifiers.ts';
import { type DiskTrouble, ORDINARY_WRITE_MS } from './disk-writer.ts';
import { FAIR_WEATHER, type Weather } from './network.ts';
import type { Place } from './places.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { World } from './world.ts';

export type Victim = NodeName | 'leader';
export type FaultPlace = Place | 'leader' | 'others';

export type Fault =
  /** Without power. `writing`: as soon as a batch is on its way, which then reaches the disk or does not. */
  | {
      readonly kind: 'crash';
      readonly node: Victim;
      readonly when: 'now' | 'writing';
      readonly keptBatches: number;
      readonly downMs: number;
    }
  | {
      readonly kind: 'cut';
      readonly from: readonly FaultPlace[];
      readonly to: readonly FaultPlace[];
      readonly bothWays: boolean;
      readonly forMs: number;
    }
  /** Everything on these ways arrives so much later. */
  | {
      readonly kind: 'slowWay';
      readonly from: readonly FaultPlace[];
      readonly to: readonly FaultPlace[];
      readonly byMs: number;
      readonly forMs: number;
    }
  | { readonly kind: 'weather'; readonly weather: Weather; readonly forMs: number }
  /** The process stands still, at once or between its next step and what it does about it, and then goes on. */
  | { readonly kind: 'pause'; readonly node: Victim; readonly afterStep: boolean; readonly forMs: number }
  | { readonly kind: 'slowDisk'; readonly node: Victim; readonly writeMs: number; readonly forMs: number }
  | {
      readonly kind: 'diskTrouble';
      readonly node: Victim;
      readonly trouble: DiskTrouble;
      readonly forMs: number;
    }
  | { readonly kind: 'wallJump'; readonly node: Victim; readonly byMs: number }
  | { readonly kind: 'drift'; readonly node: Victim; readonly rate: number }
  | { readonly kind: 'handOver'; readonly node: Victim }
  /**
   * The disk is gone for good and the node starts with an empty one, while all others run and have theirs. `isSaid`:
   * it is started as a replacement at once; otherwise only after it was refused.
   */
  | { readonly kind: 'loseDisk'; readonly node: Victim; readonly isSaid: boolean; readonly downMs: number };

/** Carries a fault out; its end is scheduled with it. False when it has no victim at this moment. */
export function perform(world: World, fault: Fault): boolean {
  switch (fault.kind) {
    case 'cut':
      return cut(world, fault);
    case 'slowWay': {
      const ends = endsOf(world, fault);
      if (ends === null) return false;
      world.at(fault.forMs, world.network.slow(ends.sources, ends.targets, fault.byMs));
      return true;
    }
    case 'weather': {
      const { weather } = fault;
      world.network.weather = weather;
      world.at(fault.forMs, () => {
        if (world.network.weather === weather) world.network.weather = world.options.weather ?? FAIR_WEATHER;
      });
      return true;
    }
    default: {
      const victim = fault.node === 'leader' ? world.leader() : world.node(fault.node);
      return victim !== null && strike(world, fault, victim);
    }
  }
}

type Ends = { readonly from: readonly FaultPlace[]; readonly to: readonly FaultPlace[] };

/** Null where one of the ends is nobody at this moment. */
function endsOf(
  world: World,
  { from, to }: Ends,
): { readonly sources: readonly Place[]; readonly targets: readonly Place[] } | null {
  const leader = world.leader()?.name ?? null;
  const named = (places: readonly FaultPlace[]): Place[] =>
    places.flatMap((place) =>
      place === 'leader' ? (leader === null ? [] : [leader]) : place === 'others' ? [] : [place],
    );
  const [sources, targets] = [named(from), named(to)];
  const everything = world.network.places;
  if (from.includes('others')) sources.push(...everything.filter((place) => !targets.includes(place)));
  else if (to.includes('others')) targets.push(...everything.filter((place) => !sources.includes(place)));
  return sources.length === 0 || targets.length === 0 ? null : { sources, targets };
}

function cut(world: World, fault: Extract<Fault, { kind: 'cut' }>): boolean {
  const ends = endsOf(world, fault);
  if (ends === null) return false;
  const { sources, targets } = ends;
  const opens = [world.network.cut(sources, targets)];
  if (fault.bothWays) opens.push(world.network.cut(targets, sources));
  world.at(fault.forMs, () => {
    for (const open of opens) open();
  });
  return true;
}

type Strike = Exclude<Fault, { kind: 'cut' | 'slowWay' | 'weather' }>;

function strike(world: World, fault: Strike, node: SimulatedNode): boolean {
  switch (fault.kind) {
    case 'crash':
      return crash(world, fault, node);
    case 'pause':
      node.pause(fault.forMs, fault.afterStep);
      return node.isRunning;
    case 'slowDisk': {
      const { writer } = node;
      writer.writeMs = fault.writeMs;
      world.at(fault.forMs, () => {
        if (writer.writeMs === fault.writeMs) writer.writeMs = ORDINARY_WRITE_MS;
      });
      return true;
    }
    case 'diskTrouble': {
      const { writer } = node;
      writer.trouble = fault.trouble;
      world.at(fault.forMs, () => {
        if (writer.trouble === fault.trouble) writer.trouble = null;
      });
      return true;
    }
    case 'wallJump':
      node.clock.jumpWall(fault.byMs);
      return true;
    case 'drift':
      node.clock.setRate(fault.rate);
      return true;
    case 'handOver':
      node.input('operator', { kind: 'handOver' });
      return node.leads;
    case 'loseDisk':
      return loseDisk(world, fault, node);
    default:
      return unreachable(fault);
  }
}

function crash(
  world: World,
  { when, keptBatches, downMs }: Extract<Fault, { kind: 'crash' }>,
  node: SimulatedNode,
): boolean {
  if (!node.isRunning) return false;
  const happens = (): void => {
    if (!node.isRunning || world.isHealed) return;
    node.crash(keptBatches);
    world.note(`${node.name} is without power`);
    world.at(downMs, () => node.start());
  };
  if (when === 'now') happens();
  else node.writer.onNextWrite = (writeMs) => world.at(writeMs / 2, happens);
  return true;
}

function loseDisk(
  world: World,
  { isSaid, downMs }: Extract<Fault, { kind: 'loseDisk' }>,
  node: SimulatedNode,
): boolean {
  const others = world.nodes.filter((other) => other !== node);
  const areTheOthersWhole = others.every((other) => other.isRunning && other.isWhole);
  if (others.length === 0 || !node.isWhole || !areTheOthersWhole) return false;
  const isKnown = others.every((other) => other.loop().state().joined.has(node.name));
  node.loseDisk(isSaid || !isKnown);
  world.at(downMs, () => node.start());
  return true;
}
