/**
 * From the configuration's `redis` section to the options of the driver and of the client of Sentinels. Certificates are
 * read at start.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RedisDriverOptions } from '../drivers/redis/redis-driver.ts';
import type { SentinelClientOptions } from '../drivers/redis/sentinel-client.ts';
import { type Configuration, ConfigurationError } from './config.ts';
import type { SecretReader } from './secret-source.ts';

/** Null where the configuration has no such section. Throws ConfigurationError for what cannot be read. */
export function redisSettingsOf(
  configuration: Configuration,
  secret: SecretReader,
): RedisDriverOptions | null {
  const { redis: section } = configuration;
  if (section === undefined) return null;
  const { admin, applicationPassword } = section;
  return {
    steeringSecret: secret(section.steeringSecret, 'redis.steeringSecret'),
    admin:
      admin === undefined
        ? null
        : { username: admin.username, password: secret(admin.password, 'redis.admin.password') },
    applicationPassword:
      applicationPassword === undefined ? null : secret(applicationPassword, 'redis.applicationPassword'),
    tls: certificatesOf(configuration),
    probeIntervalMs: section.probeIntervalMs,
  };
}

/** How real Sentinels are asked, where there are any. Throws ConfigurationError for what cannot be read. */
export function sentinelClientSettingsOf(
  configuration: Configuration,
  secret: SecretReader,
): SentinelClientOptions {
  const login = configuration.redis?.sentinels;
  const { admin = null, applicationPassword = null } = redisSettingsOf(configuration, secret) ?? {};
  const application =
    applicationPassword === null ? null : { username: 'default', password: applicationPassword };
  return {
    tls: certificatesOf(configuration),
    owner: admin ?? application,
    login:
      login === undefined
        ? null
        : { username: login.username, password: secret(login.password, 'redis.sentinels.password') },
  };
}

function certificatesOf({ redis, directory }: Configuration): RedisDriverOptions['tls'] {
  const tls = redis?.tls;
  if (tls === undefined) return null;
  const read = (path: string, setting: string): Buffer => {
    try {
      return readFileSync(resolve(directory, path));
    } catch (error) {
      throw new ConfigurationError(`redis.tls.${setting}: ${path} cannot be read (${String(error)})`);
    }
  };
  return {
    ca: read(tls.caFile, 'caFile'),
    ...(tls.certificateFile === undefined ? {} : { cert: read(tls.certificateFile, 'certificateFile') }),
    ...(tls.keyFile === undefined ? {} : { key: read(tls.keyFile, 'keyFile') }),
  };
}
