/** What was found of a master that Sentinels watch. */
import type { AdoptionAnswer } from '../../../contract/adoption.ts';
import type { Adoption } from '../../../core/sentinels/course.ts';

export const adoptionView = (group: string, found: Adoption): AdoptionAnswer => ({
  ...found,
  group,
  servers: [...found.servers],
  sentinels: found.sentinels.map(({ address, id, told, putBack }) => ({
    address,
    id,
    told: [...told],
    putBack: [...putBack],
  })),
  findings: [...found.findings],
});
