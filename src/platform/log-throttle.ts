/** Keeps a line that could repeat many times a second (a peer that is refused again and again) to one in a while. */
const KEYS = 1_024;

/** True where `key` was not let through within the last `intervalMs`. Remembers a bounded number of keys. */
export function createLogThrottle(intervalMs: number): (key: string, nowMs: number) => boolean {
  const lastMs = new Map<string, number>();
  return (key, nowMs) => {
    const last = lastMs.get(key);
    if (last !== undefined && nowMs - last < intervalMs) return false;
    if (lastMs.size >= KEYS) lastMs.clear();
    lastMs.set(key, nowMs);
    return true;
  };
}
