/**
 * One TCP connection between nodes, seen as frames: what both sides share. It ends in exactly one call of `onEnd`,
 * whatever ends it; a frame that makes no sense ends it too.
 */
import type { Socket } from 'node:net';
import { LIMITS } from '../core/primitives/limits.ts';
import { createFrameReader, FRAME, type Frame, joinSmallParts, jsonFrame } from './peer-frames.ts';
import { PEER_REFUSALS, type PeerRefusal } from './peer-handshake.ts';

const KEEP_ALIVE_MS = 10_000;
/** How long a connection that is closed in good order may take to write out what it holds. */
const CLOSING_MS = 500;

export type PeerConnection = {
  /** `host:port` of the other side, also after the end. */
  remote(): string;
  write(frames: readonly Frame[]): void;
  /** Bytes that the system has not taken yet. */
  pendingBytes(): number;
  /** From now on frames of full size are read: the other side has proven itself. */
  allowLargeFrames(): void;
  refuse(code: PeerRefusal): void;
  /** Ends it at once; `why` reaches `onEnd`. */
  destroy(why: string): void;
  /** Writes out what is held, and ends it. */
  end(): void;
  readonly closed: Promise<void>;
};

export type PeerConnectionHandlers = {
  /** The payload; a returned string says what is wrong with it, and ends the connection. */
  onFrame(payload: Buffer): string | null;
  onDrain(): void;
  onEnd(why: string): void;
};

const addressOf = (socket: Socket): string =>
  `${socket.remoteAddress ?? 'an unknown address'}:${socket.remotePort ?? 0}`;

export function openPeerConnection(socket: Socket, handlers: PeerConnectionHandlers): PeerConnection {
  const reader = createFrameReader(LIMITS.peerHandshakeFrameBytes);
  let why = 'closed by the other side';
  let isEnding = false;
  let remote = addressOf(socket);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);

  const destroy = (reason: string): void => {
    if (!socket.destroyed) why = reason;
    socket.destroy();
  };

  socket.on('data', (piece) => {
    reader.push(piece);
    while (!socket.destroyed && !isEnding) {
      const payload = reader.next();
      if (payload === null) return;
      const problem =
        payload === 'bad' ? 'a frame of a length that is not allowed' : handlers.onFrame(payload);
      if (problem !== null) destroy(problem);
    }
  });
  socket.on('connect', () => {
    remote = addressOf(socket);
  });
  socket.on('drain', handlers.onDrain);
  socket.on('error', (error) => {
    why = error.message;
  });
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      handlers.onEnd(why);
      resolve();
    });
  });

  const end = (): void => {
    isEnding = true;
    socket.destroySoon();
    const timer = setTimeout(() => socket.destroy(), CLOSING_MS);
    socket.once('close', () => clearTimeout(timer));
  };

  const write = (frames: readonly Frame[]): void => {
    const pieces = joinSmallParts(frames);
    if (pieces.length > 1) socket.cork();
    for (const piece of pieces) socket.write(piece);
    if (pieces.length > 1) socket.uncork();
  };

  return {
    remote: () => remote,
    write,
    pendingBytes: () => socket.writableLength,
    allowLargeFrames: () => reader.setLimit(LIMITS.peerFrameBytes),
    refuse: (code) => {
      why = `refused: ${PEER_REFUSALS[code]} (${code})`;
      write([jsonFrame(FRAME.refused, { code })]);
      end();
    },
    destroy,
    end,
    closed,
  };
}
