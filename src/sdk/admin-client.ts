/**
 * The tier's whole HTTP interface, typed by the contract's table of endpoints. Several nodes may be given; the one
 * that answered last is asked first. A read goes on to the next node when one does not answer; a change goes on only
 * where it is certain that nothing was sent, because a change asked twice may be made twice.
 */
import {
  type AnswerOf,
  type BodyInputOf,
  ENDPOINTS,
  type EndpointName,
  type ParametersOf,
  type QueryInputOf,
} from '../contract/endpoints.ts';
import { assert, must } from '../core/primitives/assert.ts';
import type { Refusal } from '../core/primitives/refusal.ts';
import { SDK_LIMITS } from './limits.ts';
import { type AnswerSchema, askNode } from './node-http.ts';

export type AdminClientOptions = {
  /** Base URLs, such as `http://127.0.0.1:7400`; one to SDK_LIMITS.nodesPerClient. */
  readonly nodes: readonly string[];
  /** Operator token; all reads but that of a kept tail do without. */
  readonly token: string | null;
  /** Time for one question to one node. */
  readonly timeoutMs: number;
  /** In place of the global one. */
  readonly fetch?: typeof fetch;
};

/** Endpoints that answer once; the stream of events is not asked for here. */
export type AdminEndpoint = Exclude<EndpointName, 'events'>;

export type AdminFailure =
  /** The tier said no; `refusal.code` is stable. */
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly node: string }
  /** No node answered; for a change this means that none was made. A line a node. */
  | { readonly kind: 'unreachable'; readonly details: readonly string[] }
  /** The change was sent and no answer came: it may have been made. Read back before asking again. */
  | { readonly kind: 'outcomeUnknown'; readonly detail: string };

export type AdminAnswer<Value> =
  | { readonly ok: true; readonly value: Value; readonly node: string }
  | { readonly ok: false; readonly failure: AdminFailure };

type Nothing = Record<never, never>;
/** A part of a request: left out where there is none, optional where nothing of it is required. */
type Part<Key extends string, Value> = undefined extends Value
  ? Nothing
  : Nothing extends Value
    ? { readonly [Name in Key]?: Value }
    : { readonly [Name in Key]: Value };

export type AdminRequest<Name extends AdminEndpoint> = Part<'parameters', ParametersOf<Name>> &
  Part<'query', QueryInputOf<Name>> &
  Part<'body', BodyInputOf<Name>>;

type TypedEndpoints = {
  readonly [Name in AdminEndpoint]: {
    readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
    readonly path: string;
    readonly changes: boolean;
    readonly answer: AnswerSchema<AnswerOf<Name>>;
  };
};

const endpoints: TypedEndpoints = ENDPOINTS;

/** Refusals of a node that cannot serve at the moment and changed nothing: another one may be able to. */
const TRY_ANOTHER_NODE = new Set(['noLeader', 'overloaded']);

export class AdminClient {
  readonly #options: AdminClientOptions;
  #preferred = 0;

  /** Throws InvariantError when there is no node, or too many. */
  constructor(options: AdminClientOptions) {
    assert(options.nodes.length > 0, 'an admin client needs at least one node');
    assert(options.nodes.length <= SDK_LIMITS.nodesPerClient, 'too many nodes for one admin client');
    this.#options = options;
  }

  /** Asks until one node answers. Never rejects. */
  async call<Name extends AdminEndpoint>(
    name: Name,
    request: AdminRequest<Name>,
  ): Promise<AdminAnswer<AnswerOf<Name>>> {
    const { nodes, token, timeoutMs, fetch } = this.#options;
    const { method, path, changes, answer } = endpoints[name];
    const parts: RequestParts = request;
    const question = {
      method,
      path: pathOf(path, parts),
      schema: answer,
      timeoutMs,
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      ...(parts.body === undefined ? {} : { body: parts.body }),
      ...(fetch === undefined ? {} : { fetch }),
    };
    const details: string[] = [];
    let refusal: { readonly refusal: Refusal; readonly node: string } | null = null;
    const first = this.#preferred;
    for (let turn = 0; turn < nodes.length; turn += 1) {
      const position = (first + turn) % nodes.length;
      const node = must(nodes[position], 'positions are taken modulo the number of nodes');
      const asked = await askNode(node, question);
      if (asked.kind === 'answered') {
        this.#preferred = position;
        return { ok: true, value: asked.answer, node };
      }
      if (asked.kind === 'refused') {
        refusal = { refusal: asked.refusal, node };
        if (!TRY_ANOTHER_NODE.has(asked.refusal.code)) break;
      } else {
        details.push(asked.detail);
        if (changes && asked.mayHaveActed) {
          return { ok: false, failure: { kind: 'outcomeUnknown', detail: asked.detail } };
        }
      }
    }
    const failure: AdminFailure =
      refusal === null ? { kind: 'unreachable', details } : { kind: 'refused', ...refusal };
    return { ok: false, failure };
  }
}

type RequestParts = {
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
};

function pathOf(template: string, { parameters = {}, query = {} }: RequestParts): string {
  const path = template.replaceAll(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(parameters[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return search.size === 0 ? path : `${path}?${search}`;
}
