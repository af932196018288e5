/** Everything about a Redis server that taking it on could change, to be compared before and after. */
import type { RedisServer } from './redis-server.ts';

/** For the configuration of a server: who takes the picture. A managed server leaves `default` no right to look. */
export const OBSERVER = 'user observer on nopass +config|get +acl|list +role +dbsize +info';

export type ServerPicture = {
  readonly settings: Readonly<Record<string, string>>;
  readonly users: readonly string[];
  readonly role: string;
  readonly keys: number;
  /** Null where the server has no file. */
  readonly file: string | null;
};

const listOf = (answer: unknown): readonly unknown[] => (Array.isArray(answer) ? answer : []);

/** Of a server whose configuration holds {@link OBSERVER}. */
export async function pictureOf(server: RedisServer): Promise<ServerPicture> {
  const client = server.client({ username: 'observer', password: 'any' });
  try {
    const settings = listOf(await client.call('CONFIG', 'GET', '*')).map(String);
    // Of a replication role the first part says what it is; offsets and links move by themselves.
    const [role, host, port] = listOf(await client.call('ROLE'));
    return {
      settings: Object.fromEntries(
        settings.flatMap((name, at) => (at % 2 === 0 ? [[name, settings[at + 1] ?? '']] : [])),
      ),
      users: listOf(await client.call('ACL', 'LIST')).map(String),
      role: role === 'slave' ? `slave of ${String(host)}:${String(port)}` : String(role),
      keys: Number(await client.call('DBSIZE')),
      file: fileOf(server),
    };
  } finally {
    client.disconnect();
  }
}

function fileOf(server: RedisServer): string | null {
  try {
    return server.fileText();
  } catch {
    return null;
  }
}
