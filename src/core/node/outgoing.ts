/** The effects of one step, in the order in which they were wished for. Nothing is performed here. */
import type { Asker } from '../coordinator/effects.ts';
import type { CoordinatorMessage } from '../coordinator/messages.ts';
import type { ClientReply } from '../coordinator/requests.ts';
import type { NodeName } from '../primitives/identifiers.ts';
import type { RaftEnvelope } from '../raft/types.ts';
import type { NodeEffect } from './inputs.ts';

export class Outgoing {
  #effects: NodeEffect[] = [];

  push(effect: NodeEffect): void {
    this.#effects.push(effect);
  }

  raft(envelopes: readonly RaftEnvelope[]): void {
    for (const { to, message } of envelopes)
      this.push({ kind: 'send', to, message: { kind: 'raft', message } });
  }

  coordinator(to: NodeName, message: CoordinatorMessage): void {
    this.push({ kind: 'send', to, message: { kind: 'coordinator', message } });
  }

  /** To a client of this node, or to the node that passed its client's request on. */
  answer(asker: Asker, reply: ClientReply): void {
    if (asker.kind === 'local') {
      this.push({ kind: 'reply', requestId: asker.requestId, reply });
      return;
    }
    const message = { kind: 'forwardReply', forwardId: asker.forwardId, reply } as const;
    this.push({ kind: 'send', to: asker.node, message });
  }

  answerAll(answers: readonly { readonly asker: Asker; readonly reply: ClientReply }[]): void {
    for (const { asker, reply } of answers) this.answer(asker, reply);
  }

  take(): readonly NodeEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
