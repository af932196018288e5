/** Everything that can be said of a configuration without opening or changing anything. */
import { addressTableOf } from './address-ranges.ts';
import { readConfiguration } from './config.ts';
import { redisSettingsOf, sentinelClientSettingsOf } from './redis-settings.ts';
import { secretOf } from './secret-source.ts';
import { sentinelSettingsOf } from './sentinel-settings.ts';

/** Returns a line that says what would be started; throws ConfigurationError for what a start would refuse. */
export function checkedConfiguration(path: string, warn: (text: string) => void): string {
  const configuration = readConfiguration(path);
  const secret: Parameters<typeof redisSettingsOf>[1] = (source, what) =>
    secretOf(configuration, source, what, warn);
  secret(configuration.peerSecret, 'peerSecret');
  if (configuration.operatorToken !== undefined) secret(configuration.operatorToken, 'operatorToken');
  redisSettingsOf(configuration, secret);
  sentinelClientSettingsOf(configuration, secret);
  sentinelSettingsOf(configuration, secret);
  addressTableOf(configuration);
  const { node, nodes, dataDirectory, listen } = configuration;
  const names = nodes.map(({ name }) => name).join(', ');
  return `${path} can be used: ${node} of ${names}; data in ${dataDirectory}, HTTP on ${listen.http}, peers on ${listen.peer}`;
}
