/** What commands answer: values, which the connection turns into frames. */
import { type Damage, damageText } from '../../remoting/damage.ts';
import { type FieldValue, fieldsOf, type ResponseParts } from '../../remoting/remoting-command.ts';
import { RESPONSE, type ResponseCode } from '../../remoting/response-codes.ts';

export type Answer = ResponseParts;

export const SUCCESS: Answer = { code: RESPONSE.success };

export const success = (values: Readonly<Record<string, FieldValue>>, body?: Buffer): Answer => ({
  code: RESPONSE.success,
  fields: fieldsOf(values),
  ...(body === undefined ? {} : { body }),
});

export const successBody = (body: Buffer): Answer => ({ code: RESPONSE.success, body });

export const failure = (code: ResponseCode, remark: string): Answer => ({ code, remark });

/** A request whose header or body cannot be read. */
export const unreadable = (damage: Damage): Answer =>
  failure(RESPONSE.systemError, `the request cannot be read: ${damageText(damage)}`);

export const notSupported = (code: number): Answer =>
  failure(RESPONSE.requestCodeNotSupported, ` request type ${code} not supported`);

/** What JSON can say is said as standard JSON; every fastjson reads it. */
export const jsonBody = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
