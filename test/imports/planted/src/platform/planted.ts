// caught by: platform-imports
import type { FastifyInstance } from 'fastify';
export type Planted = FastifyInstance;
