/** Tails of old masters: every node knows from the history where they are, and shows those that it has itself. */
import { setImmediate as pause } from 'node:timers/promises';
import { ENDPOINTS } from '../../../contract/endpoints.ts';
import { type ParsedTail, TailParser } from '../../../core/failover/tail-commands.ts';
import { LIMITS } from '../../../core/primitives/limits.ts';
import { accepted, refused } from '../../../core/primitives/refusal.ts';
import { serve } from '../served-endpoint.ts';
import { tailView } from '../views/tail-view.ts';
import { keyOf, requireGroup } from './lookups.ts';

/** In turns, so that consensus is not held up by it. */
async function firstCommands(bytes: Uint8Array, limit: number): Promise<ParsedTail> {
  const parser = new TailParser(bytes, { commands: limit, bytes: LIMITS.tailBytesShown });
  while (!parser.advance(LIMITS.tailBytesParsedAtOnce)) await pause();
  return parser.result();
}

export const tailGet = serve(ENDPOINTS.tailGet, async ({ parameters, query, ports: { face, tails } }) => {
  const state = face.state();
  const key = keyOf(query, parameters.group);
  const kept = state.history
    .filter((record) => record.group === key)
    .flatMap(({ id, epoch, tail }) => (tail === null ? [] : [{ recordId: id, epoch, tail }]))
    .reverse();
  const known = kept.length > 0 ? accepted(null) : requireGroup(state, key);
  if (!known.ok) return known;
  const listed = kept.map(({ recordId, epoch, tail }) => ({ recordId, epoch, ...tailView(tail) }));
  const wanted = kept.find(({ epoch }) => query.epoch === undefined || epoch === query.epoch);
  if (wanted === undefined) {
    if (query.epoch === undefined) return accepted({ tails: listed, shown: null });
    return refused('unknownRecord', `No tail is kept that epoch ${query.epoch} cut off.`, {
      field: 'epoch',
      expected: kept.map(({ epoch }) => epoch).join(', ') || 'none is kept',
    });
  }
  const { epoch, tail } = wanted;
  const bytes = await tails(tail.file);
  const parsed = bytes === null ? null : await firstCommands(bytes, query.limit);
  const shown = {
    epoch,
    here: bytes !== null,
    gone: bytes === null && tail.node === face.status().node,
    keeperUrl: state.members.get(tail.node)?.httpUrl ?? null,
    commands: (parsed?.commands ?? []).map((command) => [...command]),
    commandsLeft: parsed?.commandsLeft ?? 0,
  };
  return accepted({ tails: listed, shown });
});
