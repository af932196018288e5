/**
 * Registrations that a leader has proposed, until they are applied. A broker sends the same one to every node at the same
 * moment, and each of them may ask for it: it is committed once, and whoever asks meanwhile, or later, is told when it is
 * there. Of a registration in several parts each is taken as it comes, for two nodes may have cut it differently.
 */
import type { RegistrationSet } from '../../metadata/broker-set-command.ts';
import type { Command } from '../../metadata/command.ts';
import { isDoneAlready } from '../../metadata/registration-plan.ts';
import { isSameRegistration } from '../../metadata/registration-rules.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Context } from '../context.ts';
import type { Asker } from '../effects.ts';
import type { ClientReply } from '../requests.ts';

type UnderWay = { readonly command: RegistrationSet; readonly askers: Asker[] };

export class RegistrationsUnderWay {
  readonly #context: Context;
  /** By the broker's address; at most as many as there are commands that wait to be applied. */
  readonly #underWay = new Map<string, UnderWay>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Whether the asker need not be helped any further: it is told now, or with those who asked before. */
  answers(asker: Asker, command: Command): boolean {
    if (isDoneAlready(this.#context.state(), command)) {
      const { appliedIndex: index } = this.#context.state();
      this.#reply([asker], accepted({ kind: 'applied', index, changed: false }));
      return true;
    }
    if (command.type !== 'registration.set' || !command.complete) return false;
    const underWay = this.#underWay.get(command.address);
    if (underWay === undefined || !isSameRegistration(underWay.command, command)) return false;
    underWay.askers.push(asker);
    return true;
  }

  /** It was proposed. */
  begin(command: Command): void {
    if (command.type !== 'registration.set' || !command.complete) return;
    // Whoever waits for the one before it is told when that is applied.
    if (!this.#underWay.has(command.address)) this.#underWay.set(command.address, { command, askers: [] });
  }

  applied(command: RegistrationSet, result: Result<null>, index: number): void {
    const underWay = this.#underWay.get(command.address);
    if (underWay === undefined || !isSameRegistration(underWay.command, command)) return;
    this.#underWay.delete(command.address);
    const value = { kind: 'applied', index, changed: false } as const;
    this.#reply(underWay.askers, result.ok ? accepted(value) : result);
  }

  /** What was proposed may never be applied. */
  clear(): void {
    const reply = refused('notLeader', 'Leadership moved; ask again.');
    for (const { askers } of this.#underWay.values()) this.#reply(askers, reply);
    this.#underWay.clear();
  }

  #reply(askers: readonly Asker[], reply: ClientReply): void {
    for (const asker of askers) this.#context.emit({ kind: 'reply', asker, reply });
  }
}
