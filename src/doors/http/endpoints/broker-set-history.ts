/** Kept records of elections of RocketMQ broker sets, newest first. */
import { ENDPOINTS } from '../../../contract/endpoints.ts';
import { groupName } from '../../../core/primitives/identifiers.ts';
import { accepted, refused } from '../../../core/primitives/refusal.ts';
import { serve } from '../served-endpoint.ts';
import { brokerSetRecordView } from '../views/broker-set-record-view.ts';
import { knownSet } from '../views/broker-set-view.ts';

export const brokerSetHistory = serve(ENDPOINTS.brokerSetHistory, ({ query, ports: { face } }) => {
  const state = face.state();
  const { brokerSet, limit } = query;
  const records = state.brokerSetHistory.filter(({ name }) => brokerSet === undefined || name === brokerSet);
  // The history outlives a set that was cleaned away; only a name that nobody ever used is a mistake.
  if (brokerSet !== undefined && records.length === 0 && knownSet(state, groupName(brokerSet)) === null)
    return refused('unknownBrokerSet', `No broker set ${brokerSet} is known, and no record of one is kept.`, {
      field: 'brokerSet',
    });
  return accepted({ records: records.slice(-limit).reverse().map(brokerSetRecordView) });
});

export const brokerSetHistoryGet = serve(ENDPOINTS.brokerSetHistoryGet, ({ parameters, ports: { face } }) => {
  const record = face.state().brokerSetHistory.find(({ id }) => id === parameters.id);
  return record === undefined
    ? refused(
        'unknownRecord',
        `No record ${parameters.id} is kept; \`pollux broker-set history\` shows those that are.`,
        { field: 'id' },
      )
    : accepted(brokerSetRecordView(record));
});
