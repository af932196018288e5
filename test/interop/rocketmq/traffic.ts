/**
 * What goes on while something is done to the ground: a producer that may use both sets, one for each set alone, and a
 * push consumer. Afterwards: how long each stood still, and whether all that was acknowledged is there.
 */
import { eventually } from '../../support/eventually.ts';
import type { Agent, Sent } from './agent.ts';
import { CLIENT_IDC, type RocketmqGround, type SetName } from './ground.ts';
import type { Findings } from './row.ts';
import { EVERYWHERE, topicOf } from './topics.ts';

const INTERVAL_MS = 20;
/** So many say that a producer is at work. */
const ENOUGH = 15;
const START_TIMEOUT_MS = 30_000;
const AGAIN_TIMEOUT_MS = 60_000;
const CONSUME_TIMEOUT_MS = 30_000;
const SHOWN = 5;
const CONSUMER = 'consumer';
/** Names of groups may have few characters. */
const BETWEEN = '__';

export type Flow = { readonly name: string; readonly topic: string; readonly agent: Agent };

export class Traffic {
  readonly #row: string;
  readonly #sets: readonly SetName[];
  readonly #flows: Flow[] = [];
  readonly #agent: Agent;

  constructor({ sets, agents }: RocketmqGround, row: string) {
    this.#sets = sets.map(({ name }) => name);
    this.#agent = agents[CLIENT_IDC];
    this.#row = row;
  }

  get everywhere(): Flow {
    return this.#named('everywhere');
  }

  of(set: SetName): Flow {
    return this.#named(set);
  }

  #named(name: string): Flow {
    const found = this.#flows.find((flow) => short(flow) === name);
    if (found === undefined) throw new Error(`nothing sends ${name}`);
    return found;
  }

  async start(): Promise<void> {
    await this.#agent.ask('consume', `${CONSUMER}-${this.#row}`, EVERYWHERE, 'together');
    await this.add('everywhere', EVERYWHERE, this.#agent);
    for (const name of this.#sets) await this.add(name, topicOf(name), this.#agent);
    await eventually('every producer sends', () => this.#sendSince(0), START_TIMEOUT_MS);
  }

  /** One more producer, such as one beside a master that is to be cut off. */
  async add(name: string, topic: string, agent: Agent): Promise<Flow> {
    const flow = { name: `${this.#row}${BETWEEN}${name}`, topic, agent };
    await agent.ask('produce', flow.name, topic, INTERVAL_MS);
    this.#flows.push(flow);
    return flow;
  }

  #sendSince(fromMs: number, flows: readonly Flow[] = this.#flows): boolean {
    return flows.every((flow) => acknowledged(flow).filter(({ atMs }) => atMs >= fromMs).length >= ENOUGH);
  }

  /** Until these send again, or for so long. */
  async goesOn(flow: Flow, fromMs: number, timeoutMs: number): Promise<boolean> {
    return eventually(`${flow.name} goes on`, () => this.#sendSince(fromMs, [flow]), timeoutMs).then(
      () => true,
      () => false,
    );
  }

  /** All have to send after this moment; then they end, and are judged. */
  async finish(fromMs: number, mendedMs: number, findings: Findings): Promise<void> {
    await eventually('every producer sends', () => this.#sendSince(mendedMs), AGAIN_TIMEOUT_MS).catch(() => {
      for (const flow of this.#flows)
        findings.expect(this.#sendSince(mendedMs, [flow]), `${flow.name} sends no more: ${lastStatus(flow)}`);
    });
    await this.#halt();
    const toMs = Date.now();
    for (const flow of this.#flows)
      findings.figure(`${short(flow)} stood still`, longestGapMs(flow, fromMs, toMs), 'ms');
    await this.#countLost(fromMs, findings);
    await this.#awaitConsumer(findings);
  }

  async #halt(): Promise<void> {
    await Promise.all(this.#flows.map(({ agent, name }) => agent.ask('halt', name)));
  }

  async #countLost(fromMs: number, findings: Findings): Promise<void> {
    let [taken, lost] = [0, 0];
    for (const flow of this.#flows) {
      const held = (await this.#agent.read(flow.topic)).get(flow.name) ?? new Set();
      const missing = acknowledged(flow).filter(({ n }) => !held.has(n));
      taken += acknowledged(flow).length;
      lost += missing.length;
      const shown = missing.slice(0, SHOWN).map(({ n }) => n);
      findings.expect(
        missing.length === 0,
        `${missing.length} with SEND_OK of ${flow.name} are gone: ${shown.join(', ')}, the first ${(missing[0]?.atMs ?? 0) - fromMs} ms and the last ${(missing.at(-1)?.atMs ?? 0) - fromMs} ms after it`,
      );
    }
    findings.figure('SEND_OK', taken);
    findings.figure('of them gone', lost);
  }

  async #awaitConsumer(findings: Findings): Promise<void> {
    const name = `${CONSUMER}-${this.#row}`;
    const flow = this.everywhere;
    const missing = (): readonly Sent[] => {
      const got = new Set(this.#agent.gotBy(name).flatMap(({ of, n }) => (of === flow.name ? [n] : [])));
      return acknowledged(flow).filter(({ n }) => !got.has(n));
    };
    await eventually('all is consumed', () => missing().length === 0, CONSUME_TIMEOUT_MS).catch(() => {
      const shown = missing()
        .slice(0, SHOWN)
        .map(({ n }) => n);
      findings.wrong.push(`${missing().length} with SEND_OK were not consumed: ${shown.join(', ')}`);
    });
    await this.#agent.ask('close', name);
  }
}

const short = ({ name }: Flow): string => name.slice(name.indexOf(BETWEEN) + BETWEEN.length);

export const acknowledged = ({ agent, name }: Flow): readonly Sent[] =>
  agent.sentBy(name).filter(({ status }) => status === 'SEND_OK');

function lastStatus({ agent, name }: Flow): string {
  return agent.sentBy(name).at(-1)?.status ?? 'it never sent';
}

/** Longest time between two acknowledged messages within these moments, both of which count as one. */
export function longestGapMs(flow: Flow, fromMs: number, toMs: number): number {
  let lastMs = fromMs;
  let longest = 0;
  for (const { atMs } of acknowledged(flow)) {
    if (atMs < fromMs || atMs > toMs) continue;
    longest = Math.max(longest, atMs - lastMs);
    lastMs = atMs;
  }
  return Math.max(longest, toMs - lastMs);
}
