/** `ACL`: users are created, changed and deleted; a deleted user's connections are gone at once. */
import type { Command } from '../../../../src/drivers/redis/connections.ts';
import { fullName, wrongNumberOfWords } from '../command-table.ts';
import { type AnyReply, ErrorReply, OK } from '../reply.ts';
import type { ServerProcess } from '../server-process.ts';
import type { Session } from '../session.ts';

export function runAccessCommand(
  process: ServerProcess,
  session: Session,
  name: string,
  command: Command,
): AnyReply {
  const { access } = process;
  const [, , user = '', ...rules] = command;
  switch (name) {
    case 'acl|setuser': {
      const wrong = access.set(user, rules);
      if (wrong !== null) return new ErrorReply(`ERR Error in ACL SETUSER modifier '${wrong}': Syntax error`);
      process.host.journal.userSet(process, session, user);
      return OK;
    }
    case 'acl|deluser':
      return deleteUsers(process, session, command.slice(2));
    case 'acl|users':
      return access.all().map((one) => one.name);
    case 'acl|list':
      return access.all().map((one) => one.description().join(' '));
    case 'acl|whoami':
      return session.user?.name ?? null;
    case 'acl|dryrun':
      return dryRun(process, user, rules);
    default:
      return new ErrorReply('ERR This Redis instance is not configured to use an ACL file.');
  }
}

function deleteUsers(process: ServerProcess, session: Session, names: readonly string[]): AnyReply {
  if (names.includes('default')) return new ErrorReply("ERR The 'default' user cannot be removed");
  let deleted = 0;
  for (const name of names) {
    const user = process.access.of(name);
    if (user === null || !process.access.delete(name)) continue;
    deleted += 1;
    for (const other of [...process.sessions.values()]) {
      if (other.user !== user) continue;
      if (other === session) session.closeAfterReply = true;
      else process.drop(other, 'closed by the server');
    }
  }
  return deleted;
}

function dryRun(process: ServerProcess, name: string, command: Command): AnyReply {
  const user = process.access.of(name);
  if (user === null) return new ErrorReply(`ERR User '${name}' not found`);
  const asked = fullName(command);
  const wrong = wrongNumberOfWords(asked, command);
  if (wrong !== null) return new ErrorReply(wrong);
  return user.may(asked) ? OK : `This user has no permissions to run the '${asked}' command`;
}
