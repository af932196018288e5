/**
 * Connections between places, as TCP has them: in order, with delays, never half delivered. What is sent into a cut waits
 * and arrives when it heals, also when its sender closed the connection or is long gone; a side that is cut off sees
 * nothing of the other's end. So commands arrive late, and connections are half open, without anybody planning it.
 */
import type { Ground } from './ground.ts';

export type Place = string;
/** Each can be cut without the others: nodes watch and steer, servers replicate, producers write. */
export type Traffic = 'steering' | 'replication' | 'clients';

/** Longest and shortest time of one segment, by whether it stays in its place. */
export type NetworkOptions = {
  readonly withinMs: readonly [low: number, high: number];
  readonly betweenMs: readonly [low: number, high: number];
  /** Share of segments that are lost and sent again, after up to `lateMs`. */
  readonly lateShare: number;
  readonly lateMs: number;
  /** Whether the world around lets anything through; everything where it is left out. */
  readonly carries?: (from: Place, to: Place) => boolean;
  /** Places that lie next to each other; by default only what is the same place. */
  readonly areNear?: (one: Place, other: Place) => boolean;
};

/** Between two segments of one direction, so that no rounding changes their order. */
const GAP_MS = 0.001;

/** What is held back by a cut is tried again so often. */
const TRY_AGAIN_MS = 60;

export type Way = { readonly from: Place; readonly to: Place; readonly traffic: Traffic };
const keyOf = ({ from, to, traffic }: Way): string => `${from}>${to} ${traffic}`;

/** One direction of a connection. */
class Pipe {
  readonly way: Way;
  readonly #network: Network;
  #lastMs = 0;
  #held: (() => void)[] = [];

  constructor(network: Network, way: Way) {
    this.#network = network;
    this.way = way;
  }

  send(deliver: () => void): void {
    const { ground } = this.#network;
    const now = ground.nowMs();
    this.#lastMs = Math.max(this.#lastMs + GAP_MS, now + this.#network.delayMs(this.way));
    ground.after(this.#lastMs - now, () => this.#arrive(deliver));
  }

  #arrive(deliver: () => void): void {
    if (this.#held.length === 0 && !this.#network.isCut(this.way)) {
      deliver();
      return;
    }
    this.#held.push(deliver);
    this.#network.holds(this);
  }

  /** At once and in order: what was sent later may already be on its way. */
  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const deliver of held) deliver();
  }
}

/** One side of a connection. */
export type End<Out, In> = {
  readonly peerPlace: Place;
  send(payload: Out): void;
  /** The other side learns of it behind everything that was sent before. */
  close(error: string): void;
  isOpen(): boolean;
  listen(handlers: Handlers<In>): void;
};

type Handlers<In> = { readonly payload: (payload: In) => void; readonly closed: (error: string) => void };

class Side<Out, In> implements End<Out, In> {
  readonly peerPlace: Place;
  readonly pipe: Pipe;
  #open = true;
  #peer: Side<In, Out> | null = null;
  #handlers: Handlers<In> | null = null;

  constructor(pipe: Pipe) {
    this.pipe = pipe;
    this.peerPlace = pipe.way.to;
  }

  meet(peer: Side<In, Out>): void {
    this.#peer = peer;
  }

  isOpen(): boolean {
    return this.#open;
  }

  listen(handlers: Handlers<In>): void {
    this.#handlers = handlers;
  }

  send(payload: Out): void {
    if (this.#open) this.pipe.send(() => this.#peer?.take(payload));
  }

  close(error: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.pipe.send(() => this.#peer?.ended(error));
  }

  take(payload: In): void {
    if (this.#open) this.#handlers?.payload(payload);
  }

  ended(error: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#handlers?.closed(error);
  }
}

export class Network {
  readonly ground: Ground;
  /** Only then are segments lost and sent again. */
  isRough = false;
  readonly #options: NetworkOptions;
  readonly #cuts = new Map<string, number>();
  readonly #holding = new Set<Pipe>();
  #tries = false;

  constructor(ground: Ground, options: NetworkOptions) {
    this.ground = ground;
    this.#options = options;
  }

  delayMs({ from, to }: Way): number {
    const { withinMs, betweenMs, lateShare, lateMs } = this.#options;
    const isNear = this.#options.areNear?.(from, to) ?? from === to;
    const [low, high] = isNear ? withinMs : betweenMs;
    const late = this.isRough && lateShare > 0 && this.ground.random.next() < lateShare;
    return low + this.ground.random.next() * ((late ? lateMs : high) - low);
  }

  isCut(way: Way): boolean {
    if (this.#cuts.size > 0 && this.#cuts.has(keyOf(way))) return true;
    return this.#options.carries?.(way.from, way.to) === false;
  }

  /** Cuts one direction; as many heals are needed as there were cuts. */
  cut(from: Place, to: Place, traffic: Traffic): void {
    const key = keyOf({ from, to, traffic });
    this.#cuts.set(key, (this.#cuts.get(key) ?? 0) + 1);
  }

  heal(from: Place, to: Place, traffic: Traffic): void {
    const key = keyOf({ from, to, traffic });
    const left = (this.#cuts.get(key) ?? 0) - 1;
    if (left > 0) this.#cuts.set(key, left);
    else this.#cuts.delete(key);
  }

  healAll(): void {
    this.#cuts.clear();
  }

  holds(pipe: Pipe): void {
    this.#holding.add(pipe);
    if (this.#tries) return;
    this.#tries = true;
    this.ground.after(TRY_AGAIN_MS, () => this.#release());
  }

  #release(): void {
    this.#tries = false;
    for (const pipe of this.#holding) {
      if (this.isCut(pipe.way)) continue;
      this.#holding.delete(pipe);
      pipe.release();
    }
    if (this.#holding.size === 0 || this.#tries) return;
    this.#tries = true;
    this.ground.after(TRY_AGAIN_MS, () => this.#release());
  }

  /**
   * Opens a connection. `listener` is asked where it arrives for whoever takes the far side; null refuses it. `opened`
   * hears what became of it. Who closes before that has given up: then nobody is asked any more.
   */
  dial<Up, Down>(
    way: Way,
    listener: () => ((far: End<Down, Up>) => void) | null,
    opened: (refusal: string | null) => void,
  ): End<Up, Down> {
    const near = new Side<Up, Down>(new Pipe(this, way));
    const far = new Side<Down, Up>(new Pipe(this, { from: way.to, to: way.from, traffic: way.traffic }));
    near.meet(far);
    far.meet(near);
    near.pipe.send(() => {
      if (!near.isOpen()) return;
      const accept = listener();
      const refusal = accept === null ? 'ECONNREFUSED' : null;
      far.pipe.send(() => {
        if (near.isOpen()) opened(refusal);
      });
      accept?.(far);
    });
    return near;
  }
}
