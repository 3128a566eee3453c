import { no, ok, problem, type Result } from "#core/result.ts";
import { csvRecords } from "#feeds/csv.ts";
import { limits } from "#feeds/limits.ts";
import { overlong } from "#feeds/lines.ts";
import { plainLine } from "#feeds/plain-text.ts";
import { type Inventory, InventoryTally } from "./item.ts";
import { saysExposed, worthOf } from "./standing.ts";

/** A column by the names people give it, in lower case, blanks and "-" as "_". */
const columns = {
  name: ["name", "product", "product_name", "software", "software_name", "display_name", "displayname", "application"],
  vendor: ["vendor", "publisher", "manufacturer", "supplier", "maker"],
  version: ["version", "product_version", "display_version", "displayversion", "software_version"],
  cpe: ["cpe", "cpe23", "cpe_2.3", "cpe_name"],
  purl: ["purl", "package_url"],
  asset: ["asset", "host", "hostname", "host_name", "computer", "computer_name", "device", "system"],
  exposed: ["exposed", "internet", "internet_facing", "public", "external", "exposure"],
  worth: ["worth", "criticality", "asset_value", "importance"],
} as const satisfies Record<string, readonly string[]>;
type Column = keyof typeof columns;

/**
 * A table with a header: at least a column for name, cpe or purl; comma, semicolon or tab between cells.
 * "yes", "true", "1", "internet" in `exposed` say that strangers reach it; "high", "critical" in `worth` what its loss would mean.
 *
 * @returns WGL_INVENTORY_SHAPE  @throws BadBody where a quote is never closed
 */
export const readItemTable = (bytes: Uint8Array): Result<Inventory> => {
  const tally = new InventoryTally();
  const delimiter = delimiterOf(bytes);
  let places: ReadonlyMap<Column, number> | undefined;
  let width = 0;
  for (const { line, cells } of csvRecords(bytes, delimiter, ["#"])) {
    const at = `row ${line}`;
    if (cells === overlong) {
      tally.refuse(problem("WGL_ROW_LONG", { limit: limits.rowBytes }, at));
      continue;
    }
    if (places === undefined) {
      places = placesOf(cells);
      width = cells.length;
      if (!places.has("name") && !places.has("cpe") && !places.has("purl")) return no("WGL_INVENTORY_SHAPE");
      continue;
    }
    if (cells.length !== width) {
      tally.refuse(problem("WGL_ROW_CELLS", { cells: cells.length, wanted: width }, at));
      continue;
    }
    const known = places;
    const cell = (column: Column): string => plainLine(cells[known.get(column) ?? -1] ?? "", 500);
    tally.add({
      ...{ asset: cell("asset"), vendor: cell("vendor"), name: cell("name"), version: cell("version") },
      ...{ cpes: [cell("cpe")], purl: cell("purl"), at },
      exposed: saysExposed(cell("exposed")),
      ...worthOf(cell("worth")),
    });
  }
  return places === undefined ? no("WGL_INVENTORY_SHAPE") : ok(tally.ended("table"));
};

const placesOf = (header: readonly string[]): ReadonlyMap<Column, number> => {
  const names = header.map((cell) =>
    cell
      .replace(/^\ufeff/, "")
      .trim()
      .toLowerCase()
      .replace(/[\s-]+/g, "_"),
  );
  const found = new Map<Column, number>();
  for (const column of Object.keys(columns).filter((one): one is Column => Object.hasOwn(columns, one))) {
    const wanted: readonly string[] = columns[column];
    const place = names.findIndex((name) => wanted.includes(name));
    if (place >= 0) found.set(column, place);
  }
  return found;
};

/** Of those in use, the one the header has most of. */
const delimiterOf = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(10);
  const header = Buffer.from(bytes.subarray(0, Math.min(end < 0 ? 8192 : end, 8192))).toString("utf8");
  return [",", ";", "\t"].sort((a, b) => header.split(b).length - header.split(a).length)[0] ?? ",";
};
