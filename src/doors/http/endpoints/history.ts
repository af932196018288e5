/** Kept records of moves, newest first. */
import { ENDPOINTS } from '../../../contract/endpoints.ts';
import { accepted, refused } from '../../../core/primitives/refusal.ts';
import { serve } from '../served-endpoint.ts';
import { historyView } from '../views/history-view.ts';
import { scopeView } from '../views/stop-view.ts';
import { keyOf, requireGroup } from './lookups.ts';

export const historyList = serve(ENDPOINTS.historyList, ({ query, ports: { face } }) => {
  const state = face.state();
  const { group } = query;
  if (group === undefined)
    return accepted({ records: state.history.slice(-query.limit).reverse().map(historyView) });
  const key = keyOf(query, group);
  const records = state.history.filter((record) => record.group === key);
  // The history outlives a group that was given back; only a name that nobody ever used is a mistake.
  const known = records.length > 0 ? accepted(null) : requireGroup(state, key);
  if (!known.ok) return known;
  return accepted({ records: records.slice(-query.limit).reverse().map(historyView) });
});

export const changeList = serve(ENDPOINTS.changeList, ({ query, ports: { face } }) =>
  accepted({
    changes: face
      .state()
      .changes.slice(-query.limit)
      .reverse()
      .map((change) => ({ ...change, scope: scopeView(change.scope) })),
  }),
);

export const historyGet = serve(ENDPOINTS.historyGet, ({ parameters, ports: { face } }) => {
  const record = face.state().history.find(({ id }) => id === parameters.id);
  return record === undefined
    ? refused(
        'unknownRecord',
        `No record ${parameters.id} is kept; \`pollux history list\` shows those that are.`,
        {
          field: 'id',
        },
      )
    : accepted(historyView(record));
});
