/**
 * What goes on while things are done to the ground: a producer that may use both sets, one for each set alone, one for the
 * first set at the other IDC, and a push consumer. They begin with the first row that wants them, and go on until all that
 * was acknowledged is looked for at the end: what was there after one row may be gone after the next.
 */
import { eventually } from '../../support/eventually.ts';
import type { Agent, Sent } from './agent.ts';
import { CLIENT_IDC, type Idc, type RocketmqGround, type SetName } from './ground.ts';
import type { Findings } from './row.ts';
import { copiedTopics, EVERYWHERE, topicOf } from './topics.ts';

const INTERVAL_MS = 20;
/** So many say that a producer is at work. */
const ENOUGH = 15;
const SENDS_TIMEOUT_MS = 60_000;
const CONSUME_TIMEOUT_MS = 60_000;
const SHOWN = 5;
const CONSUMER = 'all-the-time';
/** Its clients stay with the brokers of their IDC when that is cut off. */
const FAR_IDC: Idc = 'idc-a';
const FAR_SET: SetName = 'set-a';
const FAR = `${FAR_SET}-from-${FAR_IDC}`;

export type Flow = { readonly name: string; readonly topic: string; readonly agent: Agent };
/** Since when a row does what it does; what is acknowledged belongs to the row that began last. */
type Span = { readonly row: string; readonly fromMs: number };

export class Traffic {
  readonly #agent: Agent;
  readonly #flows: readonly Flow[];
  readonly #spans: Span[] = [];

  private constructor({ sets, agents }: RocketmqGround) {
    this.#agent = agents[CLIENT_IDC];
    const agent = this.#agent;
    this.#flows = [
      { name: EVERYWHERE, topic: EVERYWHERE, agent },
      ...sets.map(({ name }) => ({ name, topic: topicOf(name), agent })),
      { name: FAR, topic: topicOf(FAR_SET), agent: agents[FAR_IDC] },
    ];
  }

  static async start(ground: RocketmqGround): Promise<Traffic> {
    await copiedTopics(ground);
    const traffic = new Traffic(ground);
    const { agent } = traffic.everywhere;
    await Promise.all([
      agent.ask('consume', CONSUMER, EVERYWHERE, 'together'),
      ...traffic.#flows.map((flow) => flow.agent.ask('produce', flow.name, flow.topic, INTERVAL_MS)),
    ]);
    return traffic;
  }

  get everywhere(): Flow {
    return this.#named(EVERYWHERE);
  }

  of(set: SetName): Flow {
    return this.#named(set);
  }

  /** That of the client in the other IDC. */
  get far(): Flow {
    return this.#named(FAR);
  }

  #named(name: string): Flow {
    const found = this.#flows.find((flow) => flow.name === name);
    if (found === undefined) throw new Error(`nothing sends ${name}`);
    return found;
  }

  async allSend(): Promise<void> {
    const sinceMs = Date.now();
    await eventually('every producer sends', () => this.#flows.every(sends(sinceMs)), SENDS_TIMEOUT_MS);
  }

  /**
   * While masters are moved by hand: brokers newer than 5.3.3 answer SEND_OK to what is under way when a master that runs
   * follows another one, whether or not anybody has it. No controller can keep them from that.
   */
  async rests(meanwhile: () => Promise<void>): Promise<void> {
    const all = (command: string): Promise<unknown> =>
      Promise.all(this.#flows.map(({ agent, name }) => agent.ask(command, name)));
    await all('rest');
    await meanwhile();
    await all('goOn');
  }

  /** What a row does begins now. */
  begins(row: string): number {
    const fromMs = Date.now();
    this.#spans.push({ row, fromMs });
    return fromMs;
  }

  /** Until this one sends again, or for so long. */
  async goesOn(flow: Flow, fromMs: number, timeoutMs: number): Promise<boolean> {
    return eventually(`${flow.name} goes on`, () => sends(fromMs)(flow), timeoutMs).then(
      () => true,
      () => false,
    );
  }

  /** All have to send after this moment. */
  async allGoOn(fromMs: number, mendedMs: number, findings: Findings): Promise<void> {
    await eventually(
      'every producer sends',
      () => this.#flows.every(sends(mendedMs)),
      SENDS_TIMEOUT_MS,
    ).catch(() => {
      for (const flow of this.#flows)
        findings.expect(sends(mendedMs)(flow), `${flow.name} sends no more: ${lastStatus(flow)}`);
    });
    const toMs = Date.now();
    for (const flow of this.#flows)
      findings.figure(`${flow.name} stood still`, longestGapMs(flow, fromMs, toMs), 'ms');
  }

  /** Ends all of it; every message that was acknowledged is there, and the push consumer got those of its topic. */
  async count(findings: Findings): Promise<void> {
    await Promise.all(this.#flows.map(({ agent, name }) => agent.ask('halt', name)));
    let [taken, gone] = [0, 0];
    for (const flow of this.#flows) {
      const held = (await this.#agent.read(flow.topic)).get(flow.name) ?? new Set();
      const missing = acknowledged(flow).filter(({ n }) => !held.has(n));
      taken += acknowledged(flow).length;
      gone += missing.length;
      for (const span of this.#spans) this.#tellGone(flow, span, missing, findings);
    }
    findings.figure('SEND_OK', taken);
    findings.figure('of them gone', gone);
    findings.expect(taken > 0, 'nothing was acknowledged');
    findings.expect(gone === 0, `${gone} with SEND_OK are gone`);
    await this.#awaitConsumer(findings);
  }

  #tellGone(flow: Flow, { row, fromMs }: Span, missing: readonly Sent[], findings: Findings): void {
    const next = this.#spans.find((span) => span.fromMs > fromMs)?.fromMs ?? Number.POSITIVE_INFINITY;
    const ofRow = missing.filter(({ atMs }) => atMs >= fromMs && atMs < next);
    const [first, last] = [ofRow.at(0), ofRow.at(-1)];
    if (first === undefined || last === undefined) return;
    const shown = ofRow.slice(0, SHOWN).map(({ n }) => n);
    findings.wrong.push(
      `${row}: ${ofRow.length} with SEND_OK of ${flow.name} are gone: ${shown.join(', ')}, the first ` +
        `${first.atMs - fromMs} ms and the last ${last.atMs - fromMs} ms after it began`,
    );
  }

  async #awaitConsumer(findings: Findings): Promise<void> {
    const flow = this.everywhere;
    const missing = (): readonly Sent[] => {
      const got = new Set(this.#agent.gotBy(CONSUMER).flatMap(({ of, n }) => (of === flow.name ? [n] : [])));
      return acknowledged(flow).filter(({ n }) => !got.has(n));
    };
    await eventually('all is consumed', () => missing().length === 0, CONSUME_TIMEOUT_MS).catch(() => {
      const shown = missing()
        .slice(0, SHOWN)
        .map(({ n }) => n);
      findings.wrong.push(`${missing().length} with SEND_OK were not consumed: ${shown.join(', ')}`);
    });
    findings.figure('consumed', acknowledged(flow).length - missing().length);
    await this.#agent.ask('close', CONSUMER);
  }
}

const started = new WeakMap<RocketmqGround, Promise<Traffic>>();

/** The one on this ground. */
export function trafficOn(ground: RocketmqGround): Promise<Traffic> {
  const running = started.get(ground) ?? Traffic.start(ground);
  started.set(ground, running);
  return running;
}

export const acknowledged = ({ agent, name }: Flow): readonly Sent[] =>
  agent.sentBy(name).filter(({ status }) => status === 'SEND_OK');

/** Whether it got enough acknowledgements since then; read from the newest on, for there are many. */
const sends =
  (fromMs: number) =>
  ({ agent, name }: Flow): boolean => {
    const sent = agent.sentBy(name);
    let found = 0;
    for (let at = sent.length - 1; at >= 0; at -= 1) {
      const one = sent[at];
      if (one === undefined || one.atMs < fromMs) return false;
      if (one.status === 'SEND_OK') found += 1;
      if (found >= ENOUGH) return true;
    }
    return false;
  };

/** How many messages since then it waited for in vain: their master had them, and did not acknowledge them in time. */
export const waitedInVain = ({ agent, name }: Flow, fromMs: number): number =>
  agent.sentBy(name).filter(({ atMs, status }) => atMs >= fromMs && /timeout/i.test(status)).length;

export const lastStatus = ({ agent, name }: Flow): string =>
  agent.sentBy(name).at(-1)?.status ?? 'it never sent';

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
