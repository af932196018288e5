/**
 * A message as the fields of one Stream entry: `id`, `born` (milliseconds since 1970-01-01 UTC), `body`, and `key` and
 * `properties` (a JSON object of strings) where there are any. Fields that are not known are ignored.
 */
import { accepted, type Result, refused } from '../core/primitives/refusal.ts';
import { SDK_LIMITS } from './limits.ts';

export type OutgoingMessage = {
  readonly body: string | Uint8Array;
  /** Messages of one key go to the same queue while the set of queues stays the same. */
  readonly key?: string;
  readonly properties?: Readonly<Record<string, string>>;
  /** Made up when left out. Every attempt to send carries the same one, so that consumers may deduplicate. */
  readonly id?: string;
};

export type ReceivedMessage = {
  readonly id: string;
  readonly key: string | null;
  readonly body: Buffer;
  readonly properties: Readonly<Record<string, string>>;
  readonly bornWallMs: number;
};

export type EncodedMessage = { readonly fields: readonly (string | Buffer)[]; readonly bytes: number };

/** Refused with invalidRequest (no id, too many properties) or bodyTooLarge. */
export function encodeMessage(
  id: string,
  message: OutgoingMessage,
  bornWallMs: number,
): Result<EncodedMessage> {
  const properties = Object.keys(message.properties ?? {}).length;
  if (id === '')
    return refused('invalidRequest', 'A message id must not be empty.', { field: 'id', expected: 'text' });
  if (properties > SDK_LIMITS.propertiesPerMessage) {
    const expected = `at most ${SDK_LIMITS.propertiesPerMessage} properties`;
    return refused('invalidRequest', `The message has ${properties} properties.`, {
      field: 'properties',
      expected,
    });
  }
  const body = typeof message.body === 'string' ? Buffer.from(message.body) : Buffer.from(message.body);
  const fields: (string | Buffer)[] = ['id', id, 'born', String(bornWallMs), 'body', body];
  if (message.key !== undefined) fields.push('key', message.key);
  if (properties > 0) fields.push('properties', JSON.stringify(message.properties));
  const bytes = fields.reduce(
    (sum, field) => sum + (typeof field === 'string' ? Buffer.byteLength(field) : field.length),
    0,
  );
  if (bytes > SDK_LIMITS.messageBytes) {
    const expected = `at most ${SDK_LIMITS.messageBytes} bytes with key and properties`;
    return refused('bodyTooLarge', `The message has ${bytes} bytes.`, { field: 'body', expected });
  }
  return accepted({ fields, bytes });
}

/** Null when the entry is no message of this SDK. */
export function decodeMessage(fields: readonly Buffer[]): ReceivedMessage | null {
  const values = new Map<string, Buffer>();
  for (let position = 0; position + 1 < fields.length; position += 2) {
    const value = fields[position + 1];
    if (value !== undefined) values.set(String(fields[position]), value);
  }
  const id = values.get('id');
  const body = values.get('body');
  const bornWallMs = Number(values.get('born') ?? Number.NaN);
  const properties = decodeProperties(values.get('properties'));
  if (id === undefined || body === undefined || !Number.isFinite(bornWallMs) || properties === null)
    return null;
  return { id: id.toString(), key: values.get('key')?.toString() ?? null, body, properties, bornWallMs };
}

function decodeProperties(text: Buffer | undefined): Readonly<Record<string, string>> | null {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text.toString());
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(entries);
}
