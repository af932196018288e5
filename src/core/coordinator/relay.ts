/** Actions that this node carries out for the leader, which does not reach the server itself: who gets the result. */
import type { SteerResult } from '../failover/steering.ts';
import type { NodeName } from '../primitives/identifiers.ts';
import { LIMITS } from '../primitives/limits.ts';
import type { Context } from './context.ts';
import type { CoordinatorMessage } from './messages.ts';

type Order = Extract<CoordinatorMessage, { type: 'steer' }>;

export class Relay {
  readonly #context: Context;
  readonly #askers = new Map<string, NodeName>();

  constructor(context: Context) {
    this.#context = context;
  }

  take(from: NodeName, { broker, request }: Order): void {
    const { leadership } = this.#context;
    if (request.term < leadership.term || from !== leadership.leader) return;
    // The leader takes an action without a result for failed, and asks again.
    if (this.#askers.size >= LIMITS.actionsRelayed) return;
    this.#askers.set(`${request.term}#${request.steerId}`, from);
    this.#context.emit({ kind: 'steer', broker, request });
  }

  /** False where the action was not another node's. */
  giveBack(result: SteerResult): boolean {
    const key = `${result.term}#${result.steerId}`;
    const asker = this.#askers.get(key);
    if (asker === undefined) return false;
    this.#askers.delete(key);
    this.#context.emit({ kind: 'send', to: asker, message: { type: 'steered', result } });
    return true;
  }

  clear(): void {
    this.#askers.clear();
  }
}
