/** From the configuration's address ranges to the table that places clients which do not say their IDC. */
import { siteName } from '../core/primitives/identifiers.ts';
import { type AddressTable, buildAddressTable } from '../core/routing/idc-of-address.ts';
import { type Configuration, ConfigurationError } from './config.ts';

/** Throws ConfigurationError for a range that is none. */
export function addressTableOf(configuration: Configuration): AddressTable {
  const ranges = configuration.addressRanges.map(({ range, idc }) => ({ range, site: siteName(idc) }));
  const table = buildAddressTable(ranges);
  if (!table.ok) throw new ConfigurationError(`addressRanges: ${table.refusal.message}`);
  return table.value;
}
