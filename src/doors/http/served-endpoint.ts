/**
 * Joins a line of the contract's table to the function that serves it. Everything that comes in passes the line's
 * schemas here, so a handler sees parsed values only and nothing can be half applied.
 */
import type { z } from 'zod';
import type { Endpoint } from '../../contract/endpoints.ts';
import { accepted, type Refusal, type Result } from '../../core/primitives/refusal.ts';
import type { HttpDoorPorts } from './door-ports.ts';
import { refusalOfIssues } from './refusal-of-issues.ts';

/** `lookedOnly`: nothing was changed, so a success is 200 whatever the table says. */
export type Outcome<Answer> =
  | { readonly ok: true; readonly value: Answer; readonly lookedOnly?: true }
  | { readonly ok: false; readonly refusal: Refusal };

export type RawCall = {
  readonly parameters: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** Id of the operator's token; empty where the endpoint needs none. */
  readonly by: string;
};

export type Call<Parameters, Query, Body> = {
  readonly parameters: Parameters;
  readonly query: Query;
  readonly body: Body;
  readonly by: string;
  readonly ports: HttpDoorPorts;
};

export type ServedEndpoint = {
  readonly endpoint: Endpoint;
  run(raw: RawCall, ports: HttpDoorPorts): Promise<Outcome<unknown>>;
};

type Shape<Parameters extends z.ZodType, Query extends z.ZodType, Body, Answer extends z.ZodType> = Omit<
  Endpoint,
  'parameters' | 'query' | 'body' | 'answer'
> & {
  readonly parameters: Parameters;
  readonly query: Query;
  readonly body: Body;
  readonly answer: Answer;
};

type Handler<Parameters, Query, Body, Answer> = (
  call: Call<Parameters, Query, Body>,
) => Outcome<Answer> | Promise<Outcome<Answer>>;

/** Serves an endpoint without a body. */
export function serve<Parameters extends z.ZodType, Query extends z.ZodType, Answer extends z.ZodType>(
  endpoint: Shape<Parameters, Query, null, Answer>,
  handler: Handler<z.output<Parameters>, z.output<Query>, null, z.output<Answer>>,
): ServedEndpoint {
  return {
    endpoint,
    async run(raw, ports) {
      const head = parseHead(endpoint, raw);
      if (!head.ok) return head;
      return handler({ ...head.value, body: null, by: raw.by, ports });
    },
  };
}

/** Serves an endpoint with a JSON body; a body that is left out counts as `{}`. */
export function serveBody<
  Parameters extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answer extends z.ZodType,
>(
  endpoint: Shape<Parameters, Query, Body, Answer>,
  handler: Handler<z.output<Parameters>, z.output<Query>, z.output<Body>, z.output<Answer>>,
): ServedEndpoint {
  return {
    endpoint,
    async run(raw, ports) {
      const head = parseHead(endpoint, raw);
      if (!head.ok) return head;
      const body = parsePart('body', endpoint.body, raw.body ?? {});
      if (!body.ok) return body;
      return handler({ ...head.value, body: body.value, by: raw.by, ports });
    },
  };
}

function parseHead<Parameters extends z.ZodType, Query extends z.ZodType>(
  endpoint: { readonly parameters: Parameters; readonly query: Query },
  raw: RawCall,
): Result<{ readonly parameters: z.output<Parameters>; readonly query: z.output<Query> }> {
  const parameters = parsePart('path', endpoint.parameters, raw.parameters);
  if (!parameters.ok) return parameters;
  const query = parsePart('query', endpoint.query, raw.query);
  if (!query.ok) return query;
  return accepted({ parameters: parameters.value, query: query.value });
}

export function parsePart<Schema extends z.ZodType>(
  part: 'body' | 'query' | 'path',
  schema: Schema,
  input: unknown,
): Result<z.output<Schema>> {
  const parsed = schema.safeParse(input);
  return parsed.success
    ? accepted(parsed.data)
    : { ok: false, refusal: refusalOfIssues(part, input, parsed.error.issues) };
}
