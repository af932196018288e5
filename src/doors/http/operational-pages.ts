/** Pages for machines that look after the process: health, readiness, metrics, the interface's description. */
import type { FastifyInstance } from 'fastify';
import { openApiDocument } from '../../contract/open-api.ts';
import type { HttpDoorPorts } from './door-ports.ts';
import { REFUSAL_STATUS } from './refusal-status.ts';

export const OPERATIONAL_PATHS = ['/', '/healthz', '/readyz', '/metrics', '/openapi.json'] as const;

export function registerOperationalPages(
  server: FastifyInstance,
  ports: HttpDoorPorts,
  version: string,
): void {
  const openApi = Buffer.from(JSON.stringify(openApiDocument({ version, statusOf: REFUSAL_STATUS })));
  server.get('/', (_request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .send('pollux: the interface is described at /openapi.json, the state of the tier is at /v1/status\n'),
  );
  server.get('/healthz', (_request, reply) => reply.send({ status: 'ok' }));
  /**
   * Ready: it knows the tier, the tier knows the directory with which it takes part (so that a lost disk would be
   * noticed from here on), what it answers is current, and what it passes on has somebody to go to.
   */
  server.get('/readyz', (_request, reply) => {
    const current = ports.face.isCurrent();
    const { leader, node } = ports.face.status();
    const joined = ports.face.state().joined.has(node);
    const ready = current && leader !== null && joined;
    return reply.code(ready ? 200 : 503).send({ ready, current, leader, joined });
  });
  server.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await ports.metrics();
    return reply.header('content-type', contentType).send(text);
  });
  server.get('/openapi.json', (_request, reply) =>
    reply.header('content-type', 'application/json; charset=utf-8').send(openApi),
  );
}
