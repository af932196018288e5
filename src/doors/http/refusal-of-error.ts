/** What Fastify and Node object to before a handler runs, as refusals. Null for what is a bug of ours. */
import { LIMITS } from '../../core/primitives/limits.ts';
import { type Refusal, refused } from '../../core/primitives/refusal.ts';

type HttpError = {
  readonly code?: string | undefined;
  readonly statusCode?: number | undefined;
  readonly message: string;
};

export function refusalOfError(error: HttpError): Refusal | null {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return refused(
        'bodyTooLarge',
        `The body is larger than ${LIMITS.httpBodyBytes} bytes; nothing was read of it.`,
        {
          field: 'body',
          expected: `at most ${LIMITS.httpBodyBytes} bytes`,
        },
      ).refusal;
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return refused('unsupportedMediaType', 'The body has to be JSON and be declared as such.', {
        field: 'content-type',
        expected: 'application/json',
      }).refusal;
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return refused('invalidRequest', `The body is not JSON: ${error.message}`, {
        field: 'body',
        expected: 'a JSON object',
      }).refusal;
    case 'FST_ERR_BAD_URL':
      return refused('invalidRequest', 'The path of the URL is not validly percent-encoded.', {
        field: 'path',
        expected: 'a percent-encoded path',
      }).refusal;
    default: {
      const isOfClient = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500;
      return isOfClient ? refused('invalidRequest', error.message).refusal : null;
    }
  }
}
