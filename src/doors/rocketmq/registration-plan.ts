/**
 * What a broker's registration changes, as commands. Brokers send all of their topics again and again: only those that
 * the state does not know so already are committed, alike ones together, and as many at a time as one command carries.
 */
import type { AlikeTopics, StaticTopic } from '../../core/metadata/broker-set-command.ts';
import type { SetQueues } from '../../core/metadata/broker-set-state.ts';
import type { Command } from '../../core/metadata/command.ts';
import type { RegistrationHead } from '../../core/metadata/registration-rules.ts';
import type { MetadataState } from '../../core/metadata/state.ts';
import { LIMITS } from '../../core/primitives/limits.ts';

export type RegisteredTopic = Omit<SetQueues, 'name'> & { readonly topic: string };

export type RegisteredTopics = {
  /** All of the registration, known or not. */
  readonly topics: readonly RegisteredTopic[];
  readonly staticTopics: readonly StaticTopic[];
};

/** Around a topic's name in a command, and around the topics that are alike. */
const BYTES_BESIDE_TOPIC = 4;
const BYTES_BESIDE_KIND = 128;
const BYTES_OF_STATIC_QUEUE = 24;

/** In the order in which they have to be committed; the last one completes the registration. */
export function registrationCommands(
  state: MetadataState,
  head: RegistrationHead,
  { topics, staticTopics }: RegisteredTopics,
): Command[] {
  const isHeard = mayBeAuthor(state, head);
  const changed = isHeard ? topics.filter((topic) => isNews(state, head, topic)) : [];
  const [first = NOTHING, ...rest] = inParts(changed, isHeard ? staticTopics : []);
  const { name, address, dataVersion } = head;
  const set: Command = {
    ...head,
    type: 'registration.set',
    complete: isHeard && rest.length === 0,
    topicCount: topics.length,
    ...first,
  };
  const further = rest.map(
    (part, position): Command => ({
      type: 'registration.putTopics',
      name,
      address,
      ...part,
      dataVersion,
      complete: position === rest.length - 1,
    }),
  );
  return [set, ...further];
}

/**
 * A slave's word on topics is dropped where its set has a master, so it need not travel. Where that has changed by the
 * time that the command is applied, the registration counts as incomplete, and the next one brings them.
 */
const mayBeAuthor = (state: MetadataState, { name, brokerId, address }: RegistrationHead): boolean => {
  const master = state.namedSets.get(name)?.addresses.get(0);
  return brokerId === 0 || master === undefined || master === address;
};

function isNews(state: MetadataState, { name }: RegistrationHead, topic: RegisteredTopic): boolean {
  const known = state.topicQueues.get(topic.topic)?.find((one) => one.name === name);
  return (
    known === undefined ||
    known.readQueues !== topic.readQueues ||
    known.writeQueues !== topic.writeQueues ||
    known.permission !== topic.permission ||
    known.sysFlag !== topic.sysFlag
  );
}

type Part = { readonly topics: readonly AlikeTopics[]; readonly staticTopics: readonly StaticTopic[] };
type Kind = Omit<AlikeTopics, 'topics'> & { readonly topics: string[] };

const NOTHING: Part = { topics: [], staticTopics: [] };

const kindOf = ({ readQueues, writeQueues, permission, sysFlag }: RegisteredTopic): string =>
  `${readQueues}/${writeQueues}/${permission}/${sysFlag}`;

class Gathering {
  readonly parts: Part[] = [];
  #kinds = new Map<string, Kind>();
  #statics: StaticTopic[] = [];
  #bytes = 0;

  add(topic: RegisteredTopic): void {
    const bytes = Buffer.byteLength(topic.topic) + BYTES_BESIDE_TOPIC;
    this.#makeRoom(bytes + BYTES_BESIDE_KIND);
    const key = kindOf(topic);
    const kind = this.#kinds.get(key);
    if (kind === undefined) {
      const { topic: name, ...alike } = topic;
      this.#kinds.set(key, { ...alike, topics: [name] });
      this.#bytes += BYTES_BESIDE_KIND;
    } else kind.topics.push(topic.topic);
    this.#bytes += bytes;
  }

  addStatic(topic: StaticTopic): void {
    const queuesBytes = topic.queues.length * BYTES_OF_STATIC_QUEUE;
    const bytes = Buffer.byteLength(topic.topic) + BYTES_BESIDE_KIND + queuesBytes;
    this.#makeRoom(bytes);
    this.#statics.push(topic);
    this.#bytes += bytes;
  }

  close(): void {
    if (this.#bytes > 0) this.parts.push({ topics: [...this.#kinds.values()], staticTopics: this.#statics });
    this.#kinds = new Map();
    this.#statics = [];
    this.#bytes = 0;
  }

  #makeRoom(bytes: number): void {
    if (this.#bytes + bytes > LIMITS.registrationBytes) this.close();
  }
}

function inParts(topics: readonly RegisteredTopic[], staticTopics: readonly StaticTopic[]): Part[] {
  const gathering = new Gathering();
  for (const topic of topics) gathering.add(topic);
  for (const topic of staticTopics) gathering.addStatic(topic);
  gathering.close();
  return gathering.parts;
}
