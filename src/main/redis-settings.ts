/** From the configuration's `redis` section to the driver's options; certificates are read once, at start. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RedisDriverOptions } from '../drivers/redis/redis-driver.ts';
import { type Configuration, ConfigurationError, type SecretSource } from './config.ts';

/** Null where the configuration has no such section. Throws ConfigurationError for what cannot be read. */
export function redisSettingsOf(
  configuration: Configuration,
  secret: (source: SecretSource, what: string) => string,
): RedisDriverOptions | null {
  const { redis: section } = configuration;
  if (section === undefined) return null;
  const { admin, applicationPassword, tls } = section;
  const read = (path: string, setting: string): Buffer => {
    try {
      return readFileSync(resolve(configuration.directory, path));
    } catch (error) {
      throw new ConfigurationError(`redis.tls.${setting}: ${path} cannot be read (${String(error)})`);
    }
  };
  return {
    steeringSecret: secret(section.steeringSecret, 'redis.steeringSecret'),
    admin:
      admin === undefined
        ? null
        : { username: admin.username, password: secret(admin.password, 'redis.admin.password') },
    applicationPassword:
      applicationPassword === undefined ? null : secret(applicationPassword, 'redis.applicationPassword'),
    tls:
      tls === undefined
        ? null
        : {
            ca: read(tls.caFile, 'caFile'),
            ...(tls.certificateFile === undefined
              ? {}
              : { cert: read(tls.certificateFile, 'certificateFile') }),
            ...(tls.keyFile === undefined ? {} : { key: read(tls.keyFile, 'keyFile') }),
          },
    probeIntervalMs: section.probeIntervalMs,
  };
}
