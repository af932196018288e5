/** What `pollux evacuate` and `pollux return` share: the preview, the run that is followed, and the abort. */
import type { DrillRequest } from '../contract/drills.ts';
import { drillName, drillPlanText } from './drill-text.ts';
import { followDrill } from './follow-drill.ts';
import { done, failureOutcome, type Outcome } from './outcome.ts';
import type { Invocation } from './register.ts';

export async function beginDrill(
  invocation: Invocation,
  request: DrillRequest,
  following: { readonly wait: boolean; readonly waitSeconds: number },
): Promise<Outcome> {
  const { client, cluster, paint, progress } = invocation;
  const name = drillName(request);
  const answer = await progress.during(
    `asking for the ${name}`,
    client.call('drillBegin', { query: { cluster }, body: request }),
  );
  if (!answer.ok) return failureOutcome(answer.failure);
  if (answer.value.kind === 'drillStarted') return followDrill(invocation, answer.value, following);
  const leavesIdc = request.kind === 'evacuation' ? request.idc : null;
  return done(answer.value, drillPlanText(paint, name, leavesIdc, answer.value));
}

export async function abortDrill({ client, progress }: Invocation, idc: string): Promise<Outcome> {
  const answer = await progress.during('aborting', client.call('drillAbort', { body: { idc } }));
  if (!answer.ok) return failureOutcome(answer.failure);
  const text = `aborted: no further group is begun, moves before their promotion are taken back; 'pollux drill list' shows the end`;
  return done(answer.value, text);
}
