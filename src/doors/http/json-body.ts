/**
 * The only body that the door reads: JSON. A body that is declared and empty counts as left out, because clients
 * declare the type whether or not they send one.
 */
import type { FastifyInstance } from 'fastify';

export function acceptJsonBodiesOnly(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else parse(request, body.toString(), done);
  });
}
