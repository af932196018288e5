/** Queues of many broker groups in few words. */

/** `0-3 7`: runs of queue numbers. */
function runsText(numbers: readonly number[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const number of [...numbers].sort((left, right) => left - right)) {
    const run = runs.at(-1);
    if (run !== undefined && run.last === number - 1) run.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(' ');
}

/** `orders-a: 0-3 7`, a broker group after the other. */
export function queuesText(queues: readonly { readonly holder: string; readonly queue: number }[]): string {
  const numbersOf = new Map<string, number[]>();
  for (const { holder, queue } of queues) {
    const numbers = numbersOf.get(holder);
    if (numbers === undefined) numbersOf.set(holder, [queue]);
    else numbers.push(queue);
  }
  return [...numbersOf].map(([holder, numbers]) => `${holder}: ${runsText(numbers)}`).join('; ');
}
