/** Replies of XREADGROUP and XAUTOCLAIM as values; anything of another shape is an empty reply. */

/** `fields` null: the entry is pending, but was deleted from the stream. */
export type StreamEntry = { readonly entryId: string; readonly fields: readonly Buffer[] | null };

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (isList(value) ? value : []);

export function parseEntries(value: unknown): readonly StreamEntry[] {
  return listOf(value).flatMap((entry): readonly StreamEntry[] => {
    const [entryId, fields] = listOf(entry);
    if (!Buffer.isBuffer(entryId)) return [];
    return [
      {
        entryId: entryId.toString(),
        fields: isList(fields) ? fields.filter((field) => Buffer.isBuffer(field)) : null,
      },
    ];
  });
}

/** Null (nothing came in time) is an empty list. */
export function parseStreams(
  value: unknown,
): readonly { readonly key: string; readonly entries: readonly StreamEntry[] }[] {
  return listOf(value).map((stream) => {
    const [key, entries] = listOf(stream);
    return { key: String(key), entries: parseEntries(entries) };
  });
}

/** `cursor` is where the next call goes on; `0-0` when the whole list was seen. */
export function parseAutoClaim(value: unknown): {
  readonly cursor: string;
  readonly entries: readonly StreamEntry[];
} {
  const [cursor, entries] = listOf(value);
  return { cursor: Buffer.isBuffer(cursor) ? cursor.toString() : '0-0', entries: parseEntries(entries) };
}
