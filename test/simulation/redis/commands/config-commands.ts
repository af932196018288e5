/** `CONFIG`: settings in memory, and writing them and the users to the file as they are at that moment. */
import type { Command } from '../../../../src/drivers/redis/connections.ts';
import { type AnyReply, ErrorReply, OK } from '../reply.ts';
import type { ServerProcess } from '../server-process.ts';

export function runConfigCommand(process: ServerProcess, name: string, command: Command): AnyReply {
  const words = command.slice(2);
  if (name === 'config|get') return words.flatMap((wanted) => read(process, wanted));
  if (name === 'config|rewrite') {
    const problem = process.host.rewriteFile(process);
    return problem === null ? OK : new ErrorReply(problem);
  }
  if (words.length % 2 !== 0) return new ErrorReply("ERR wrong number of arguments for 'config|set' command");
  for (let index = 0; index < words.length; index += 2) {
    const option = words[index] ?? '';
    if (!process.settings.has(option)) {
      return new ErrorReply(`ERR Unknown option or number of arguments for CONFIG SET - '${option}'`);
    }
  }
  for (let index = 0; index < words.length; index += 2) {
    process.settings.set(words[index] ?? '', words[index + 1] ?? '');
  }
  process.feeds.settingsChanged();
  return OK;
}

function read(process: ServerProcess, name: string): readonly string[] {
  if (name === 'replicaof') {
    const { master } = process.link;
    return [name, master === null ? '' : `${master.host} ${master.port}`];
  }
  return process.settings.has(name) ? [name, process.settings.text(name)] : [];
}
