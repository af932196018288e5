/**
 * One message of RocketMQ's protocol, request, one-way or response, whichever way its header is written. All values of
 * header fields are strings; what they mean says the codec of the message, see messages/.
 */
import { type Language, OUR_LANGUAGE } from './languages.ts';
import type { RequestCode } from './request-codes.ts';
import type { ResponseCode } from './response-codes.ts';
import { OUR_VERSION } from './versions.ts';

/** How the header is written: as JSON, or in RocketMQ's binary form. */
export type SerializeType = 'json' | 'rocketmq';

/** The fields of a header; what Java leaves null is absent. */
export type Fields = ReadonlyMap<string, string>;

export type RemotingCommand = {
  /** A request code, or in a response a response code; any number may arrive. */
  readonly code: number;
  /** Null for a language that we do not know. */
  readonly language: Language | null;
  readonly version: number;
  /** The sender's number of a request; its response carries the same. 32 bits with a sign. */
  readonly opaque: number;
  readonly isResponse: boolean;
  /** Must not be answered. */
  readonly isOneWay: boolean;
  /** Text for people, in failures the reason. */
  readonly remark: string | null;
  readonly fields: Fields;
  /** Empty where there is none: the wire does not tell the two apart. */
  readonly body: Buffer;
  readonly serializeType: SerializeType;
  /** Only where it was: `body` is the beginning of what was sent, and this the checksum (CRC-32) of all of it. */
  readonly passedOver?: { readonly checksum: number };
};

export type FieldValue = string | number | bigint | boolean | null | undefined;

const EMPTY_BODY = Buffer.alloc(0);
const NO_FIELDS: Fields = new Map();

/** Fields out of typed values, written as Java writes them; null and undefined are left out. */
export function fieldsOf(values: Readonly<Record<string, FieldValue>>): Fields {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined) fields.set(name, String(value));
  }
  return fields;
}

export type RequestParts = {
  readonly code: RequestCode;
  readonly opaque: number;
  readonly isOneWay?: boolean;
  readonly fields?: Fields;
  readonly body?: Buffer;
  readonly serializeType?: SerializeType;
};

export const createRequest = (parts: RequestParts): RemotingCommand => ({
  code: parts.code,
  language: OUR_LANGUAGE,
  version: OUR_VERSION,
  opaque: parts.opaque,
  isResponse: false,
  isOneWay: parts.isOneWay ?? false,
  remark: null,
  fields: parts.fields ?? NO_FIELDS,
  body: parts.body ?? EMPTY_BODY,
  serializeType: parts.serializeType ?? 'json',
});

export type ResponseParts = {
  readonly code: ResponseCode;
  readonly remark?: string | null;
  readonly fields?: Fields;
  readonly body?: Buffer;
};

/**
 * The answer to a request, with its opaque and its way of writing headers: clients that are not Java's may know only
 * the one that they use. Nobody may send it where the request is one-way.
 */
export const createResponse = (request: RemotingCommand, parts: ResponseParts): RemotingCommand => ({
  code: parts.code,
  language: OUR_LANGUAGE,
  version: OUR_VERSION,
  opaque: request.opaque,
  isResponse: true,
  isOneWay: false,
  remark: parts.remark ?? null,
  fields: parts.fields ?? NO_FIELDS,
  body: parts.body ?? EMPTY_BODY,
  serializeType: request.serializeType,
});
