/**
 * The commands that a registration (103) comes to. A broker sends all its topics every time; only what differs from the
 * replicated state is proposed, in parts that fit into commands, and nothing at all where there is no news.
 */
import { LIMITS } from '../primitives/limits.ts';
import { accepted, type Result } from '../primitives/refusal.ts';
import type { AlikeTopics, BrokerSetCommand, StaticTopic } from './broker-set-command.ts';
import type { SetQueues, StaticQueues } from './broker-set-state.ts';
import type { Command } from './command.ts';
import {
  isKnownAlready,
  isSameVersion,
  isTopicAuthor,
  judgeRegistration,
  type RegistrationHead,
} from './registration-rules.ts';
import { addressesWith } from './registration-table.ts';
import type { MetadataState } from './state.ts';
import { isSameKind, placeOf } from './topic-places.ts';

/** A topic as a broker reports it. */
export type ReportedTopic = Omit<SetQueues, 'name'> & { readonly topic: string };

/**
 * What can be said before the topics are read: a refusal, or whether it may bring news. One whose data version is known
 * has none, so that its body need not be looked at.
 */
export function registrationStanding(state: MetadataState, head: RegistrationHead): Result<'known' | 'news'> {
  const judged = judgeRegistration(state, head, null);
  if (!judged.ok) return judged;
  return accepted(isKnownAlready(state, head, judged.value) ? 'known' : 'news');
}

/**
 * Whether the command belongs to a registration that is in the state as a whole: another node, to which the broker sent
 * the same, was quicker. It would change nothing, and cost a commit.
 */
export function isDoneAlready(state: MetadataState, command: Command): boolean {
  if (command.type === 'registration.set') {
    const standing = registrationStanding(state, command);
    return standing.ok && standing.value === 'known';
  }
  if (command.type !== 'registration.putTopics') return false;
  const kept = state.registrations.get(command.address);
  return kept?.name === command.name && kept.complete && isSameVersion(kept.dataVersion, command.dataVersion);
}

/** What is proposed, in this order, each once the one before it is applied; empty where nothing is news. */
export function planRegistration(
  state: MetadataState,
  head: RegistrationHead,
  topics: readonly ReportedTopic[],
  staticTopics: readonly StaticTopic[],
): Result<readonly BrokerSetCommand[]> {
  const judged = judgeRegistration(state, head, topics.length);
  if (!judged.ok) return judged;
  const id = judged.value;
  if (isKnownAlready(state, head, id)) return accepted([]);
  const addresses = addressesWith(state.namedSets.get(head.name) ?? null, id, head.address);
  const isAuthor = isTopicAuthor(addresses, id, head.enableActingMaster);
  const parts = isAuthor ? partsOf(state, head, topics, staticTopics) : [];
  const { name, address, dataVersion } = head;
  const [first = EMPTY, ...others] = parts;
  return accepted([
    {
      type: 'registration.set',
      ...headOnly(head),
      topicCount: topics.length,
      complete: others.length === 0,
      ...first,
    },
    ...others.map((part, position) => ({
      type: 'registration.putTopics' as const,
      name,
      address,
      ...part,
      dataVersion,
      complete: position === others.length - 1,
    })),
  ]);
}

type Part = { readonly topics: readonly AlikeTopics[]; readonly staticTopics: readonly StaticTopic[] };
const EMPTY: Part = { topics: [], staticTopics: [] };

/** Without whatever else the caller's object carries: a command is strict. */
const headOnly = (head: RegistrationHead): RegistrationHead => ({
  cluster: head.cluster,
  name: head.name,
  address: head.address,
  brokerId: head.brokerId,
  haAddress: head.haAddress,
  site: head.site,
  zone: head.zone,
  version: head.version,
  timeoutMs: head.timeoutMs,
  dataVersion: head.dataVersion,
  enableActingMaster: head.enableActingMaster,
});

/** Bytes of a kind's numbers and their names in JSON, rounded up; as of a static topic without its queues. */
const KIND_BYTES = 160;
const STATIC_BYTES = 2_048;
const STATIC_QUEUE_BYTES = 24;

const PLAIN = /^[ !#-[\]-~]*$/;
/** Bytes of the name in JSON, at most. */
const bytesOfName = (topic: string): number => (PLAIN.test(topic) ? topic.length : 6 * topic.length) + 3;

class Parts {
  readonly all: Part[] = [];
  #bytes = 0;
  #alike = new Map<string, Omit<SetQueues, 'name'> & { readonly topics: string[] }>();
  #static: StaticTopic[] = [];

  add({ topic, readQueues, writeQueues, permission, sysFlag }: ReportedTopic): void {
    const key = `${readQueues}/${writeQueues}/${permission}/${sysFlag}`;
    const kind = this.#alike.get(key);
    this.#makeRoom(bytesOfName(topic) + (kind === undefined ? KIND_BYTES : 0));
    const alike = this.#alike.get(key) ?? { readQueues, writeQueues, permission, sysFlag, topics: [] };
    alike.topics.push(topic);
    this.#alike.set(key, alike);
  }

  addStatic(part: StaticTopic): void {
    this.#makeRoom(STATIC_BYTES + part.queues.length * STATIC_QUEUE_BYTES);
    this.#static.push(part);
  }

  close(): void {
    if (this.#alike.size === 0 && this.#static.length === 0) return;
    this.all.push({ topics: [...this.#alike.values()], staticTopics: this.#static });
    this.#alike = new Map();
    this.#static = [];
    this.#bytes = 0;
  }

  #makeRoom(bytes: number): void {
    if (this.#bytes + bytes > LIMITS.registrationBytes) this.close();
    this.#bytes += bytes;
  }
}

function partsOf(
  state: MetadataState,
  { name }: RegistrationHead,
  topics: readonly ReportedTopic[],
  staticTopics: readonly StaticTopic[],
): readonly Part[] {
  const parts = new Parts();
  for (const reported of topics) {
    const kept = placeOf(state.topicQueues.get(reported.topic), name);
    if (kept === null || !isSameKind(kept, reported)) parts.add(reported);
  }
  for (const reported of staticTopics) {
    const kept = placeOf(state.staticTopics.get(reported.topic), name);
    if (kept === null || !isSamePart(kept, reported)) parts.addStatic(reported);
  }
  parts.close();
  return parts.all;
}

const isSamePart = (kept: StaticQueues, reported: StaticTopic): boolean =>
  kept.scope === reported.scope &&
  kept.totalQueues === reported.totalQueues &&
  kept.epoch === reported.epoch &&
  kept.queues.length === reported.queues.length &&
  kept.queues.every(([logical, physical], at) => {
    const other = reported.queues[at];
    return other?.[0] === logical && other[1] === physical;
  });
