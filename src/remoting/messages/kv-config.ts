/** 100 to 102 and 219: the configuration by namespace and key. Stock name servers keep it each for themselves. */
import { z } from 'zod';
import type { Read } from '../damage.ts';
import { jsonBody } from '../json-writer.ts';
import { headerCodec, name, optional, parseBody, text } from '../parse.ts';
import { tableJson, tableOf } from './tables.ts';

export const putKvConfigRequest = headerCodec(z.object({ namespace: name, key: name, value: text }));

/** Of a key, to read or to delete it. */
export const kvConfigKeyRequest = headerCodec(z.object({ namespace: name, key: name }));

export const getKvConfigResponse = headerCodec(z.object({ value: optional(text) }));

export const kvListRequest = headerCodec(z.object({ namespace: name }));

/** All keys of a namespace; brokers get that of ORDER_TOPIC_CONFIG with the answer to their registration. */
export type KvTable = { readonly table: ReadonlyMap<string, string> };

const tableSchema = z.object({ table: tableOf(z.string('a text')) }, 'a table of keys and values');

export const decodeKvTable = (body: Buffer): Read<KvTable> => parseBody(tableSchema, body);

export const encodeKvTable = ({ table }: KvTable): Buffer =>
  jsonBody({ table: tableJson(table, (value) => value) });
