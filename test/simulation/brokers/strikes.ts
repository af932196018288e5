/** Carries out what befalls brokers, and what operators do; victims are looked up in what was committed last. */
import type { ClientRequest } from '../../../src/core/coordinator/requests.ts';
import type { StopScope } from '../../../src/core/metadata/state.ts';
import { unreachable } from '../../../src/core/primitives/assert.ts';
import { type GroupKey, replicaId, siteName } from '../../../src/core/primitives/identifiers.ts';
import type { SeededRandom } from '../../../src/core/primitives/seeded-random.ts';
import type { CommittedGroups } from '../oracles/brokers/committed-groups.ts';
import type { ModelServer } from '../redis/model-server.ts';
import { WALL_ORIGIN_MS } from '../world/node-clock.ts';
import type { BrokerFault, Moment, PlannedStrike, Victim } from './broker-plan.ts';
import type { BrokerTier, TierGroup } from './broker-tier.ts';
import { orderByHand, refuseFreshByHand } from './by-hand.ts';
import { drillCommand } from './drill-command.ts';

/** What a cut has held back arrives within this time of its end. */
const HELD_MS = 500;

export class Strikes {
  readonly #tier: BrokerTier;
  readonly #committed: CommittedGroups;
  readonly #random: SeededRandom;
  readonly #waiting: {
    readonly moment: Moment;
    readonly delayMs: number;
    readonly strike: PlannedStrike['strike'];
  }[] = [];
  #isOver = false;

  constructor(tier: BrokerTier, committed: CommittedGroups) {
    this.#tier = tier;
    this.#committed = committed;
    this.#random = tier.world.streams('strikes');
  }

  schedule(strikes: readonly PlannedStrike[]): void {
    this.#tier.network.isRough = true;
    for (const { atMs, after, strike } of strikes) {
      this.#tier.world.at(atMs, () => {
        if (after === null) this.#strike(strike, null);
        else if ('world' in strike && after.moment === 'election')
          this.#tier.world.performAfterElection(after.delayMs, strike.world);
        else this.#waiting.push({ ...after, strike });
      });
    }
  }

  /** Who waited for this strikes. */
  happened(moment: Moment, key: GroupKey): void {
    const index = this.#waiting.findIndex((one) => one.moment === moment);
    const [next] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (next !== undefined)
      this.#tier.world.at(next.delayMs, () => this.#strike(next.strike, this.#tier.group(key)));
  }

  /** Every server runs and answers, and no way is cut; what operators have stopped is let go. */
  end(): void {
    this.#isOver = true;
    this.#tier.network.isRough = false;
    this.#tier.network.healAll();
    for (const server of this.#tier.servers.values()) {
      server.laggingUntilMs = 0;
      server.continue();
      server.start();
    }
    // An order to shut somebody's door may still be on its way.
    for (const afterMs of [0, this.#tier.plan.lateMs + HELD_MS])
      this.#tier.world.at(afterMs, () => {
        for (const server of this.#tier.servers.values()) server.openDoors();
      });
  }

  #strike(strike: PlannedStrike['strike'], where: TierGroup | null): void {
    if (this.#isOver) return;
    if ('world' in strike) {
      this.#tier.world.perform(strike.world);
      return;
    }
    const { groups } = this.#tier;
    const group = where ?? groups[this.#random.integer(0, groups.length)];
    if (group === undefined || !this.#perform(strike.brokers, group)) return;
    this.#tier.world.count(strike.brokers.kind);
    this.#tier.world.note(`brokers of ${group.plan.name}: ${JSON.stringify(strike.brokers)}`);
  }

  #find(victim: Victim, group: TierGroup): string | null {
    const now = this.#committed.of(group.key)?.now ?? null;
    const pick = (ids: readonly string[]): string | null =>
      ids.length === 0 ? null : (ids[this.#random.integer(0, ids.length)] ?? null);
    if (typeof victim === 'object') return group.byReplica.has(victim.server) ? victim.server : null;
    switch (victim) {
      case 'anyServer':
        return pick([...group.byReplica.keys()]);
      case 'master':
        return now?.master ?? null;
      case 'candidate':
        return now?.phase.kind === 'promoting' ? now.phase.candidate : (now?.master ?? null);
      case 'member':
      case 'nearMember':
      case 'farMember': {
        const siteOf = (id: string | null) => group.plan.servers.find((server) => server.id === id)?.site;
        const members = (now?.syncSets.at(-1)?.members ?? []).map(({ replica }) => replica);
        const isNear = (id: string): boolean => siteOf(id) === siteOf(now?.master ?? null);
        return pick(members.filter((id) => victim === 'member' || isNear(id) === (victim === 'nearMember')));
      }
      default:
        return unreachable(victim);
    }
  }

  #perform(fault: BrokerFault, group: TierGroup): boolean {
    const { world, network } = this.#tier;
    const serverOf = (victim: Victim): ModelServer | null => {
      const id = this.#find(victim, group);
      return id === null ? null : (group.byReplica.get(id) ?? null);
    };
    switch (fault.kind) {
      case 'killServer': {
        const server = serverOf(fault.victim);
        if (server?.process == null) return false;
        server.kill();
        world.note(`${server.address} is killed`);
        world.at(fault.downMs, () => server.start());
        return true;
      }
      case 'stopServer': {
        const server = serverOf(fault.victim);
        if (server?.process == null) return false;
        server.stop();
        world.note(`${server.address} stands still`);
        world.at(fault.forMs, () => server.continue());
        return true;
      }
      case 'lagReplica': {
        const server = serverOf(fault.victim);
        if (server === null) return false;
        server.laggingUntilMs = world.nowMs + fault.forMs;
        return true;
      }
      case 'cutBrokers': {
        const ways: [string, string][] = [[fault.from, fault.to]];
        if (fault.bothWays) ways.push([fault.to, fault.from]);
        for (const [from, to] of ways) network.cut(from, to, fault.traffic);
        world.at(fault.forMs, () => {
          if (this.#isOver) return;
          for (const [from, to] of ways) network.heal(from, to, fault.traffic);
        });
        return true;
      }
      case 'attachByHand': {
        const [server, master] = [serverOf(fault.victim), serverOf(fault.to)];
        if (server === null || master === null || server === master) return false;
        orderByHand(this.#tier, server, ['REPLICAOF', '127.0.0.1', String(master.port)]);
        return true;
      }
      case 'failoverByHand': {
        const [server, target] = [serverOf(fault.victim), serverOf(fault.to)];
        if (server === null || target === null || server === target) return false;
        const force = fault.force ? ['FORCE'] : [];
        const order = ['FAILOVER', 'TO', '127.0.0.1', String(target.port), ...force];
        orderByHand(this.#tier, server, [...order, 'TIMEOUT', String(fault.timeoutMs)]);
        return true;
      }
      case 'refuseFresh': {
        const server = serverOf(fault.victim);
        if (server?.process == null) return false;
        refuseFreshByHand(this.#tier, server, fault.by, fault.forMs);
        return true;
      }
      case 'switchover':
        return this.#ask({
          type: 'switchover',
          group: group.key,
          to: this.#target(fault.to, group),
          planOnly: false,
          by: 'operator',
        });
      case 'failover':
        return this.#ask({
          type: 'failover',
          group: group.key,
          to: this.#target(fault.to, group),
          unsafe: fault.unsafe,
          by: 'operator',
        });
      case 'setPolicy': {
        const { policy, onShortage } = fault;
        return this.#ask({
          type: 'propose',
          command: {
            type: 'group.set',
            key: group.key,
            policy,
            onShortage,
            timeFenceSeconds: null,
            detectionMs: null,
            cooldownMs: null,
            by: 'operator',
            wallMs: Math.round(world.nowMs),
          },
        });
      }
      case 'setByHand': {
        const server = serverOf(fault.victim);
        if (server?.process == null) return false;
        orderByHand(this.#tier, server, ['CONFIG', 'SET', fault.setting, fault.value]);
        return true;
      }
      case 'setTimeFence': {
        const { timeFenceSeconds } = fault;
        return this.#ask({
          type: 'propose',
          command: {
            type: 'group.set',
            key: group.key,
            policy: null,
            onShortage: null,
            timeFenceSeconds,
            detectionMs: null,
            cooldownMs: null,
            by: 'operator',
            wallMs: Math.round(world.nowMs),
          },
        });
      }
      case 'setTimes': {
        const { detectionMs, cooldownMs } = fault;
        return this.#ask({
          type: 'propose',
          command: {
            type: 'group.set',
            key: group.key,
            policy: null,
            onShortage: null,
            timeFenceSeconds: null,
            detectionMs,
            cooldownMs,
            by: 'operator',
            wallMs: Math.round(world.nowMs),
          },
        });
      }
      case 'evacuate':
      case 'returnTo':
      case 'abortDrill':
      case 'preferIdc':
        return this.#ask({ type: 'propose', command: drillCommand(fault, world.nowMs) });
      case 'acknowledge':
        return this.#ask({
          type: 'propose',
          command: {
            type: 'group.acknowledge',
            key: group.key,
            by: 'operator',
            note: 'simulated',
            wallMs: Math.round(world.nowMs),
          },
        });
      case 'stopAutomatic':
        this.stopAutomatic(group.key, fault);
        return true;
      default:
        return unreachable(fault);
    }
  }

  #target(victim: Victim | null, group: TierGroup) {
    const id = victim === null ? null : this.#find(victim, group);
    return id === null ? null : replicaId(id);
  }

  stopAutomatic(
    key: GroupKey,
    { where, expires, forMs }: Extract<BrokerFault, { kind: 'stopAutomatic' }>,
  ): void {
    const scope: StopScope =
      where === 'group' ? { kind: 'group', group: key } : { kind: 'idc', site: siteName(where) };
    const sinceWallMs = WALL_ORIGIN_MS + Math.round(this.#tier.world.nowMs);
    const untilWallMs = expires ? sinceWallMs + forMs : null;
    const stop = { scope, by: 'operator', reason: 'simulated', sinceWallMs, untilWallMs };
    this.#ask({ type: 'propose', command: { type: 'automatic.stop', stop } });
    if (expires) return;
    this.#tier.world.at(forMs, () => {
      const wallMs = Math.round(this.#tier.world.nowMs);
      this.#ask({ type: 'propose', command: { type: 'automatic.resume', scope, by: 'operator', wallMs } });
    });
  }

  /** Any node, once; operators give up easily. */
  #ask(request: ClientRequest): boolean {
    const { nodes } = this.#tier.world;
    const node = nodes[this.#random.integer(0, nodes.length)];
    return (
      node?.request(request, (reply) => {
        if (reply === null) return;
        this.#tier.world.count(reply.ok ? `${request.type} accepted` : `${request.type} refused`);
        this.#tier.world.note(`operator's ${request.type}: ${reply.ok ? 'accepted' : reply.refusal.code}`);
      }) === true
    );
  }
}
