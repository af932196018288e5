/**
 * What a client's program is given and what it prints, one line of JSON for every write. Programs in other languages
 * (`programs/`, `java/`) keep to the same: `MASTER KEY HOST:PORT...`, the Sentinels in the order in which they are to be
 * asked; times are milliseconds of the wall clock, which all processes of a machine share.
 */
import { z } from 'zod';

/** Between two writes of one client. */
export const WRITE_INTERVAL_MS = 20;

const lineSchema = z.union([
  /** A write was acknowledged (or, for a queue: a job was handled) under this number; `error` says why it was not. */
  z.object({ n: z.int(), atMs: z.number(), error: z.string().nullable() }),
  /** The last line of a queue: how many jobs it took on, and which were never handled. */
  z.object({ accepted: z.int(), lost: z.array(z.int()) }),
]);
export type ClientLine = z.infer<typeof lineSchema>;

export const parseLine = (line: string): ClientLine => lineSchema.parse(JSON.parse(line));

export type SentinelAddress = { readonly host: string; readonly port: number };
export type ClientCall = {
  readonly master: string;
  readonly key: string;
  readonly sentinels: readonly SentinelAddress[];
};

export function callOf(words: readonly string[]): ClientCall {
  const [master = '', key = '', ...addresses] = words;
  const sentinels = addresses.map((address) => {
    const [host = '', port = ''] = address.split(':');
    return { host, port: Number(port) };
  });
  return { master, key, sentinels };
}

export const wordsOf = ({ master, key, sentinels }: ClientCall): readonly string[] => [
  master,
  key,
  ...sentinels.map(({ host, port }) => `${host}:${port}`),
];

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export const say = (line: ClientLine): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

/** Writes one number after the other for as long as the process lives. */
export async function writeOn(write: (n: number) => Promise<unknown>): Promise<never> {
  for (let n = 1; ; n += 1) {
    try {
      await write(n);
      say({ n, atMs: Date.now(), error: null });
    } catch (error) {
      say({ n, atMs: Date.now(), error: error instanceof Error ? error.message : String(error) });
    }
    await pause(WRITE_INTERVAL_MS);
  }
}
