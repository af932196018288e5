import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS, type Endpoint } from '../../src/contract/endpoints.ts';

const endpoints: readonly [string, Endpoint][] = Object.entries(ENDPOINTS);

describe('the table of endpoints', () => {
  it('names no method and path twice', () => {
    const keys = endpoints.map(([, { method, path }]) => `${method} ${path.replaceAll(/:\w+/g, ':')}`);
    assert.deepEqual(
      keys.filter((key, position) => keys.indexOf(key) !== position),
      [],
    );
  });

  it('has a schema for exactly the parameters of each path', () => {
    for (const [name, { path, parameters }] of endpoints) {
      const names = [...path.matchAll(/:(\w+)/g)].map(([, parameter]) => parameter ?? '');
      const given = Object.fromEntries(names.map((parameter) => [parameter, 'x']));
      assert.ok(parameters.safeParse(given).success, name);
      for (const missing of names) {
        const { [missing]: _left, ...rest } = given;
        assert.equal(parameters.safeParse(rest).success, false, `${name} without ${missing}`);
      }
    }
  });

  it('refuses unknown fields in every part that comes in', () => {
    for (const [name, { parameters, query, body }] of endpoints) {
      for (const [part, schema] of Object.entries({ parameters, query, body })) {
        if (schema === null) continue;
        const result = schema.safeParse({ noSuchField: 'x' });
        assert.ok(
          !result.success && result.error.issues.some(({ code }) => code === 'unrecognized_keys'),
          `${part} of ${name}`,
        );
      }
    }
  });

  it('lets nothing but reads and what is only computed in without a token', () => {
    const open = endpoints.filter(([, { method, needsToken }]) => method !== 'GET' && !needsToken);
    assert.deepEqual(
      open.map(([name]) => name),
      ['allocate', 'allocationPlan'],
    );
  });

  it('shows what applications wrote to nobody without a token, and everything else to everybody', () => {
    const closed = endpoints.filter(([, { method, needsToken }]) => method === 'GET' && needsToken);
    assert.deepEqual(
      closed.map(([name]) => name),
      ['tailGet'],
    );
    assert.ok(endpoints.every(([, { changes, needsToken }]) => needsToken || !changes));
  });
});
