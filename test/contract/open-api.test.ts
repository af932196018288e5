import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { ENDPOINTS } from '../../src/contract/endpoints.ts';
import { openApiDocument } from '../../src/contract/open-api.ts';
import { REFUSAL_MEANINGS } from '../../src/core/primitives/refusal.ts';
import { REFUSAL_STATUS } from '../../src/doors/http/refusal-status.ts';

const operationSchema = z.object({
  operationId: z.string(),
  parameters: z.array(z.object({ name: z.string(), in: z.string(), required: z.boolean() })),
  security: z.array(z.unknown()).optional(),
  requestBody: z.unknown().optional(),
  responses: z.record(z.string(), z.unknown()),
});
const documentSchema = z.object({
  info: z.object({ description: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
});

const document = openApiDocument({ version: '1.0.0', statusOf: REFUSAL_STATUS });
const parsed = documentSchema.parse(JSON.parse(JSON.stringify(document)));

describe('the OpenAPI document', () => {
  it('has an operation for every endpoint, with its parameters, and no other', () => {
    const operations = Object.values(parsed.paths).flatMap((path) => Object.values(path));
    assert.deepEqual(operations.map(({ operationId }) => operationId).sort(), Object.keys(ENDPOINTS).sort());
    const route = Object.values(parsed.paths['/v1/routes/{topic}'] ?? {})[0];
    assert.deepEqual(
      route?.parameters.map(({ name, in: where, required }) => [name, where, required]),
      [
        ['topic', 'path', true],
        ['cluster', 'query', false],
        ['idc', 'query', false],
        ['consistency', 'query', false],
        ['after', 'query', false],
        ['holdMs', 'query', false],
      ],
    );
  });

  it('asks for the token and a body exactly where the table does', () => {
    const operations = new Map(
      Object.values(parsed.paths).flatMap((path) => Object.values(path).map((one) => [one.operationId, one])),
    );
    for (const [name, endpoint] of Object.entries(ENDPOINTS)) {
      const operation = operations.get(name);
      assert.equal(operation?.security !== undefined, endpoint.needsToken, name);
      assert.equal(operation?.requestBody !== undefined, endpoint.body !== null, name);
      assert.deepEqual(
        Object.keys(operation?.responses ?? {}),
        [String(endpoint.successStatus), 'default'],
        name,
      );
    }
  });

  it('documents every refusal code with its meaning and status, and no code that does not exist', () => {
    const rows = parsed.info.description
      .split('\n')
      .map((line) => /^\| (\w+) \| (\d+) \| (.+) \|$/.exec(line))
      .filter((row) => row !== null)
      .map(([, code, status, meaning]) => [code, Number(status), meaning]);
    const expected = Object.entries(REFUSAL_MEANINGS)
      .map(([code, meaning]) => [code, new Map(Object.entries(REFUSAL_STATUS)).get(code), meaning])
      .sort(([left], [right]) => (String(left) < String(right) ? -1 : 1));
    assert.deepEqual(rows, expected);
  });
});
