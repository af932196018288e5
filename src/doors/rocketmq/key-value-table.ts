/** A namespace of the key-value configuration as a body. */
import { jsonBody } from './answer.ts';

/** Null for a namespace that nobody has put anything into. */
export const keyValueTable = (table: ReadonlyMap<string, string> | null | undefined): Buffer | null =>
  table === null || table === undefined || table.size === 0
    ? null
    : jsonBody({ table: Object.fromEntries(table) });
