/** Waits for something to become true, looking often; fails with what was waited for. */
export async function eventually<Value>(
  what: string,
  look: () => Promise<Value | null | false> | Value | null | false,
  timeoutMs = 20_000,
): Promise<Exclude<Value, false | null>> {
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown = null;
  while (performance.now() < deadline) {
    try {
      const value = await look();
      if (value !== null && value !== false) return value as Exclude<Value, false | null>;
      lastError = null;
    } catch (error) {
      lastError = error;
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(
    `waited ${timeoutMs} ms in vain: ${what}${lastError === null ? '' : ` (${String(lastError)})`}`,
  );
}
