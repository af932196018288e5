/**
 * Clients that write. Producers do what the SDK does: they read the terms from a node, which may be behind, never go back
 * to older ones, and call a write acknowledged when as many replicas as the terms ask for confirmed it on the connection
 * that took it. Naive writers write wherever somebody lets them, and are promised nothing.
 */
import type { MetadataState } from '../../../src/core/metadata/state.ts';
import { must } from '../../../src/core/primitives/assert.ts';
import type { GroupKey, SiteName } from '../../../src/core/primitives/identifiers.ts';
import type { SeededRandom } from '../../../src/core/primitives/seeded-random.ts';
import { reigningMaster, writeTermsOf } from '../../../src/core/routing/group-standing.ts';
import { ModelClient } from '../redis/model-connections.ts';
import { ErrorReply } from '../redis/reply.ts';
import type { Books } from './books.ts';
import type { BrokerTier, TierGroup } from './broker-tier.ts';

/** What a producer knows: where to write, as whom, and how many have to confirm. */
type Terms = {
  readonly index: number;
  readonly address: string;
  readonly version: number;
  readonly waitCount: number;
  readonly promises: boolean;
};

const GRACE_MS = 400;
/** A producer looks at its route again by itself after about so many writes. */
const WRITES_PER_LOOK = 12;

export function termsFrom(state: MetadataState, key: GroupKey, index: number): Terms | null {
  const group = state.groups.get(key);
  if (group === undefined) return null;
  const terms = writeTermsOf(group);
  const master = reigningMaster(group);
  if (terms === null || master === null) return null;
  return {
    index,
    address: master.endpoints.client,
    version: terms.syncSetVersion,
    waitCount: terms.waitCount,
    promises: terms.policy !== 'async',
  };
}

const isRefusedByFence = (reply: unknown): boolean =>
  reply instanceof ErrorReply && reply.message.startsWith('NOREPLICAS');

export class Producers {
  readonly #tier: BrokerTier;
  readonly #books: Books;
  readonly #random: SeededRandom;
  #nextWrite = 1;
  #isStopped = false;
  /** How many writes of each group were acknowledged so far, with or without a promise. */
  readonly acknowledged = new Map<GroupKey, number>();

  constructor(tier: BrokerTier, books: Books) {
    this.#tier = tier;
    this.#books = books;
    this.#random = tier.world.streams('producers');
  }

  start(): void {
    const { plan, groups } = this.#tier;
    for (const group of groups) {
      const sites = [...new Set(group.declaration.replicas.map(({ site }) => site))];
      const site = (): SiteName => must(sites[this.#random.integer(0, sites.length)], 'a site');
      for (let producer = 0; producer < plan.producers; producer += 1) this.#produce(group, site());
      for (let writer = 0; writer < plan.naiveWriters; writer += 1) this.#scribble(group, site());
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  #later(action: () => void): void {
    this.#tier.world.at(this.#random.next() * this.#tier.plan.thinkMs, () => {
      if (!this.#isStopped) action();
    });
  }

  /** Asks some node that can be reached from a site. */
  #look({ key }: TierGroup, site: SiteName, known: Terms | null): Terms | null {
    const { world } = this.#tier;
    const node = world.nodes[this.#random.integer(0, world.nodes.length)];
    if (node === undefined || !node.isRunning || node.isPaused || !world.network.joins(site, node.name))
      return known;
    const index = node.loop().routesRevision();
    return known !== null && index < known.index
      ? known
      : (termsFrom(node.loop().state(), key, index) ?? known);
  }

  #produce(group: TierGroup, site: SiteName): void {
    let terms: Terms | null = null;
    let client: ModelClient | null = null;
    let used: Terms | null = null;
    const leave = (): void => {
      client?.close();
      client = null;
    };
    const next = (): void => this.#later(work);
    const work = (): void => {
      if (terms === null || client === null || this.#random.integer(0, WRITES_PER_LOOK) === 0)
        terms = this.#look(group, site, terms);
      if (terms === null) {
        next();
        return;
      }
      if (client !== null && (used?.address !== terms.address || used.version !== terms.version)) leave();
      if (client?.isOpen() === true) write(client, terms);
      else open(terms);
    };
    const open = (wanted: Terms): void => {
      const server = must(this.#tier.servers.get(wanted.address), wanted.address);
      let isOver = false;
      const failed = (): void => {
        if (isOver) return;
        isOver = true;
        leave();
        next();
      };
      this.#tier.ground.after(GRACE_MS, failed);
      const fresh = new ModelClient(this.#tier.ground, server, site, 'clients', (refusal) => {
        if (refusal !== null) {
          failed();
          return;
        }
        fresh.send([['AUTH', `w-${wanted.version}`, 'any']], GRACE_MS, (answer) => {
          if (isOver) return;
          if (!answer.ok || answer.value[0] !== 'OK') {
            failed();
            return;
          }
          isOver = true;
          write(fresh, wanted);
        });
      });
      client = fresh;
      used = wanted;
    };
    const write = (on: ModelClient, { version, waitCount, promises, address }: Terms): void => {
      const id = `${group.plan.name}-${this.#nextWrite}`;
      this.#nextWrite += 1;
      const waitMs = Math.round(5 + this.#random.next() * this.#tier.plan.waitMs);
      const commands = [
        ['SET', id, id],
        ['WAIT', String(waitCount), String(waitMs)],
      ];
      on.send(commands, waitMs + GRACE_MS, (answer) => {
        const [written, count] = answer.ok ? answer.value : [null, null];
        if (written === 'OK' && typeof count === 'number' && count >= waitCount) {
          this.acknowledged.set(group.key, (this.acknowledged.get(group.key) ?? 0) + 1);
          this.#tier.world.count('acknowledged');
          if (promises) {
            const atMs = this.#tier.world.nowMs;
            this.#books.acknowledge(group.key, { id, version, waitCount, server: address, atMs });
          }
        } else {
          this.#tier.world.count('notAcknowledged');
          leave();
        }
        next();
      });
    };
    next();
  }

  /** Writes on any server of the group, without a thought for anybody. */
  #scribble(group: TierGroup, site: SiteName): void {
    const { servers } = group;
    const work = (): void => {
      const server = must(servers[this.#random.integer(0, servers.length)], 'a server');
      let isOver = false;
      const over = (): void => {
        if (isOver) return;
        isOver = true;
        client.close();
        this.#later(work);
      };
      const client = new ModelClient(this.#tier.ground, server, site, 'clients', (refusal) => {
        if (refusal !== null) {
          over();
          return;
        }
        const id = `naive-${this.#nextWrite}`;
        this.#nextWrite += 1;
        client.send([['SET', id, id]], GRACE_MS, (answer) => {
          if (answer.ok && isRefusedByFence(answer.value[0])) this.#tier.world.count('naiveWriteRefused');
          over();
        });
      });
      this.#tier.ground.after(GRACE_MS, over);
    };
    this.#later(work);
  }
}
