/**
 * The HTTP door: JSON over HTTP for clients, brokers and operators. It validates, translates and answers; it decides
 * nothing and keeps nothing but ready-made route answers and open event streams. There are no hooks on the path of
 * routes, whose speed the benchmark holds against a bare server.
 */
import type { Socket } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { ENDPOINTS, type Endpoint } from '../../contract/endpoints.ts';
import { LIMITS } from '../../core/primitives/limits.ts';
import { type Refusal, refused } from '../../core/primitives/refusal.ts';
import type { HttpDoorPorts } from './door-ports.ts';
import { EventStreams } from './event-streams.ts';
import { InFlight } from './in-flight.ts';
import { acceptJsonBodiesOnly } from './json-body.ts';
import { registerOperationalPages } from './operational-pages.ts';
import { authorize } from './operator-token.ts';
import { parseQueryText } from './query-text.ts';
import { refusalOfError } from './refusal-of-error.ts';
import { REFUSAL_STATUS } from './refusal-status.ts';
import { type RouteAnswer, RouteAnswers } from './route-answers.ts';
import { RouteNews } from './route-news.ts';
import { parsePart, type ServedEndpoint } from './served-endpoint.ts';
import { SERVED_ENDPOINTS } from './served-endpoints.ts';
import { refusalOfPath } from './unknown-path.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Id of the operator's token, once the request was authorized; empty before, and where none is needed. */
    operatorId: string;
  }
}

export type HttpDoorOptions = {
  /** Shown in `/openapi.json`. */
  readonly version: string;
};

export type HttpDoor = {
  /** Starts to listen and answers the URL; port 0 takes a free one. Rejects when the port is taken. */
  listen(at: { readonly host: string; readonly port: number }): Promise<string>;
  /** Ends open streams and connections and stops listening. */
  close(): Promise<void>;
};

const JSON_TYPE = 'application/json; charset=utf-8';

/** Ample for a request's head and body over a slow line; held answers are not counted. */
const REQUEST_TIMEOUT_MS = 30_000;

export function createHttpDoor(options: HttpDoorOptions, ports: HttpDoorPorts): HttpDoor {
  const server = createServer(ports);
  const streams = new EventStreams(ports.face);
  const news = new RouteNews(ports.face);
  registerRoutes(server, new RouteAnswers(ports, news));
  registerEvents(server, streams);
  registerEndpoints(server, ports);
  registerOperationalPages(server, ports, options.version);
  return {
    listen: ({ host, port }) => server.listen({ host, port }),
    async close() {
      streams.close();
      news.close();
      await server.close();
    },
  };
}

function createServer(ports: HttpDoorPorts): FastifyInstance {
  const server = fastify({
    bodyLimit: LIMITS.httpBodyBytes,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: {
      // Names that are too long are refused by the schema, which says so; the router would say not found.
      maxParamLength: 4 * LIMITS.nameCharacters,
      querystringParser: () => NO_QUERY,
    },
    frameworkErrors: (error, _request, reply) => {
      sendRefusal(reply, refusalOfError(error) ?? refused('invalidRequest', error.message).refusal);
    },
    clientErrorHandler: refuseBrokenRequest,
  });
  server.server.maxConnections = LIMITS.httpConnections;
  server.decorateRequest('operatorId', '');
  acceptJsonBodiesOnly(server);
  server.setNotFoundHandler((request, reply) => {
    const { refusal, allow } = refusalOfPath(request.method, request.url);
    if (allow.length > 0) reply.header('allow', allow.join(', '));
    sendRefusal(reply, refusal);
  });
  server.setErrorHandler((error: Error & { code?: string; statusCode?: number }, request, reply) => {
    const refusal = refusalOfError(error);
    if (refusal === null) ports.onBug(error, { method: request.method, url: request.url });
    sendRefusal(
      reply,
      refusal ?? refused('internalError', 'This node met a bug of its own; its log says more.').refusal,
    );
  });
  return server;
}

/** Queries are parsed from the URL where they are needed; the router would parse them for every route read. */
const NO_QUERY: Record<string, never> = Object.freeze({});

/** Answers what Node's parser could not read as a request at all. */
function refuseBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const isTooLong = error.code === 'HPE_HEADER_OVERFLOW';
  const head = isTooLong ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const message = isTooLong
    ? 'URL and headers are too long; POST takes long lists in its body.'
    : 'This is not an HTTP request.';
  const body = JSON.stringify({ error: refused('invalidRequest', message).refusal });
  socket.end(
    `HTTP/1.1 ${head}\r\ncontent-type: ${JSON_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  if (refusal.code === 'unauthorized') reply.header('www-authenticate', 'Bearer');
  if (refusal.code === 'overloaded') reply.header('retry-after', '1');
  return reply
    .code(REFUSAL_STATUS[refusal.code])
    .header('content-type', JSON_TYPE)
    .send(JSON.stringify({ error: refusal }));
}

function registerRoutes(server: FastifyInstance, routes: RouteAnswers): void {
  server.get(ENDPOINTS.route.path, (request, reply) => {
    const url = request.raw.url ?? '';
    const address = request.raw.socket.remoteAddress;
    const ready = routes.ready(url, address);
    if (ready !== null) return sendRoute(reply, ready);
    return routes
      .answer(url, request.params, address)
      .then((answer) => (answer.ok ? sendRoute(reply, answer.value) : sendRefusal(reply, answer.refusal)));
  });
}

const sendRoute = (reply: FastifyReply, { text, byteLength }: RouteAnswer): FastifyReply =>
  reply.headers({ 'content-type': JSON_TYPE, 'content-length': byteLength }).send(text);

function registerEvents(server: FastifyInstance, streams: EventStreams): void {
  server.get(ENDPOINTS.events.path, (request, reply) => {
    const text = parseQueryText(request.url);
    const query = text.ok ? parsePart('query', ENDPOINTS.events.query, text.value) : text;
    const admitted = query.ok ? streams.admit() : query;
    if (!admitted.ok) return sendRefusal(reply, admitted.refusal);
    reply.hijack();
    streams.add(reply.raw);
    return reply;
  });
}

function registerEndpoints(server: FastifyInstance, ports: HttpDoorPorts): void {
  const requests = new InFlight(LIMITS.requestsInFlight, 'requests');
  const heartbeats = new InFlight(LIMITS.heartbeatsHeld, 'heartbeats');
  const tails = new InFlight(LIMITS.tailsReadAtOnce, 'readings of kept tails');
  const ofTheirOwn = new Map([
    ['heartbeat', heartbeats],
    ['tailGet', tails],
  ]);
  for (const [name, served] of Object.entries(SERVED_ENDPOINTS)) {
    registerEndpoint(server, ports, served, ofTheirOwn.get(name) ?? requests);
  }
}

function registerEndpoint(
  server: FastifyInstance,
  ports: HttpDoorPorts,
  { endpoint, run }: ServedEndpoint,
  inFlight: InFlight,
): void {
  server.route({
    method: endpoint.method,
    url: endpoint.path,
    // Before the body is read: who may not change anything does not get to send 256 KiB either.
    ...(endpoint.needsToken
      ? {
          onRequest: (request, reply, done) => {
            const operator = authorize(ports.face.state().tokens, request.headers.authorization);
            if (!operator.ok) {
              sendRefusal(reply, operator.refusal);
              return;
            }
            request.operatorId = operator.value.by;
            done();
          },
        }
      : {}),
    handler: async (request, reply) => {
      const query = parseQueryText(request.url);
      if (!query.ok) return sendRefusal(reply, query.refusal);
      const unwanted = refuseUnwantedBody(endpoint, request.body);
      if (unwanted !== null) return sendRefusal(reply, unwanted);
      const raw = {
        parameters: request.params,
        query: query.value,
        body: request.body,
        by: request.operatorId,
      };
      const outcome = await inFlight.run(() => run(raw, ports));
      if (!outcome.ok) return sendRefusal(reply, outcome.refusal);
      return reply
        .code(outcome.lookedOnly === true ? 200 : endpoint.successStatus)
        .header('content-type', JSON_TYPE)
        .send(JSON.stringify(outcome.value));
    },
  });
}

const refuseUnwantedBody = (endpoint: Endpoint, body: unknown): Refusal | null =>
  endpoint.body === null && body !== undefined && body !== null
    ? refused('invalidRequest', `${endpoint.method} ${endpoint.path} takes no body.`, {
        field: 'body',
        expected: 'no body',
      }).refusal
    : null;
