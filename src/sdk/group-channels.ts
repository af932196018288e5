/**
 * The write channels of one producer: at most one for each broker group, always under the newest terms seen. Terms are
 * ordered by epoch, then by version of the sync set; a topic whose route is older than another's does not bring
 * a group's older terms back. Older channels settle what they have and close.
 */
import type { ConnectionOptions } from 'node:tls';
import type { RouteAnswer, RouteGroup } from '../contract/routes.ts';
import { must } from '../core/primitives/assert.ts';
import { SDK_LIMITS } from './limits.ts';
import type { SdkListener } from './sdk-event.ts';
import { type ChannelTerms, WriteChannel } from './write-channel.ts';

export type ChannelPoolSettings = {
  readonly password: string;
  readonly tls: ConnectionOptions | null;
  readonly waitRoundMs: number;
  readonly onEvent: SdkListener;
};

type Slot = { readonly incarnation: string; readonly channel: WriteChannel };

export class GroupChannels {
  readonly #settings: ChannelPoolSettings;
  readonly #slots = new Map<string, Slot>();
  readonly #retiring = new Set<WriteChannel>();
  readonly #failedUntilMs = new Map<string, number>();

  constructor(settings: ChannelPoolSettings) {
    this.#settings = settings;
  }

  /** The channel of a writable group; opened, or replaced by newer terms, as needed. */
  channelFor(incarnation: string, group: RouteGroup): WriteChannel {
    const terms = termsOf(group);
    const slot = this.#slots.get(terms.group);
    if (slot !== undefined) {
      const outdated = slot.incarnation !== incarnation || newerTerms(terms, slot.channel.terms);
      if (outdated) this.#replace(slot, incarnation, terms);
      else if (slot.channel.usable) return slot.channel;
      // A closed channel is opened again under the newest terms that were seen.
      else return this.#open(incarnation, slot.channel.terms);
    }
    return this.#open(incarnation, terms);
  }

  /**
   * Cuts the connections to masters whose reign is over by this route: what they have not acknowledged by now they never
   * will, and may be silent for ever.
   */
  learn(route: RouteAnswer): void {
    for (const group of route.groups) {
      const slot = this.#slots.get(group.group);
      if (slot === undefined || !group.writable || group.write === null || group.master === null) continue;
      const terms = termsOf(group);
      if (isLaterReign(slot, route.revision.incarnation, terms)) this.#depose(slot, terms);
    }
  }

  /** Groups whose channel closed unasked within the last moment. Bounded by the groups that routes named. */
  recentlyFailed(): ReadonlySet<string> {
    const nowMs = performance.now();
    for (const [group, untilMs] of this.#failedUntilMs)
      if (untilMs <= nowMs) this.#failedUntilMs.delete(group);
    return new Set(this.#failedUntilMs.keys());
  }

  /** Cuts every connection; what was sent and not acknowledged becomes unknown. */
  close(): void {
    for (const { channel } of this.#slots.values()) channel.close('the producer was closed');
    for (const channel of this.#retiring) channel.close('the producer was closed');
    this.#slots.clear();
  }

  #open(incarnation: string, terms: ChannelTerms): WriteChannel {
    const { group, epoch, address } = terms;
    const { password, tls, waitRoundMs, onEvent } = this.#settings;
    const channel: WriteChannel = new WriteChannel(terms, {
      password,
      tls,
      waitRoundMs,
      onOpen: () => onEvent({ type: 'connected', group, epoch, address }),
      onClose: (detail) => {
        const current = this.#slots.get(group)?.channel === channel;
        if (current) this.#failedUntilMs.set(group, performance.now() + SDK_LIMITS.avoidFailedGroupMs);
        onEvent({ type: 'disconnected', group, epoch, detail });
      },
    });
    this.#slots.set(group, { incarnation, channel });
    return channel;
  }

  #replace(slot: Slot, incarnation: string, terms: ChannelTerms): void {
    if (isLaterReign(slot, incarnation, terms)) this.#depose(slot, terms);
    else this.#retire(slot.channel);
  }

  #depose({ channel }: Slot, terms: ChannelTerms): void {
    channel.close(`epoch ${terms.epoch} of ${terms.group} has begun`);
    // Not the group has failed, but a master that it has no more.
    this.#failedUntilMs.delete(terms.group);
  }

  #retire(channel: WriteChannel): void {
    this.#retiring.add(channel);
    void channel.retire().finally(() => this.#retiring.delete(channel));
  }
}

function termsOf(group: RouteGroup): ChannelTerms {
  const write = must(group.write, 'only a writable group is chosen');
  const master = must(group.master, 'a writable group has a master');
  return {
    group: group.group,
    epoch: group.epoch,
    syncSetVersion: write.syncSetVersion,
    address: master.address,
    username: write.user,
    waitCount: write.waitCount,
  };
}

/** Of another incarnation of the tier nothing is known; its channels settle by themselves. */
const isLaterReign = (slot: Slot, incarnation: string, terms: ChannelTerms): boolean =>
  slot.incarnation === incarnation && terms.epoch > slot.channel.terms.epoch;

const newerTerms = (left: ChannelTerms, right: ChannelTerms): boolean =>
  left.epoch === right.epoch ? left.syncSetVersion > right.syncSetVersion : left.epoch > right.epoch;
