/** The checksum of LevelDB's own files: CRC-32C (Castagnoli), and as it is stored. Node's zlib has the other CRC-32. */
const CASTAGNOLI = 0x82f63b78;
const MASK_DELTA = 0xa282ead8;

/** Four bytes at a time: table n gives what a byte does n bytes further on. */
const TABLES = castagnoliTables();

function castagnoliTables(): readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ CASTAGNOLI : sum >>> 1;
    return sum;
  });
  const further = (table: Uint32Array): Uint32Array =>
    table.map((sum) => (sum >>> 8) ^ (first[sum & 255] ?? 0));
  const second = further(first);
  const third = further(second);
  return [first, second, third, further(third)];
}

/** LevelDB stores sums turned and shifted, so that a sum over sums does not come out the same. */
export function maskedCrc32c(bytes: Uint8Array, from: number, to: number): number {
  const sum = crc32c(bytes, from, to);
  return (((sum >>> 15) | (sum << 17)) + MASK_DELTA) >>> 0;
}

export function crc32c(bytes: Uint8Array, from: number, to: number): number {
  const [first, second, third, fourth] = TABLES;
  let sum = 0xffffffff;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    sum ^=
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24);
    sum =
      (fourth[sum & 255] ?? 0) ^
      (third[(sum >>> 8) & 255] ?? 0) ^
      (second[(sum >>> 16) & 255] ?? 0) ^
      (first[sum >>> 24] ?? 0);
  }
  for (; at < to; at += 1) sum = (sum >>> 8) ^ (first[(sum ^ (bytes[at] ?? 0)) & 255] ?? 0);
  return (sum ^ 0xffffffff) >>> 0;
}
