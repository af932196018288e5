/** What operators say when they move masters out of an IDC, or back. */
import type { Command } from '../../../src/core/metadata/command.ts';
import { unreachable } from '../../../src/core/primitives/assert.ts';
import { siteName } from '../../../src/core/primitives/identifiers.ts';
import type { BrokerFault } from './broker-plan.ts';

type DrillFault = Extract<BrokerFault, { kind: 'evacuate' | 'returnTo' | 'abortDrill' | 'preferIdc' }>;

export function drillCommand(fault: DrillFault, nowMs: number): Command {
  const idc = siteName(fault.idc);
  const said = { by: 'operator', wallMs: Math.round(nowMs) };
  const begins = {
    type: 'drill.begin',
    drillId: `drill-at-${nowMs}`,
    idc,
    groups: null,
    resyncs: 1,
  } as const;
  switch (fault.kind) {
    case 'evacuate':
      return { ...begins, ...said, kind: 'evacuation', parallel: fault.parallel, healthyMs: 0 };
    case 'returnTo':
      return { ...begins, ...said, kind: 'return', parallel: 1, healthyMs: Math.round(fault.healthyMs) };
    case 'abortDrill':
      return { ...said, type: 'drill.abort', idc };
    case 'preferIdc': {
      const rule = { preferredIdc: idc, returnAfterMs: fault.returnAfterMs };
      return { ...said, type: 'return.setRule', scope: { kind: 'all' }, rule };
    }
    default:
      return unreachable(fault);
  }
}
