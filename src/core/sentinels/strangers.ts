/**
 * Sentinels that are connected to a server and that none of the surveyed ones knows: they call its master otherwise, or
 * do not hear the others. They would go on steering it, and only the servers tell of them.
 */
import type { Finding } from './judge-survey.ts';
import type { SentinelPort } from './sentinel-port.ts';
import type { Survey } from './survey.ts';

export async function strangerFindings(
  port: SentinelPort,
  { seen, unheard }: Survey,
  servers: readonly { readonly address: string }[],
): Promise<readonly Finding[]> {
  const known = [...seen.map(({ sentinel }) => sentinel.id), ...unheard.map(({ id }) => id)];
  const looks = await Promise.all(
    servers.map(async ({ address }) => ({ address, watchers: await port.watchersOf(address) })),
  );
  return looks.flatMap(({ address, watchers }): readonly Finding[] => {
    if (!watchers.ok) {
      const message = `Whether other Sentinels watch ${address} is not known: ${watchers.refusal.message}`;
      return [{ code: 'watchersUnknown', message, forbids: 'nothing' }];
    }
    const strangers = watchers.value.filter((start) => !known.some((id) => id.startsWith(start)));
    if (strangers.length === 0) return [];
    const message = `${address} is watched by a Sentinel that the others do not know, ${strangers.join(', ')}. CLIENT LIST there has its address; it may call the master otherwise. Tell it SENTINEL REMOVE.`;
    return [{ code: 'strangerSentinel', message, forbids: 'takeover' }];
  });
}
