/**
 * Clients of the key-value configuration: each asks one thing at a time, of any node, waits for the answer or gives
 * up, and all that they were told is one history. A client that gave up, or whose node ended, never learns the outcome.
 */
import type { ClientReply, ClientRequest } from '../../../src/core/coordinator/requests.ts';
import { must } from '../../../src/core/primitives/assert.ts';
import type { SeededRandom } from '../../../src/core/primitives/seeded-random.ts';
import { type Operation, unexplained } from '../oracles/linearizability.ts';
import type { SimulatedNode } from '../world/simulated-node.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';

type Action = Operation['action'];
type Question = { readonly key: string; readonly action: Action; readonly asked: number };

export type ClientHabits = {
  readonly clients: number;
  readonly keys: number;
  /** Longest pause between two questions. */
  readonly thinkMs: number;
  /** Longest patience with an answer. */
  readonly patienceMs: number;
};

/** A key with so many writes of unknown outcome is left alone: they cost the checker more than they tell. */
const UNKNOWN_OUTCOMES_PER_KEY = 6;
/** Share of questions that a client asks of its own node. */
const AT_HOME = 0.7;
/** Refusals that say that nothing was changed. */
const NOTHING_CHANGED = ['noLeader', 'overloaded', 'limitReached', 'invalidRequest'];

export class KeyValueClients {
  readonly history: Operation[] = [];
  readonly #world: World;
  readonly #habits: ClientHabits;
  readonly #random: SeededRandom;
  readonly #keys: { name: string; unknownOutcomes: number }[];
  #moment = 0;
  #nextValue = 1;
  #nextKey: number;
  #isStopped = false;

  constructor(world: World, habits: ClientHabits) {
    this.#world = world;
    this.#habits = habits;
    this.#random = world.streams('clients');
    this.#nextKey = habits.keys;
    this.#keys = Array.from({ length: habits.keys }, (_, number) => ({
      name: `key-${number}`,
      unknownOutcomes: 0,
    }));
  }

  start(): void {
    for (let client = 0; client < this.#habits.clients; client += 1) this.#soon(client);
  }

  /** No more questions by themselves. */
  stop(): void {
    this.#isStopped = true;
  }

  /** A write and then a read at this node, repeated until both are answered as they should be. */
  insist(node: SimulatedNode, onDone: () => void): void {
    const again = (): void => this.#world.at(20 + this.#random.next() * 20, () => this.insist(node, onDone));
    const write = this.#question({ kind: 'set', value: this.#value() });
    this.#ask(node, write, (isWritten) => {
      if (!isWritten) again();
      else
        this.#ask(node, this.#question({ kind: 'read', value: null }), (isRead) =>
          isRead ? onDone() : again(),
        );
    });
  }

  judge(): void {
    const [first] = unexplained(this.history);
    if (first === undefined) return;
    const ofKey = this.history.filter(({ key }) => key === first.key);
    throw new Violation(
      'client histories are linearizable',
      `${JSON.stringify(first)} does not fit into ${JSON.stringify(ofKey)}`,
    );
  }

  #soon(client: number): void {
    this.#world.at(this.#random.next() * this.#habits.thinkMs, () => {
      if (this.#isStopped) return;
      this.#ask(this.#nodeFor(client), this.#question(this.#action()), () => this.#soon(client));
    });
  }

  /** Mostly the one that it is used to, so that not everybody ends up waiting for a node that stands still. */
  #nodeFor(client: number): SimulatedNode {
    const { nodes } = this.#world;
    const number =
      this.#random.next() < AT_HOME ? client % nodes.length : this.#random.integer(0, nodes.length);
    return must(nodes[number], 'a node is drawn');
  }

  #action(): Action {
    const kind = this.#random.next();
    if (kind < 0.45) return { kind: 'read', value: null };
    if (kind < 0.55) return { kind: 'remove', wasThere: null };
    return { kind: 'set', value: this.#value() };
  }

  #value(): string {
    const value = `v${this.#nextValue}`;
    this.#nextValue += 1;
    return value;
  }

  #question(action: Action): Omit<Question, 'asked'> {
    const key = must(this.#keys[this.#random.integer(0, this.#keys.length)], 'a key is drawn');
    return { key: key.name, action };
  }

  /** `onEnd` is called once, with whether the operation was carried out. */
  #ask(node: SimulatedNode, { key, action }: Omit<Question, 'asked'>, onEnd: (done: boolean) => void): void {
    const question: Question = { key, action, asked: this.#moment++ };
    let isOver = false;
    const end = (reply: ClientReply | null): void => {
      if (isOver) return;
      isOver = true;
      onEnd(this.#note(node, question, reply));
    };
    if (!node.request(requestOf(question), end)) {
      onEnd(false);
      return;
    }
    if (!this.#isStopped)
      this.#world.at((0.2 + 0.8 * this.#random.next()) * this.#habits.patienceMs, () => end(null));
  }

  /** Puts what the client knows now into the history. True when its operation was carried out. */
  #note(node: SimulatedNode, { key, action, asked }: Question, reply: ClientReply | null): boolean {
    const answered = this.#moment++;
    const isAbsent = reply !== null && !reply.ok && reply.refusal.code === 'unknownKey';
    if (reply?.ok !== true && !isAbsent) {
      this.#world.count(reply === null ? 'clientsInTheDark' : reply.refusal.code);
      const isCertain = reply !== null && NOTHING_CHANGED.includes(reply.refusal.code);
      if (isCertain || action.kind === 'read') return false;
      this.history.push({ key, action, asked, answered: null });
      this.#unknownOutcome(key);
      return false;
    }
    this.#world.count(action.kind);
    this.history.push({ key, action: this.#told(node, key, action, isAbsent), asked, answered });
    return true;
  }

  #told(node: SimulatedNode, key: string, action: Action, isAbsent: boolean): Action {
    switch (action.kind) {
      case 'set':
        return action;
      case 'remove':
        return { kind: 'remove', wasThere: !isAbsent };
      case 'read':
        return { kind: 'read', value: node.loop().state().keyValues.get(key) ?? null };
    }
  }

  #unknownOutcome(name: string): void {
    const key = this.#keys.find((other) => other.name === name);
    if (key === undefined) return;
    key.unknownOutcomes += 1;
    if (key.unknownOutcomes < UNKNOWN_OUTCOMES_PER_KEY) return;
    key.name = `key-${this.#nextKey}`;
    key.unknownOutcomes = 0;
    this.#nextKey += 1;
  }
}

function requestOf({ key, action }: Question): ClientRequest {
  switch (action.kind) {
    case 'set':
      return { type: 'propose', command: { type: 'keyValue.set', key, value: action.value } };
    case 'remove':
      return { type: 'propose', command: { type: 'keyValue.remove', key } };
    case 'read':
      return { type: 'readBarrier' };
  }
}
