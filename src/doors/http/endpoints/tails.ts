/** Tails of old masters: every node knows from the history where they are, and shows those that it has itself. */
import { ENDPOINTS } from '../../../contract/endpoints.ts';
import { parseTail } from '../../../core/failover/tail-commands.ts';
import { accepted, refused } from '../../../core/primitives/refusal.ts';
import { serve } from '../served-endpoint.ts';
import { tailView } from '../views/tail-view.ts';
import { keyOf, requireGroup } from './lookups.ts';

export const tailGet = serve(ENDPOINTS.tailGet, ({ parameters, query, ports: { face, tails } }) => {
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
  const bytes = tails(tail.file);
  const commands = bytes === null ? [] : parseTail(bytes).commands;
  const shown = {
    epoch,
    here: bytes !== null,
    gone: bytes === null && tail.node === face.status().node,
    keeperUrl: state.members.get(tail.node)?.httpUrl ?? null,
    commands: commands.slice(0, query.limit).map((command) => [...command]),
    commandsLeft: Math.max(0, commands.length - query.limit),
  };
  return accepted({ tails: listed, shown });
});
