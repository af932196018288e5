/** How a node of a crashable ground is armed; processes/crash-at-line.ts is the other side. */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';

export const triggerOf = (configFile: string): string => `${configFile}.trigger`;

export type Trigger = {
  /** The process has taken it, and is gone. */
  wentOff(): boolean;
  disarm(): void;
};

/** Ends the node that has this configuration as soon as it has written lines like these, in this order. */
export function armCrash(configFile: string, lines: readonly RegExp[]): Trigger {
  const file = triggerOf(configFile);
  // Under another name first: a process that looks meanwhile must not find half of it.
  writeFileSync(`${file}.new`, lines.map(({ source }) => source).join('\n'));
  renameSync(`${file}.new`, file);
  return { wentOff: () => !existsSync(file), disarm: () => rmSync(file, { force: true }) };
}
