/** Processor time of another process, which tells a server that is slow from one that was not let run. */
import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second for whoever reads `/proc`, whatever the kernel's own tick is. */
const MILLISECONDS_PER_TICK = 10;
/** Places of user and system time behind the name of the program, which may hold spaces itself. */
const USER_TIME = 11;
const SYSTEM_TIME = 12;

/** Milliseconds of user and system time so far; NaN where the system does not say. */
export function processorTimeMs(pid: number): number {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME])) * MILLISECONDS_PER_TICK;
  } catch {
    return Number.NaN;
  }
}
