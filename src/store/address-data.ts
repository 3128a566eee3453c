import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AddressTable } from "#intel/address-table.ts";
import type { AddressTables } from "#jobs/partitions/messages.ts";

/**
 * The address tables of the npm data packs (`@ip-location-db/asn`, CC-BY-4.0; `@ip-location-db/asn-country`, CC0-1.0), read
 * when first asked for and never before: about 1 s and 20 MB. Undefined where the packs are not installed.
 */
export const openAddressData = (): (() => Promise<AddressTable | undefined>) => {
  let table: Promise<AddressTable | undefined> | undefined;
  return () => (table ??= read());
};

const read = async (): Promise<AddressTable | undefined> => {
  const tables = await readAddressTables();
  return tables && new AddressTable(tables);
};

/** The packs' tables as they lie on disk, for a thread that reads them itself. Undefined where they are not installed. */
export const readAddressTables = async (): Promise<AddressTables | undefined> => {
  const asn = folderOf("@ip-location-db/asn/package.json");
  const country = folderOf("@ip-location-db/asn-country/package.json");
  if (asn === undefined || country === undefined) return undefined;
  const [asn4, asn6, country4, country6] = await Promise.all([
    readFile(join(asn, "asn-ipv4-num.csv")),
    readFile(join(asn, "asn-ipv6-num.csv")),
    readFile(join(country, "asn-country-ipv4-num.csv")),
    readFile(join(country, "asn-country-ipv6-num.csv")),
  ]);
  return { asn4, asn6, country4, country6 };
};

/**
 * Countries alone, for a sensor: read when first asked for and never before: half a second, and 12 MB that stay. Undefined where the pack
 * is not installed, or cannot be read: a sign-in's country is then what its record says.
 */
export const openCountryData = (): (() => AddressTable | undefined) => {
  let read: { readonly table: AddressTable | undefined } | undefined;
  return () => (read ??= { table: readCountries() }).table;
};

const readCountries = (): AddressTable | undefined => {
  const folder = folderOf("@ip-location-db/asn-country/package.json");
  if (folder === undefined) return undefined;
  const none = new Uint8Array(0);
  try {
    const country4 = readFileSync(join(folder, "asn-country-ipv4-num.csv"));
    return new AddressTable({
      ...{ asn4: none, asn6: none, country4 },
      country6: readFileSync(join(folder, "asn-country-ipv6-num.csv")),
    });
  } catch {
    return undefined;
  }
};

const folderOf = (pack: string): string | undefined => {
  try {
    return dirname(fileURLToPath(import.meta.resolve(pack)));
  } catch {
    return undefined;
  }
};
