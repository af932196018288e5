/** Command lines that operators are shown to copy: they mean the group that they were shown for, in any cluster. */
import type { ClusterName, GroupName } from './identifiers.ts';

/** The cluster that is meant where none is named. */
export const DEFAULT_CLUSTER = 'default';

export function commandFor(
  { name, cluster }: { readonly name: GroupName; readonly cluster: ClusterName },
  command: string,
  ...options: readonly string[]
): string {
  const elsewhere = cluster === DEFAULT_CLUSTER ? [] : [`--cluster ${cluster}`];
  return ['pollux', command, name, ...options, ...elsewhere].join(' ');
}
