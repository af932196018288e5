/**
 * Readers of the event stream. Each is bounded: one that does not read what was sent to it is cut off and has to read
 * the resources again, so that a slow reader costs this node a fixed amount of memory and nobody else anything.
 */
import type { ServerResponse } from 'node:http';
import type { TierEvent } from '../../core/coordinator/effects.ts';
import type { NodeFace } from '../../core/node/face.ts';
import { LIMITS } from '../../core/primitives/limits.ts';
import { accepted, type Result, refused } from '../../core/primitives/refusal.ts';
import { eventView } from './views/event-view.ts';

/** Proxies drop connections that are silent for a minute. */
const KEEP_ALIVE_MS = 15_000;

const frameOf = (event: TierEvent): string =>
  `id: ${event.index}\nevent: ${event.type}\ndata: ${JSON.stringify(eventView(event))}\n\n`;

export class EventStreams {
  readonly #readers = new Set<ServerResponse>();
  readonly #face: NodeFace;
  readonly #bytesPerReader: number;
  #unsubscribe: (() => void) | null = null;
  #keepAlive: NodeJS.Timeout | null = null;

  constructor(face: NodeFace, bytesPerReader: number = LIMITS.eventStreamBytes) {
    this.#face = face;
    this.#bytesPerReader = bytesPerReader;
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Refusal: overloaded, while the node has as many readers as it may. */
  admit(): Result<null> {
    return this.#readers.size < LIMITS.eventStreams
      ? accepted(null)
      : refused(
          'overloaded',
          `This node has ${LIMITS.eventStreams} readers of events already; ask another node.`,
        );
  }

  /** Takes over an admitted response: it gets every event from now on until one of both sides ends it. */
  add(response: ServerResponse): void {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write('retry: 1000\n\n');
    this.#readers.add(response);
    response.on('close', () => this.#remove(response));
    // A broken connection is the end of this reader and of nothing else; `close` follows.
    response.on('error', () => undefined);
    this.#unsubscribe ??= this.#face.subscribe((event) => this.#sendAll(frameOf(event)));
    this.#keepAlive ??= setInterval(() => this.#sendAll(': still here\n\n'), KEEP_ALIVE_MS).unref();
  }

  close(): void {
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
    this.#stopWhenIdle();
  }

  #sendAll(frame: string): void {
    for (const reader of this.#readers) {
      if (reader.writableLength + frame.length > this.#bytesPerReader) {
        reader.destroy();
        this.#remove(reader);
      } else reader.write(frame);
    }
  }

  #remove(reader: ServerResponse): void {
    this.#readers.delete(reader);
    this.#stopWhenIdle();
  }

  #stopWhenIdle(): void {
    if (this.#readers.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    if (this.#keepAlive !== null) clearInterval(this.#keepAlive);
    this.#keepAlive = null;
  }
}
