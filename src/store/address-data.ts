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

const folderOf = (pack: string): string | undefined => {
  try {
    return dirname(fileURLToPath(import.meta.resolve(pack)));
  } catch {
    return undefined;
  }
};
