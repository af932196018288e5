/**
 * Clients that ask a name server for routes as fast as it answers: a number of connections, on each so many requests
 * under way, the next as soon as one is answered. Frames are made before; of an answer no more is read than its
 * opaque and code, because on a small machine whatever the client does is taken from the server.
 */
import { connect } from 'node:net';
import { encodeFrame } from '../../../src/remoting/frame-writer.ts';
import { createRequest, fieldsOf } from '../../../src/remoting/remoting-command.ts';
import { REQUEST } from '../../../src/remoting/request-codes.ts';
import { percentile } from '../samples.ts';

export type LookupLoad = {
  readonly host: string;
  readonly port: number;
  /** Asked for in turn. */
  readonly topics: readonly string[];
  readonly connections: number;
  /** Requests under way on each connection. */
  readonly depth: number;
  readonly warmupMs: number;
  readonly durationMs: number;
};

export type Lookups = {
  readonly answered: number;
  /** Answers with another code than 0, answers without a body, and connections that broke. */
  readonly failed: number;
  /** The header of one answer that was none. */
  readonly failure: string | null;
  readonly elapsedMs: number;
  readonly answerBytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
};

type Counts = {
  isCounting: boolean;
  isOver: boolean;
  answered: number;
  failed: number;
  failure: string | null;
  bytes: number;
  readonly latenciesMs: number[];
};

const LENGTH_BYTES = 4;
const HEAD_BYTES = 8;

export function routeRequest(topic: string, opaque: number): Buffer {
  const fields = fieldsOf({ topic, acceptStandardJsonOnly: true });
  const frame = encodeFrame(createRequest({ code: REQUEST.getRouteInfoByTopic, opaque, fields }));
  if (frame === 'tooLarge') throw new Error(`no frame holds ${topic}`);
  return frame;
}

type Answer = { readonly opaque: number; readonly code: number; readonly bodyBytes: number };

/** Of a whole frame with a JSON header. */
function answerIn(frame: Buffer): Answer {
  const headerEnd = HEAD_BYTES + frame.readUIntBE(LENGTH_BYTES + 1, 3);
  const header = frame.toString('latin1', HEAD_BYTES, headerEnd);
  const numberOf = (name: string): number => {
    const at = header.indexOf(`"${name}":`);
    return at < 0 ? Number.NaN : Number.parseInt(header.slice(at + name.length + 3), 10);
  };
  return { opaque: numberOf('opaque'), code: numberOf('code'), bodyBytes: frame.length - headerEnd };
}

/** Whole frames of a stream; what is left over waits for the next piece. */
function createSplitter(onFrame: (frame: Buffer) => void): (piece: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (piece) => {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    while (rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + rest.readInt32BE(0);
      if (rest.length < end) return;
      onFrame(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  };
}

/** Asks on one connection until the time is over; resolves once the connection is closed. */
function drive(
  { host, port, depth }: LookupLoad,
  frames: readonly (readonly Buffer[])[],
  first: number,
  counts: Counts,
): Promise<void> {
  const socket = connect({ host, port, noDelay: true });
  const askedMs = new Float64Array(depth);
  let turn = first;
  let underWay = 0;
  const ask = (place: number): void => {
    askedMs[place] = performance.now();
    underWay += 1;
    turn = (turn + 1) % frames.length;
    socket.write(frames[turn]?.[place] ?? '');
  };
  const split = createSplitter((frame) => {
    const { opaque, code, bodyBytes } = answerIn(frame);
    if (!(opaque >= 0 && opaque < depth)) socket.destroy(new Error('an answer to nothing that was asked'));
    underWay -= 1;
    if (counts.isCounting) {
      counts.latenciesMs.push(performance.now() - (askedMs[opaque] ?? Number.NaN));
      counts.bytes += bodyBytes;
      if (code === 0 && bodyBytes > 0) counts.answered += 1;
      else {
        counts.failed += 1;
        counts.failure ??= frame.toString('latin1', HEAD_BYTES, frame.length - bodyBytes);
      }
    }
    if (!counts.isOver) ask(opaque);
    else if (underWay === 0) socket.end();
  });
  socket.on('connect', () => {
    socket.cork();
    for (let place = 0; place < depth; place += 1) ask(place);
    socket.uncork();
  });
  socket.on('data', (piece: Buffer) => {
    // Answers that come together are followed by requests that go together.
    socket.cork();
    split(piece);
    socket.uncork();
  });
  return new Promise((done) => {
    socket.on('error', () => {
      counts.failed += 1;
    });
    socket.on('close', () => {
      if (!counts.isOver) counts.failed += 1;
      done();
    });
  });
}

const pause = (durationMs: number): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, durationMs);
  });

export async function lookUp(load: LookupLoad): Promise<Lookups> {
  const counts: Counts = {
    isCounting: false,
    isOver: false,
    answered: 0,
    failed: 0,
    failure: null,
    bytes: 0,
    latenciesMs: [],
  };
  // By topic and place. The opaque of a request is its place, which is free again when it is answered.
  const frames = load.topics.map((topic) =>
    Array.from({ length: load.depth }, (_, place) => routeRequest(topic, place)),
  );
  const driven = Array.from({ length: load.connections }, (_, number) => drive(load, frames, number, counts));
  await pause(load.warmupMs);
  const startedMs = performance.now();
  counts.isCounting = true;
  await pause(load.durationMs);
  counts.isCounting = false;
  const elapsedMs = performance.now() - startedMs;
  counts.isOver = true;
  await Promise.all(driven);
  const { answered, failed, failure, bytes, latenciesMs } = counts;
  return {
    answered,
    failed,
    failure,
    elapsedMs,
    answerBytes: bytes / Math.max(1, answered),
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    worstMs: percentile(latenciesMs, 1),
  };
}
