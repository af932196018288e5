/** The route of the contract out of the route of the core, one to one. */
import type { RouteAnswer } from '../../../contract/routes.ts';
import type { Route } from '../../../core/routing/route.ts';

export const routeView = (route: Route): RouteAnswer => ({
  ...route,
  groups: route.groups.map((group) => ({
    ...group,
    slaves: [...group.slaves],
    write: group.write === null ? null : { ...group.write, user: `w-${group.write.syncSetVersion}` },
  })),
});
