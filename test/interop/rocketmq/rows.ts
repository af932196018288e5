/**
 * Everything that is tried, in its order. Topics come first, for the others use them; the faults follow before anybody
 * moves a master by hand, for the first of them waits until the last election is a while ago.
 */
import type { Row } from './row.ts';
import { FAULT_ROWS } from './rows/faults.ts';
import { MESSAGE_ROWS } from './rows/messages.ts';
import { MQADMIN_ROWS } from './rows/mqadmin.ts';
import { NAMING_ROWS } from './rows/naming.ts';

export const ROWS: readonly Row[] = [...MESSAGE_ROWS, ...FAULT_ROWS, ...MQADMIN_ROWS, ...NAMING_ROWS];
