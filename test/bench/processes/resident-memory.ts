/** Memory of another process that is in the machine's, whatever runtime it is of. */
import { readFileSync } from 'node:fs';

const BYTES_PER_KILOBYTE = 1_024;

/** NaN where the system does not say. */
export function residentBytes(pid: number): number {
  try {
    const page = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(page)?.[1] ?? Number.NaN) * BYTES_PER_KILOBYTE;
  } catch {
    return Number.NaN;
  }
}
