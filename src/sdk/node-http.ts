/**
 * One question to one node, with a time limit; the answer is parsed by the contract's schema. Whatever goes wrong on
 * the way is a value: `unreachable` means that another node may know better, `refused` is the node's own word.
 */
import { type ErrorAnswer, errorAnswerSchema } from '../contract/errors.ts';
import type { Refusal } from '../core/primitives/refusal.ts';
import { SDK_LIMITS } from './limits.ts';

/** A schema of the contract. */
export type AnswerSchema<Answer> = {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: Answer }
    | {
        readonly success: false;
        readonly error: { readonly issues: readonly { readonly message: string }[] };
      };
};

export type NodeQuestion<Answer> = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly body?: unknown;
  readonly schema: AnswerSchema<Answer>;
  readonly timeoutMs: number;
  /** Beside the content type, which follows from `body`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the global one. */
  readonly fetch?: typeof fetch;
};

export type NodeAnswer<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** `mayHaveActed`: the question may have got through, so that a change may have been made. */
  | { readonly kind: 'unreachable'; readonly detail: string; readonly mayHaveActed: boolean };

/** Failures to connect: nothing was sent. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_INVALID_URL',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Never rejects. */
export async function askNode<Answer>(
  node: string,
  question: NodeQuestion<Answer>,
): Promise<NodeAnswer<Answer>> {
  const { method, path, body, schema, timeoutMs, headers, fetch = globalThis.fetch } = question;
  const unreachable = (detail: string, mayHaveActed = true): NodeAnswer<Answer> => ({
    kind: 'unreachable',
    detail: `${node}: ${detail}`,
    mayHaveActed,
  });
  try {
    const response = await fetch(new URL(path, node), {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await readBounded(response);
    if (text === null) return unreachable('the answer is too large');
    const value: unknown = JSON.parse(text);
    if (!response.ok) {
      const refusal = errorAnswerSchema.safeParse(value);
      if (!refusal.success) return unreachable(`status ${response.status}`);
      return { kind: 'refused', refusal: toRefusal(refusal.data.error) };
    }
    const answer = schema.safeParse(value);
    if (answer.success) return { kind: 'answered', answer: answer.data };
    return unreachable(`unexpected answer, ${answer.error.issues[0]?.message ?? 'no detail'}`);
  } catch (error) {
    return unreachable(describe(error), !neverSent(error));
  }
}

const toRefusal = ({ code, message, field, expected }: ErrorAnswer['error']): Refusal => ({
  code,
  message,
  ...(field === undefined ? {} : { field }),
  ...(expected === undefined ? {} : { expected }),
});

async function readBounded(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > SDK_LIMITS.answerBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** `fetch failed` says nothing; its cause does. A cause of several addresses has no words but a code. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || (codeOf(error.cause) ?? '') : error.message;
}

const codeOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined;

function neverSent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return [error, error.cause].some((one) => one instanceof Error && NEVER_SENT.has(codeOf(one) ?? 'unknown'));
}
