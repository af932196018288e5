/** Everything that is tried, in its order: topics come first, for the others use them. */
import type { Row } from './row.ts';
import { FAULT_ROWS } from './rows/faults.ts';
import { MESSAGE_ROWS } from './rows/messages.ts';
import { MQADMIN_ROWS } from './rows/mqadmin.ts';
import { NAMING_ROWS } from './rows/naming.ts';

export const ROWS: readonly Row[] = [...MESSAGE_ROWS, ...MQADMIN_ROWS, ...NAMING_ROWS, ...FAULT_ROWS];
