/**
 * Which broker sets hold which topics. A topic's places are an array in order of the sets' names, so that one is found
 * by halving; arrays are replaced, and what a set holds of many topics alike is one object.
 */
import { must } from '../primitives/assert.ts';
import type { GroupName } from '../primitives/identifiers.ts';
import { LIMITS } from '../primitives/limits.ts';
import { accepted, type Result, refused } from '../primitives/refusal.ts';
import type { AlikeTopics, StaticTopic } from './broker-set-command.ts';
import type { SetQueues, StaticQueues } from './broker-set-state.ts';
import type { MetadataState } from './state.ts';
import type { MutableMetadata } from './store.ts';

/** Position of the set's place, or where it would go. */
function positionOf(places: readonly { readonly name: GroupName }[], name: GroupName): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (must(places[middle], 'the middle lies within').name < name) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function placeOf<Place extends { readonly name: GroupName }>(
  places: readonly Place[] | undefined,
  name: GroupName,
): Place | null {
  const found = places?.[positionOf(places, name)];
  return found?.name === name ? found : null;
}

function withPlace<Place extends { readonly name: GroupName }>(
  places: readonly Place[],
  place: Place,
): readonly Place[] {
  const position = positionOf(places, place.name);
  if (places[position]?.name === place.name) return places.with(position, place);
  return places.toSpliced(position, 0, place);
}

function withoutPlace<Place extends { readonly name: GroupName }>(
  places: readonly Place[],
  name: GroupName,
): readonly Place[] {
  const position = positionOf(places, name);
  return places[position]?.name === name ? places.toSpliced(position, 1) : places;
}

export const isSameKind = (one: Omit<SetQueues, 'name'>, other: Omit<SetQueues, 'name'>): boolean =>
  one.readQueues === other.readQueues &&
  one.writeQueues === other.writeQueues &&
  one.permission === other.permission &&
  one.sysFlag === other.sysFlag;

/** Only saves memory: which of two equal objects a place holds is nobody's business. */
const KINDS = new WeakMap<MutableMetadata['topicQueues'], Map<string, SetQueues>>();

function sharedKind(store: MutableMetadata, kind: SetQueues): SetQueues {
  const known = KINDS.get(store.topicQueues) ?? new Map<string, SetQueues>();
  KINDS.set(store.topicQueues, known);
  const { name, readQueues, writeQueues, permission, sysFlag } = kind;
  const key = `${name}/${readQueues}/${writeQueues}/${permission}/${sysFlag}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= LIMITS.queueKinds) known.clear();
  known.set(key, kind);
  return kind;
}

const countPlaces = (state: MetadataState): number => {
  let places = 0;
  for (const set of state.namedSets.values()) places += set.topics;
  return places;
};

/** How many topics and places there may be; a topic named twice counts twice, which errs on the safe side. */
export function checkTopics(
  state: MetadataState,
  name: GroupName,
  topics: readonly AlikeTopics[],
  staticTopics: readonly StaticTopic[],
): Result<null> {
  let newTopics = 0;
  let newPlaces = 0;
  for (const alike of topics) {
    for (const topic of alike.topics) {
      const places = state.topicQueues.get(topic);
      if (places === undefined) newTopics += 1;
      if (placeOf(places, name) === null) newPlaces += 1;
    }
  }
  if (newTopics > 0 && state.topicQueues.size + newTopics > LIMITS.registeredTopics) {
    return refused('limitReached', `Brokers register at most ${LIMITS.registeredTopics} topics.`, {
      field: 'topics',
    });
  }
  if (newPlaces > 0 && countPlaces(state) + newPlaces > LIMITS.topicPlaces) {
    return refused('limitReached', `Topics lie at ${LIMITS.topicPlaces} places at most.`, {
      field: 'topics',
    });
  }
  const newStatic = staticTopics.filter(({ topic }) => !state.staticTopics.has(topic)).length;
  return newStatic > 0 && state.staticTopics.size + newStatic > LIMITS.staticTopics
    ? refused('limitReached', `At most ${LIMITS.staticTopics} topics are static.`, { field: 'staticTopics' })
    : accepted(null);
}

/** The set's own object is replaced with every change of its topics, so that one can tell that there was none. */
function countTopics(store: MutableMetadata, name: GroupName, added: number): void {
  const set = must(store.namedSets.get(name), `${name} has topics and is not registered`);
  store.namedSets.set(name, { ...set, topics: set.topics + added });
}

/** The set is registered, and `checkTopics` has passed. */
export function putTopics(store: MutableMetadata, name: GroupName, topics: readonly AlikeTopics[]): void {
  let added = 0;
  let isAnyNew = false;
  for (const { topics: names, readQueues, writeQueues, permission, sysFlag } of topics) {
    const kind = sharedKind(store, { name, readQueues, writeQueues, permission, sysFlag });
    for (const topic of names) {
      const places = store.topicQueues.get(topic) ?? [];
      const kept = placeOf(places, name);
      if (kept === null) added += 1;
      if (kept === kind) continue;
      isAnyNew = true;
      store.topicQueues.set(topic, withPlace(places, kind));
    }
  }
  if (isAnyNew) countTopics(store, name, added);
}

export function putStaticTopics(
  store: MutableMetadata,
  name: GroupName,
  staticTopics: readonly StaticTopic[],
): void {
  for (const { topic, scope, totalQueues, epoch, queues } of staticTopics) {
    const place: StaticQueues = { name, scope, totalQueues, epoch, queues };
    store.staticTopics.set(topic, withPlace(store.staticTopics.get(topic) ?? [], place));
  }
}

function takeOut<Place extends { readonly name: GroupName }>(
  table: Map<string, readonly Place[]>,
  topic: string,
  places: readonly Place[],
  name: GroupName,
): boolean {
  const kept = withoutPlace(places, name);
  if (kept === places) return false;
  if (kept.length === 0) table.delete(topic);
  else table.set(topic, kept);
  return true;
}

/** Takes the set out of one topic. */
export function removePlace(store: MutableMetadata, topic: string, name: GroupName): void {
  const queues = store.topicQueues.get(topic);
  if (queues !== undefined && takeOut(store.topicQueues, topic, queues, name)) countTopics(store, name, -1);
  const parts = store.staticTopics.get(topic);
  if (parts !== undefined) takeOut(store.staticTopics, topic, parts, name);
}

/** Takes the set out of all its topics. Goes through every topic there is: a set that ends is rare. */
export function removePlacesOf(store: MutableMetadata, name: GroupName): void {
  for (const [topic, places] of store.topicQueues) takeOut(store.topicQueues, topic, places, name);
  for (const [topic, parts] of store.staticTopics) takeOut(store.staticTopics, topic, parts, name);
}
