// caught by: main-imports
import type { FastifyInstance } from 'fastify';
export type Planted = FastifyInstance;
