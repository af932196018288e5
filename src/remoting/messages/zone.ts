/**
 * The zone of who asks: two fields that every request of release 5 may carry, beside its own. In a client's signed
 * request they are not part of what is signed, in a broker's they are.
 */
import type { Fields } from '../remoting-command.ts';

const ZONE_NAME = '__ZONE_NAME';
const ZONE_MODE = '__ZONE_MODE';

export type Zone = {
  readonly name: string | null;
  /** Asks for routes to its zone only. */
  readonly isStrict: boolean;
};

/** Longer names are nobody's. */
const MOST_CHARACTERS = 255;

export function zoneOf(fields: Fields): Zone {
  const name = fields.get(ZONE_NAME)?.trim() ?? '';
  return {
    name: name === '' || name.length > MOST_CHARACTERS ? null : name,
    isStrict: fields.get(ZONE_MODE)?.toLowerCase() === 'true',
  };
}

export function withZone(fields: Fields, zone: Zone): Fields {
  const all = new Map(fields);
  if (zone.name !== null) all.set(ZONE_NAME, zone.name);
  if (zone.isStrict) all.set(ZONE_MODE, 'true');
  return all;
}
