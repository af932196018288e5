/** The OpenAPI 3.1 document, made from the table of endpoints and the list of refusals; nothing in it is written twice. */
import { z } from 'zod';
import { REFUSAL_MEANINGS, type RefusalCode } from '../core/primitives/refusal.ts';
import { ENDPOINTS, type Endpoint } from './endpoints.ts';
import { errorAnswerSchema, REFUSAL_CODES } from './errors.ts';

type JsonObject = { readonly [name: string]: unknown };

const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON schema of what may be sent (`input`) or of what is answered (`output`). */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

export type OpenApiOptions = {
  readonly version: string;
  /** HTTP status of each refusal code. */
  readonly statusOf: Readonly<Record<RefusalCode, number>>;
};

export function openApiDocument({ version, statusOf }: OpenApiOptions): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const [operationId, endpoint] of Object.entries(ENDPOINTS)) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    const operations = paths[path] ?? {};
    operations[endpoint.method.toLowerCase()] = operationOf(operationId, endpoint);
    paths[path] = operations;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'pollux',
      version,
      description: `Control plane of a message platform over two datacentres.\n\n${refusalTable(statusOf)}`,
    },
    paths,
    components: {
      securitySchemes: { operatorToken: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: jsonSchema(errorAnswerSchema, 'output') },
      responses: {
        Refusal: {
          description: 'A refusal; its code is stable.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
        },
      },
    },
  };
}

function operationOf(operationId: string, endpoint: Endpoint): JsonObject {
  const mediaType = endpoint.answerKind === 'events' ? 'text/event-stream' : 'application/json';
  return {
    operationId,
    summary: endpoint.summary,
    parameters: [
      ...parametersOf('path', jsonSchema(endpoint.parameters, 'input')),
      ...parametersOf('query', jsonSchema(endpoint.query, 'input')),
    ],
    ...(endpoint.needsToken ? { security: [{ operatorToken: [] }] } : {}),
    ...(endpoint.body === null
      ? {}
      : { requestBody: { content: { 'application/json': { schema: jsonSchema(endpoint.body, 'input') } } } }),
    responses: {
      [endpoint.successStatus]: {
        description: 'Success',
        content: { [mediaType]: { schema: jsonSchema(endpoint.answer, 'output') } },
      },
      default: { $ref: '#/components/responses/Refusal' },
    },
  };
}

function parametersOf(where: 'path' | 'query', schema: JsonObject): JsonObject[] {
  const { properties, required } = schema;
  if (!isJsonObject(properties)) return [];
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || needed.includes(name),
    schema: property,
  }));
}

const refusalTable = (statusOf: OpenApiOptions['statusOf']): string =>
  [
    'A refusal answers `{"error": {"code", "message", "field"?, "expected"?}}`. Its codes:',
    '',
    '| code | status | meaning |',
    '| --- | --- | --- |',
    ...REFUSAL_CODES.map((code) => `| ${code} | ${statusOf[code]} | ${REFUSAL_MEANINGS[code]} |`),
  ].join('\n');
