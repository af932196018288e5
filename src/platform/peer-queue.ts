/** Frames that wait for one peer: bounded in bytes; the oldest go first, because Raft repeats what still matters. */
import { LIMITS } from '../core/primitives/limits.ts';
import type { Frame } from './peer-frames.ts';

export type PeerQueue = {
  /** Returns how many older frames had to go. */
  push(frame: Frame): number;
  /** Takes frames from the front until `bytes` are reached. */
  take(bytes: number): readonly Frame[];
  /** Drops everything; returns how many frames that were. */
  clear(): number;
  bytes(): number;
};

export function createPeerQueue(limitBytes: number = LIMITS.peerQueueBytes): PeerQueue {
  let frames: Frame[] = [];
  let head = 0;
  let bytes = 0;

  const shift = (): Frame | undefined => {
    const frame = frames[head];
    if (frame === undefined) return undefined;
    head += 1;
    bytes -= frame.bytes;
    if (head === frames.length || head > 1_024) {
      frames = frames.slice(head);
      head = 0;
    }
    return frame;
  };

  return {
    push: (frame) => {
      frames.push(frame);
      bytes += frame.bytes;
      let dropped = 0;
      while (bytes > limitBytes && shift() !== undefined) dropped += 1;
      return dropped;
    },
    take: (wanted) => {
      const taken: Frame[] = [];
      for (let takenBytes = 0; takenBytes < wanted; ) {
        const frame = shift();
        if (frame === undefined) break;
        taken.push(frame);
        takenBytes += frame.bytes;
      }
      return taken;
    },
    clear: () => {
      const dropped = frames.length - head;
      frames = [];
      head = 0;
      bytes = 0;
      return dropped;
    },
    bytes: () => bytes,
  };
}
