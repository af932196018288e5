/** Key-value configuration. */
import { ENDPOINTS } from '../../../contract/endpoints.ts';
import { accepted, refused } from '../../../core/primitives/refusal.ts';
import { serve, serveBody } from '../served-endpoint.ts';
import { propose } from '../submit.ts';

export const keyValueList = serve(ENDPOINTS.keyValueList, ({ query, ports: { face } }) => {
  const keys = [...face.state().keyValues]
    .filter(([key]) => query.prefix === undefined || key.startsWith(query.prefix))
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return accepted({ keyValues: keys.slice(0, query.limit).map(([key, value]) => ({ key, value })) });
});

export const keyValueGet = serve(ENDPOINTS.keyValueGet, ({ parameters: { key }, ports: { face } }) => {
  const value = face.state().keyValues.get(key);
  return value === undefined
    ? refused('unknownKey', `No value is kept under ${key}.`, { field: 'key' })
    : accepted({ key, value });
});

export const keyValueSet = serveBody(ENDPOINTS.keyValueSet, ({ body, ports }) =>
  propose(ports, { type: 'keyValue.set', key: body.key, value: body.value }),
);

export const keyValueRemove = serve(ENDPOINTS.keyValueRemove, ({ parameters: { key }, ports }) =>
  propose(ports, { type: 'keyValue.remove', key }),
);
