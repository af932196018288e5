/** An event of the tier in the contract's form. */
import type { TierEventAnswer } from '../../../contract/events.ts';
import type { TierEvent } from '../../../core/coordinator/effects.ts';
import { keyParts } from './key-parts.ts';

export const eventView = (event: TierEvent): TierEventAnswer =>
  event.type === 'leadership' ? { ...event } : { ...event, ...keyParts(event.group) };
