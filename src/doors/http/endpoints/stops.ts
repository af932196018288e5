/** Stops of automatic action. */

import type { z } from 'zod';
import { ENDPOINTS } from '../../../contract/endpoints.ts';
import type { stopScopeSchema } from '../../../contract/stops.ts';
import type { StopScope } from '../../../core/metadata/state.ts';
import { unreachable } from '../../../core/primitives/assert.ts';
import { siteName } from '../../../core/primitives/identifiers.ts';
import { accepted } from '../../../core/primitives/refusal.ts';
import { serve, serveBody } from '../served-endpoint.ts';
import { propose } from '../submit.ts';
import { stopView } from '../views/stop-view.ts';
import { keyOf } from './lookups.ts';

function scopeOf(query: { readonly cluster: string }, scope: z.output<typeof stopScopeSchema>): StopScope {
  switch (scope.kind) {
    case 'all':
      return { kind: 'all' };
    case 'idc':
      return { kind: 'idc', site: siteName(scope.site) };
    case 'group':
      return { kind: 'group', group: keyOf(query, scope.group) };
    default:
      return unreachable(scope);
  }
}

export const stopList = serve(ENDPOINTS.stopList, ({ ports: { face } }) =>
  accepted({ stops: face.state().stops.map(stopView) }),
);

export const stopAdd = serveBody(ENDPOINTS.stopAdd, ({ query, body, by, ports }) => {
  const { wallMs } = ports.clock.now();
  const stop = {
    scope: scopeOf(query, body.scope),
    by,
    reason: body.reason,
    sinceWallMs: wallMs,
    untilWallMs: body.forMs === undefined ? null : wallMs + body.forMs,
  };
  return propose(ports, { type: 'automatic.stop', stop }, 'stop');
});

export const stopResume = serveBody(ENDPOINTS.stopResume, ({ query, body, by, ports }) => {
  const { wallMs } = ports.clock.now();
  return propose(ports, { type: 'automatic.resume', scope: scopeOf(query, body.scope), by, wallMs });
});
