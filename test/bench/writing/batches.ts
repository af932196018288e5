/** Many of the same, some at a time: a small machine that starts hundreds of servers at once is busy with nothing else. */
const AT_ONCE = 8;

export async function inBatches<In, Out>(
  all: readonly In[],
  work: (one: In) => Promise<Out>,
): Promise<Out[]> {
  const done: Out[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE)
    done.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(work))));
  return done;
}
