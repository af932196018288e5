/** A listening door before a fake node, and requests to it whose answers are held to the contract. */
import assert from 'node:assert/strict';
import { afterEach } from 'node:test';
import type { z } from 'zod';
import { type ErrorAnswer, errorAnswerSchema } from '../../../src/contract/errors.ts';
import type { SiteName } from '../../../src/core/primitives/identifiers.ts';
import type { SentinelPort } from '../../../src/core/sentinels/sentinel-port.ts';
import { createHttpDoor, type HttpDoor } from '../../../src/doors/http/http-door.ts';
import { REFUSAL_STATUS } from '../../../src/doors/http/refusal-status.ts';
import { systemTimers } from '../../../src/platform/system-timers.ts';
import { FakeSentinels } from '../../core/sentinels/fake-sentinels.ts';
import { type FakeNode, fakeNode, TOKEN } from './fake-node.ts';

/** Kept tails of the node behind the door. */
export const TAILS = new Map<string, Uint8Array>();

export type Sent = {
  readonly method?: string;
  readonly body?: unknown;
  /** Sent as it is, instead of `body` as JSON. */
  readonly rawBody?: string;
  readonly headers?: Record<string, string>;
  /** False leaves the operator token out. */
  readonly token?: boolean;
};

export type OpenDoor = {
  readonly node: FakeNode;
  readonly url: string;
  readonly door: HttpDoor;
  /** Bugs that the door reported; a test that expects none looks here. */
  readonly bugs: Error[];
  fetch(path: string, sent?: Sent): Promise<Response>;
  /** A success with that status, held to the endpoint's answer schema. */
  ask<Answer extends z.ZodType>(
    endpoint: { readonly answer: Answer },
    path: string,
    sent?: Sent,
    status?: number,
  ): Promise<z.output<Answer>>;
  /** A refusal with that code and its status. */
  refusal(code: ErrorAnswer['error']['code'], path: string, sent?: Sent): Promise<ErrorAnswer['error']>;
};

const open: HttpDoor[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((door) => door.close()));
});

export async function openDoor(
  node: FakeNode = fakeNode(),
  idcOfAddress: (address: string) => SiteName | null = () => null,
  tails = async (file: string): Promise<Uint8Array | null> => TAILS.get(file) ?? null,
  sentinels: SentinelPort = new FakeSentinels(),
): Promise<OpenDoor> {
  const bugs: Error[] = [];
  const door = createHttpDoor(
    { version: '1.2.3' },
    {
      face: node,
      clock: { now: () => ({ monotonicMs: 5, wallMs: 1_700_000_000_000 }) },
      timers: systemTimers,
      sentinels,
      idcOfAddress,
      tails,
      metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'pollux_up 1\n' }),
      onBug: (error) => bugs.push(error),
    },
  );
  open.push(door);
  const url = await door.listen({ host: '127.0.0.1', port: 0 });

  const send = (path: string, sent: Sent = {}): Promise<Response> => {
    const text = sent.rawBody ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
    return fetch(`${url}${path}`, {
      method: sent.method ?? (text === undefined ? 'GET' : 'POST'),
      headers: {
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...(sent.token === false ? {} : { authorization: `Bearer ${TOKEN}` }),
        ...sent.headers,
      },
      ...(text === undefined ? {} : { body: text }),
    });
  };

  return {
    node,
    url,
    door,
    bugs,
    fetch: send,
    async ask(endpoint, path, sent, status = 200) {
      const response = await send(path, sent);
      const text = await response.text();
      assert.equal(response.status, status, text);
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
      return endpoint.answer.parse(JSON.parse(text));
    },
    async refusal(code, path, sent) {
      const response = await send(path, sent);
      const text = await response.text();
      const { error } = errorAnswerSchema.parse(JSON.parse(text));
      assert.equal(error.code, code, text);
      assert.equal(response.status, REFUSAL_STATUS[code], text);
      return error;
    },
  };
}
