/**
 * Imported into a node's process before anything else: ends it with SIGKILL at a line of its own log, or at an event
 * that it has just handed to a reader. The line is on the disk and nothing that follows it was done, because the
 * logger writes before it returns. The production code knows nothing of this.
 *
 * Armed by a file with regular expressions, one a line, that have to come one after the other. The process looks for
 * the file each time it writes.
 */
import fs from 'node:fs';
import { ServerResponse } from 'node:http';
import { triggerOf } from '../crash-trigger.ts';

const trigger = triggerOf(process.argv[process.argv.indexOf('--config') + 1] ?? '');

/** True at the last of the lines that are waited for; each is taken off as it comes. */
function isDue(text: string): boolean {
  let awaited: string;
  try {
    awaited = fs.readFileSync(trigger, 'utf8');
  } catch {
    return false;
  }
  const [next = '', ...more] = awaited.split('\n');
  if (!new RegExp(next).test(text)) return false;
  if (more.length > 0) fs.writeFileSync(trigger, more.join('\n'));
  else fs.rmSync(trigger);
  return more.length === 0;
}

const textOf = (data: unknown): string => (typeof data === 'string' ? data : '');

const writeSync = fs.writeSync;
Object.assign(fs, {
  writeSync: (...parameters: Parameters<typeof writeSync>) => {
    const written = writeSync(...parameters);
    if (isDue(textOf(parameters[1]))) process.kill(process.pid, 'SIGKILL');
    return written;
  },
});

const write = ServerResponse.prototype.write;
ServerResponse.prototype.write = function (this: ServerResponse, ...parameters: unknown[]): boolean {
  const taken = Reflect.apply(write, this, parameters);
  const text = textOf(parameters[0]);
  if (text.startsWith('id: ') && isDue(text)) {
    // Now it is with the system, and nothing that the loop does next has begun.
    this.socket?.uncork();
    process.kill(process.pid, 'SIGKILL');
  }
  return taken;
};
