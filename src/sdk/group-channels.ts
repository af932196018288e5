/**
 * The write channels of one producer: a few for each broker group, always under the newest terms seen. A channel stands
 * still while its master waits for slaves, so queues are spread over them. Writes that nobody awaits in turn may overtake
 * each other, for the first channel to a new master takes those of all queues until it is open. Terms are ordered by
 * epoch, then by version of the sync set; a topic whose route is older than another's does not bring a group's older
 * terms back. Older channels settle what they have and close.
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

/** The newest terms of a group, and its channels under them by their place. */
type Slot = {
  readonly incarnation: string;
  readonly terms: ChannelTerms;
  readonly channels: Map<number, WriteChannel>;
};

export class GroupChannels {
  readonly #settings: ChannelPoolSettings;
  readonly #slots = new Map<string, Slot>();
  readonly #retiring = new Set<WriteChannel>();
  readonly #failedUntilMs = new Map<string, number>();

  constructor(settings: ChannelPoolSettings) {
    this.#settings = settings;
  }

  /**
   * The channel of a queue of a writable group; opened, or replaced by newer terms, as needed. While the first connection
   * to a new master is being opened, everything waits for that one: its other clients come at the same moment.
   */
  channelFor(incarnation: string, group: RouteGroup, queue: number): WriteChannel {
    const slot = this.#slotFor(incarnation, termsOf(group));
    const place = queue % SDK_LIMITS.writeConnectionsPerGroup;
    const channel = slot.channels.get(place);
    if (channel?.usable === true) return channel;
    const opening = [...slot.channels.values()].find(({ isOpening }) => isOpening);
    return opening ?? this.#open(slot, place);
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
    for (const { channels } of this.#slots.values())
      for (const channel of channels.values()) channel.close('the producer was closed');
    for (const channel of this.#retiring) channel.close('the producer was closed');
    this.#slots.clear();
  }

  #slotFor(incarnation: string, terms: ChannelTerms): Slot {
    const known = this.#slots.get(terms.group);
    if (known !== undefined) {
      if (known.incarnation === incarnation && !newerTerms(terms, known.terms)) return known;
      if (isLaterReign(known, incarnation, terms)) this.#depose(known, terms);
      else for (const channel of known.channels.values()) this.#retire(channel);
    }
    const slot = { incarnation, terms, channels: new Map<number, WriteChannel>() };
    this.#slots.set(terms.group, slot);
    return slot;
  }

  #open({ terms, channels }: Slot, place: number): WriteChannel {
    const { group, epoch, address } = terms;
    const { password, tls, waitRoundMs, onEvent } = this.#settings;
    const channel: WriteChannel = new WriteChannel(terms, {
      password,
      tls,
      waitRoundMs,
      onOpen: () => onEvent({ type: 'connected', group, epoch, address }),
      onClose: (detail) => {
        const isCurrent = this.#slots.get(group)?.channels.get(place) === channel;
        if (isCurrent) this.#failedUntilMs.set(group, performance.now() + SDK_LIMITS.avoidFailedGroupMs);
        onEvent({ type: 'disconnected', group, epoch, detail });
      },
    });
    channels.set(place, channel);
    return channel;
  }

  #depose({ channels }: Slot, terms: ChannelTerms): void {
    for (const channel of channels.values())
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
  slot.incarnation === incarnation && terms.epoch > slot.terms.epoch;

const newerTerms = (left: ChannelTerms, right: ChannelTerms): boolean =>
  left.epoch === right.epoch ? left.syncSetVersion > right.syncSetVersion : left.epoch > right.epoch;
