/** Every fault, by family. The order is that of the table. */
import { CLOCK_FAULTS } from './catalogue/clocks.ts';
import { CRASHES } from './catalogue/crashes.ts';
import { DISKS } from './catalogue/disks.ts';
import { NODES } from './catalogue/nodes.ts';
import { OPERATORS } from './catalogue/operators.ts';
import { PARTITIONS } from './catalogue/partitions.ts';
import { PLANTED } from './catalogue/planted.ts';
import { SERVERS } from './catalogue/servers.ts';
import type { Fault } from './fault.ts';

export const FAMILIES: Readonly<Record<string, readonly Fault[]>> = {
  servers: SERVERS,
  nodes: NODES,
  partitions: PARTITIONS,
  disks: DISKS,
  clocks: CLOCK_FAULTS,
  operators: OPERATORS,
  crashes: CRASHES,
};

export const FAULTS: readonly Fault[] = Object.values(FAMILIES).flat();

/** Tried only where they are named: their rows have to be red. */
export const PLANTED_FAULTS: readonly Fault[] = PLANTED;
