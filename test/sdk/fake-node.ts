/** A node's HTTP side as far as the SDK sees it: routes and allocations that the test sets, refusals, and silence. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AllocationAnswer } from '../../src/contract/allocation.ts';
import type { RouteAnswer, RouteGroup } from '../../src/contract/routes.ts';

export type FakeAnswer =
  | { readonly kind: 'json'; readonly status: number; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'silence' };

export type FakeNode = {
  readonly url: string;
  /** Method, path with query, and body of every request so far. */
  readonly requests: {
    readonly method: string;
    readonly url: URL;
    readonly body: string;
    readonly authorization: string | undefined;
  }[];
  answerWith(
    answer: (request: { readonly method: string; readonly url: URL; readonly body: string }) => FakeAnswer,
  ): void;
  stop(): Promise<void>;
};

export const json = (value: unknown, status = 200): FakeAnswer => ({ kind: 'json', status, value });
export const refusal = (code: string, status = 404): FakeAnswer =>
  json({ error: { code, message: `${code}.` } }, status);

export async function startFakeNode(
  answer: (request: { readonly url: URL }) => FakeAnswer,
): Promise<FakeNode> {
  let current: Parameters<FakeNode['answerWith']>[0] = answer;
  const requests: FakeNode['requests'] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const received = {
      method: request.method ?? '',
      url: new URL(request.url ?? '/', 'http://node'),
      body,
      authorization: request.headers.authorization,
    };
    requests.push(received);
    const given = current(received);
    if (given.kind === 'silence') return;
    response.writeHead(given.kind === 'json' ? given.status : 200, { 'content-type': 'application/json' });
    response.end(given.kind === 'json' ? JSON.stringify(given.value) : given.text);
  };
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a numeric port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    answerWith: (next) => {
      current = next;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A writable group of idc-a whose master is at `address`; k = 0 unless said. */
export function routeGroup(
  group: string,
  address: string | null,
  changes: Partial<RouteGroup> = {},
): RouteGroup {
  return {
    group,
    epoch: 1,
    idc: 'idc-a',
    near: true,
    writable: address !== null,
    readQueues: 2,
    writeQueues: 2,
    master: address === null ? null : { replica: `${group}-1`, idc: 'idc-a', address },
    slaves: [],
    write: address === null ? null : writeTerms(1, 0),
    ...changes,
  };
}

export const writeTerms = (syncSetVersion: number, waitCount: number): NonNullable<RouteGroup['write']> => ({
  syncSetVersion,
  user: `w-${syncSetVersion}`,
  waitCount,
  degraded: false,
  policy: 'any-one',
});

export function routeAnswer(
  index: number,
  groups: readonly RouteGroup[],
  changes: Partial<RouteAnswer> = {},
): RouteAnswer {
  return {
    topic: 'orders',
    cluster: 'default',
    revision: { incarnation: 'tier-1', index },
    stale: false,
    near: 'prefer',
    permission: 'readWrite',
    order: false,
    groups: [...groups],
    ...changes,
  };
}

/** All queues of `groups` to one member. */
export function allocationTo(member: string, index: number, groups: readonly RouteGroup[]): AllocationAnswer {
  const queues = groups.flatMap((group) =>
    Array.from({ length: group.readQueues }, (_, queue) => ({ group: group.group, queue, idc: group.idc })),
  );
  return {
    topic: 'orders',
    cluster: 'default',
    consumerGroup: null,
    revision: { incarnation: 'tier-1', index },
    stale: false,
    assignments: [{ member, idc: 'idc-a', queues }],
    unowned: [],
  };
}
