/** A ground as a fault sees it: who is who, what can be done to it, and what can be waited for. */
import { existsSync, readFileSync } from 'node:fs';
import { type GroupDetail, groupDetailSchema } from '../../src/contract/groups.ts';
import { eventually } from '../support/eventually.ts';
import { type GroundServer, type Idc, isWhole } from '../support/ground.ts';
import type { TierNode } from '../support/tier.ts';
import { type FaultGround, GROUP } from './fault-ground.ts';

export type Site = Idc | 'witness';

/** A node that stands still does not answer; the others do. */
const ASK_TIMEOUT_MS = 1_000;
const LEADER_TRIES = 6;
const CURRENT_TIMEOUT_MS = 20_000;

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export class Scene {
  readonly ground: FaultGround;
  readonly #startedLines: ReadonlyMap<string, number>;

  constructor(ground: FaultGround) {
    this.ground = ground;
    this.#startedLines = new Map(
      ground.tier.nodes.map((node) => [node.name, allLines(node).length] as const),
    );
  }

  /** As nodes show it that can confirm that they are current; where none can, what they knew last. */
  async group(): Promise<GroupDetail> {
    const { tier } = this.ground;
    const answers = await Promise.all(
      tier.nodes
        .filter((node) => node.isRunning())
        .map((node) =>
          tier.call('GET', `/v1/groups/${GROUP}`, undefined, node, ASK_TIMEOUT_MS).catch(() => null),
        ),
    );
    const shown = answers.flatMap((answer) =>
      answer?.status === 200 ? [groupDetailSchema.parse(answer.body)] : [],
    );
    const best = shown
      .sort((one, other) => Number(one.stale) - Number(other.stale) || other.epoch - one.epoch)
      .at(0);
    if (best === undefined) throw new Error('no node shows the group');
    return best;
  }

  server(id: string): GroundServer {
    const found = this.ground.groups[0]?.servers.find((one) => one.id === id);
    if (found === undefined) throw new Error(`${id} is none of the servers`);
    return found;
  }

  async master(): Promise<GroundServer> {
    return this.server((await this.group()).master?.replica ?? 'nobody');
  }

  async slaves(): Promise<readonly GroundServer[]> {
    const { id: master } = await this.master();
    return (this.ground.groups[0]?.servers ?? []).filter(({ id }) => id !== master);
  }

  async slaveAt(site: Idc): Promise<GroundServer> {
    const found = (await this.slaves()).find((one) => one.site === site);
    if (found === undefined) throw new Error(`there is no slave at ${site}`);
    return found;
  }

  nodeAt(site: Site): TierNode {
    const found = this.ground.tier.nodes.find((one) => one.site === site);
    if (found === undefined) throw new Error(`there is no node at ${site}`);
    return found;
  }

  leader(): Promise<TierNode> {
    return this.ground.tier.leader();
  }

  async follower(): Promise<TierNode> {
    const { name } = await this.leader();
    const found = this.ground.tier.nodes.find((one) => one.name !== name);
    if (found === undefined) throw new Error('there is no follower');
    return found;
  }

  /** Leadership is handed to the node at that site, by stopping whoever has it while the third one is asleep. */
  async leads(site: Site): Promise<TierNode> {
    const wanted = this.nodeAt(site);
    for (let turn = 0; turn < LEADER_TRIES; turn += 1) {
      const leader = await this.leader();
      if (leader.name === wanted.name) return wanted;
      const third = this.ground.tier.nodes.find(({ name }) => name !== leader.name && name !== wanted.name);
      third?.signal('SIGSTOP');
      await leader.stop();
      third?.signal('SIGCONT');
      await leader.start();
      await this.isCurrent(leader);
    }
    throw new Error(`${wanted.name} does not become the leader`);
  }

  async isCurrent(node: TierNode): Promise<void> {
    await eventually(
      `${node.name} is current`,
      async () => (await this.ground.tier.call('GET', '/readyz', undefined, node)).status === 200,
      CURRENT_TIMEOUT_MS,
    );
  }

  /** That many more acknowledged writes, in each of these IDCs. */
  async acknowledges(
    count = 30,
    idcs: readonly Idc[] = ['idc-a', 'idc-b'],
    withinMs = 20_000,
  ): Promise<void> {
    const clients = this.ground.clients.each.filter(({ idc }) => idcs.includes(idc));
    const before = clients.map(({ acknowledged }) => acknowledged.length);
    await eventually(
      `${count} more acknowledged writes at ${idcs.join(' and ')}`,
      () => clients.every(({ acknowledged }, at) => acknowledged.length >= (before[at] ?? 0) + count),
      withinMs,
    );
  }

  /** How many writes an IDC's applications have had acknowledged so far. */
  acknowledgedAt(idc: Idc): number {
    return this.ground.clients.each.find((one) => one.idc === idc)?.acknowledged.length ?? 0;
  }

  async whole(withinMs = 30_000): Promise<void> {
    await eventually('the group is whole', async () => isWhole(await this.group()), withinMs);
  }

  /** A reign of a later epoch is active. */
  async failsOver(beforeEpoch: number, withinMs = 20_000): Promise<GroundServer> {
    await eventually(
      `a reign after epoch ${beforeEpoch} is active`,
      async () => {
        const { phase, epoch } = await this.group();
        return phase.kind === 'active' && epoch > beforeEpoch;
      },
      withinMs,
    );
    return this.master();
  }

  /** An operator is told so. */
  async alerts(message: RegExp, withinMs = 10_000): Promise<void> {
    await eventually(
      `an alert like ${message}`,
      async () => (await this.group()).alerts.some((alert) => message.test(alert.message)),
      withinMs,
    );
  }

  /** An operator's word, without the unsafe one: it is done only if nothing is lost by it. */
  async isToldToFailOver(): Promise<void> {
    const leader = await this.leader();
    const path = `/v1/groups/${GROUP}/failover`;
    const { status, body } = await this.ground.tier.call('POST', path, {}, leader);
    if (status !== 202) throw new Error(`the failover was refused: ${JSON.stringify(body)}`);
  }

  async keepsEpoch(epoch: number): Promise<void> {
    const now = await this.group();
    if (now.epoch !== epoch) throw new Error(`a failover took place: epoch ${now.epoch} after ${epoch}`);
  }

  /** Lines of a node's log since this scene began. */
  lines(node: TierNode): readonly string[] {
    return allLines(node).slice(this.#startedLines.get(node.name) ?? 0);
  }
}

const allLines = ({ logFile }: TierNode): readonly string[] =>
  existsSync(logFile)
    ? readFileSync(logFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];
