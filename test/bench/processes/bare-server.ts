/** The peer of the route benchmark: Fastify as it comes, with one route that sends bytes it was given. */
import { fastify } from 'fastify';
import { z } from 'zod';
import { answerQuestions } from './forked.ts';

const question = z.strictObject({ path: z.string(), contentType: z.string(), body: z.string() });

answerQuestions(question, async ({ path, contentType, body }) => {
  const bytes = Buffer.from(body, 'base64');
  const server = fastify();
  server.get(path, (_request, reply) => reply.header('content-type', contentType).send(bytes));
  return { url: await server.listen({ host: '127.0.0.1', port: 0 }) };
});
