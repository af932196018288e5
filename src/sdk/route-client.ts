/**
 * Asks the nodes where a topic is written and read. Any node will do; the one that answered last is asked first, and
 * the next one when it cannot be reached, is behind what this client has seen, or does not know the topic (it may
 * be behind as well). Invariant: the route of a topic never goes back to an older revision.
 */
import { type AllocationAnswer, allocationAnswerSchema } from '../contract/allocation.ts';
import { type RouteAnswer, routeAnswerSchema } from '../contract/routes.ts';
import type { Revision } from '../contract/scalars.ts';
import { assert } from '../core/primitives/assert.ts';
import { DEFAULT_CLUSTER } from '../core/primitives/command-line.ts';
import { accepted, type Refusal, type Result, refused } from '../core/primitives/refusal.ts';
import { SDK_LIMITS } from './limits.ts';
import { askNode, type NodeAnswer, type NodeQuestion } from './node-http.ts';
import { IDC_FILE, IDC_VARIABLE, ownIdc } from './own-idc.ts';
import { backoffMs, pause } from './pause.ts';
import { RevisionKeeper } from './revision-keeper.ts';

export type RouteClientOptions = {
  /** Base URLs of nodes, such as `http://127.0.0.1:7400`; any order, nearest first is fastest. */
  readonly nodes: readonly string[];
  readonly cluster?: string;
  /** Left out: POLLUX_IDC, else the file /etc/pollux/idc, else the node decides by the client's address. */
  readonly idc?: string;
  /** For one node; the next is tried after it. */
  readonly requestTimeoutMs?: number;
};

export type Member = { readonly member: string; readonly idc: string | null };

/** `unanimous`: every node refused, none was unreachable or behind. */
type Refused = { readonly ok: false; readonly refusal: Refusal; readonly unanimous: boolean };

type Dated = { readonly revision: Revision; readonly stale: boolean };

const DEFAULT_REQUEST_TIMEOUT_MS = 1_500;

export class RouteClient {
  readonly cluster: string;
  readonly #nodes: readonly string[];
  readonly #idc: Result<string | null>;
  readonly #requestTimeoutMs: number;
  readonly #routeRevisions = new RevisionKeeper();
  readonly #allocationRevisions = new RevisionKeeper();
  readonly #routes = new Map<string, RouteAnswer>();
  readonly #underWay = new Map<string, Promise<Result<RouteAnswer>>>();
  readonly #newsUnderWay = new Map<string, Promise<RouteAnswer | null>>();
  #preferred = 0;

  constructor(options: RouteClientOptions) {
    assert(options.nodes.length > 0, 'a client needs the URL of at least one node');
    assert(options.nodes.length <= SDK_LIMITS.nodesPerClient, `at most ${SDK_LIMITS.nodesPerClient} nodes`);
    this.cluster = options.cluster ?? DEFAULT_CLUSTER;
    this.#nodes = options.nodes;
    this.#requestTimeoutMs = options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS;
    this.#idc = ownIdc({ option: options.idc, environment: process.env[IDC_VARIABLE], file: IDC_FILE });
  }

  /** The IDC that this client stands in; null when the nodes are to decide. */
  get idc(): Result<string | null> {
    return this.#idc;
  }

  /** The newest route seen, without asking; null when none was. */
  known(topic: string): RouteAnswer | null {
    const route = this.#routes.get(topic);
    if (route === undefined) return null;
    // Used again: moved to the end, so that the first one is the longest unused.
    this.#routes.delete(topic);
    this.#routes.set(topic, route);
    return route;
  }

  /**
   * Asks the nodes; calls that overlap share one question. Refused with what the nodes say (unknownTopic, unknownSite,
   * noWritableGroup), or noLeader when none gave a current answer and no route is known yet.
   */
  refresh(topic: string): Promise<Result<RouteAnswer>> {
    const underWay = this.#underWay.get(topic);
    if (underWay !== undefined) return underWay;
    const question = this.#askForRoute(topic).finally(() => this.#underWay.delete(topic));
    this.#underWay.set(topic, question);
    return question;
  }

  /**
   * Resolves as soon as a node says that something about the topic's groups has changed since the route that is known,
   * which is then known; to null when none does for a while. Several nodes are asked at once, for one may be silent, and
   * each is asked again while it cannot say, as a node that was just started cannot, but only while somebody wants to know.
   * Calls that overlap share one question.
   */
  news(topic: string, isWanted: () => boolean): Promise<RouteAnswer | null> {
    const underWay = this.#newsUnderWay.get(topic);
    if (underWay !== undefined) return underWay;
    const question = this.#askForNews(topic, isWanted).finally(() => this.#newsUnderWay.delete(topic));
    this.#newsUnderWay.set(topic, question);
    return question;
  }

  /** Which member reads which queue. Members that ask with the same list get the same answer at the same revision. */
  async allocate(
    topic: string,
    members: readonly Member[],
    consumerGroup: string,
  ): Promise<Result<AllocationAnswer>> {
    return await this.#askAll(this.#allocationRevisions, {
      method: 'POST',
      path: `/v1/allocation/${encodeURIComponent(topic)}?${new URLSearchParams({ cluster: this.cluster })}`,
      body: { members, consumerGroup },
      schema: allocationAnswerSchema,
      timeoutMs: this.#requestTimeoutMs,
    });
  }

  async #askForNews(topic: string, isWanted: () => boolean): Promise<RouteAnswer | null> {
    const known = this.known(topic);
    if (!this.#idc.ok || known === null) return null;
    const query = this.#routeQuery(this.#idc.value);
    query.set('after', String(known.revision.index));
    query.set('holdMs', String(SDK_LIMITS.newsHoldMs));
    const question = {
      method: 'GET',
      path: `/v1/routes/${encodeURIComponent(topic)}?${query}`,
      schema: routeAnswerSchema,
      timeoutMs: SDK_LIMITS.newsHoldMs + SDK_LIMITS.newsGraceMs,
    } as const;
    const over = new AbortController();
    const hear = async (node: string): Promise<RouteAnswer | null> => {
      for (let attempt = 1; ; attempt += 1) {
        const asked = await askNode(node, question);
        if (asked.kind === 'answered' && this.#isNews(asked.answer, known)) {
          this.#remember(topic, asked.answer);
          return asked.answer;
        }
        await pause(Math.min(backoffMs(attempt), SDK_LIMITS.newsAgainMs), over.signal);
        if (over.signal.aborted || !isWanted()) return null;
      }
    };
    const nodes = this.#nodesInTurn().slice(0, SDK_LIMITS.nodesAskedForNews);
    try {
      return await Promise.race([
        ...nodes.map(hear),
        pause(SDK_LIMITS.newsHoldMs, over.signal).then(() => null),
      ]);
    } finally {
      over.abort();
    }
  }

  #isNews({ revision, stale }: RouteAnswer, known: RouteAnswer): boolean {
    const isLater =
      revision.incarnation !== known.revision.incarnation || revision.index > known.revision.index;
    return !stale && isLater && this.#routeRevisions.admit(revision);
  }

  /** The one that answered last comes first. */
  #nodesInTurn(): readonly string[] {
    return [...this.#nodes.slice(this.#preferred), ...this.#nodes.slice(0, this.#preferred)];
  }

  #routeQuery(idc: string | null): URLSearchParams {
    const query = new URLSearchParams({ cluster: this.cluster });
    if (idc !== null) query.set('idc', idc);
    return query;
  }

  async #askForRoute(topic: string): Promise<Result<RouteAnswer>> {
    if (!this.#idc.ok) return this.#idc;
    const query = this.#routeQuery(this.#idc.value);
    const answer = await this.#askAll(this.#routeRevisions, {
      method: 'GET',
      path: `/v1/routes/${encodeURIComponent(topic)}?${query}`,
      schema: routeAnswerSchema,
      timeoutMs: this.#requestTimeoutMs,
    });
    if (!answer.ok) return this.#knownDespite(topic, answer);
    this.#remember(topic, answer.value);
    return answer;
  }

  /** Only the word of every node takes a known route away: one that lags may not know the topic yet. */
  #knownDespite(topic: string, { refusal, unanimous }: Refused): Result<RouteAnswer> {
    const known = this.known(topic);
    if (known !== null && !unanimous) return accepted(known);
    this.#routes.delete(topic);
    return { ok: false, refusal };
  }

  #remember(topic: string, route: RouteAnswer): void {
    this.#routes.delete(topic);
    this.#routes.set(topic, route);
    const [oldest] = this.#routes.keys();
    if (this.#routes.size > SDK_LIMITS.topicsPerClient && oldest !== undefined) this.#routes.delete(oldest);
  }

  /** The first current answer; else the newest that is not behind; else what a node refused. */
  async #askAll<Answer extends Dated>(
    revisions: RevisionKeeper,
    question: NodeQuestion<Answer>,
  ): Promise<{ readonly ok: true; readonly value: Answer } | Refused> {
    let unconfirmed: Answer | null = null;
    let refusal: Refusal | null = null;
    let failure: string | null = null;
    const first = this.#preferred;
    for (let turn = 0; turn < this.#nodes.length; turn += 1) {
      const position = (first + turn) % this.#nodes.length;
      const node = this.#nodes[position] ?? '';
      const asked: NodeAnswer<Answer> = await askNode(node, question);
      if (asked.kind === 'unreachable') failure = asked.detail;
      else if (asked.kind === 'refused') refusal = asked.refusal;
      else if (!revisions.admit(asked.answer.revision)) failure = `${node} is behind what was seen before`;
      else if (asked.answer.stale) unconfirmed = newer(unconfirmed, asked.answer);
      else {
        this.#preferred = position;
        return { ok: true, value: asked.answer };
      }
    }
    if (unconfirmed !== null) return { ok: true, value: unconfirmed };
    if (refusal !== null) return { ok: false, refusal, unanimous: failure === null };
    const message = `No node gave a current answer: ${failure}. Check the list of nodes, and that they run.`;
    return { ...refused('noLeader', message), unanimous: false };
  }
}

const newer = <Answer extends Dated>(left: Answer | null, right: Answer): Answer =>
  left === null ||
  left.revision.incarnation !== right.revision.incarnation ||
  right.revision.index >= left.revision.index
    ? right
    : left;
