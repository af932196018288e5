/**
 * The one seed of a life as several streams of chance, by name. A new draw in one of them leaves the others as they
 * were, so that a kept scenario does not become another one whenever something is added elsewhere.
 */
import { type SeededRandom, seededRandom } from '../../../src/core/primitives/seeded-random.ts';

export type Streams = (name: string) => SeededRandom;

export function streamsOf(seed: number): Streams {
  return (name) => {
    let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
    for (let position = 0; position < name.length; position += 1)
      hash = Math.imul(hash ^ name.charCodeAt(position), 0x01000193);
    return seededRandom(hash ^ (hash >>> 15));
  };
}
