/**
 * 322: does a name server have this version of my topics? Asked instead of a registration by brokers that are told to,
 * and sent one-way as a sign of life where slaves may act as masters. Both bodies are a DataVersion; that of the answer
 * is the one that is known, or none.
 */
import { z } from 'zod';
import { type Read, read } from '../damage.ts';
import { jsonBody } from '../json-writer.ts';
import { address, flag, headerCodec, name, optional, parseBody, wholeNumber } from '../parse.ts';
import { type DataVersion, dataVersionJson, dataVersionSchema } from './data-version.ts';

export const queryDataVersionRequest = headerCodec(
  z.object({ brokerName: name, brokerAddr: address, clusterName: name, brokerId: wholeNumber }),
);

export const queryDataVersionResponse = headerCodec(z.object({ changed: optional(flag) }));

/** Null where the body is empty. */
export const decodeDataVersion = (body: Buffer): Read<DataVersion | null> =>
  body.length === 0 ? read(null) : parseBody(dataVersionSchema, body);

export const encodeDataVersion = (version: DataVersion): Buffer => jsonBody(dataVersionJson(version));
