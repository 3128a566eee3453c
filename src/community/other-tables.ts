import type { Problem } from "#core/result.ts";
import type { ContactTables, TableRow } from "./contact-tables.ts";

/** One row of another system's table: texts of a dump, or what a document of JSON holds. `at` is "org row 12". */
export interface OtherRow {
  readonly at: string;
  readonly fields: Readonly<Record<string, unknown>>;
}
export type OtherTables = ReadonlyMap<string, readonly OtherRow[]>;

/** Another system's tables as contact tables (`contact-tables.ts`), and what has no place there. */
export interface Translated {
  readonly tables: ContactTables;
  readonly untaken: readonly Problem[];
  readonly problems: readonly Problem[];
}

/** Rows of contact tables on their way. Whatever nobody proved goes to the `…_automatic` twin. */
export class Translation {
  readonly untaken: Problem[] = [];
  readonly problems: Problem[] = [];
  readonly #tables = new Map<string, TableRow[]>();
  #n = 0;

  put(table: string, at: string, fields: Readonly<Record<string, string | undefined>>): void {
    const rows = this.#tables.get(table) ?? [];
    this.#tables.set(table, rows);
    const said = Object.entries(fields).filter((one): one is [string, string] => one[1] !== undefined && one[1] !== "");
    // contact tables put their own name in front of the place
    rows.push({ at: `(${at})`, fields: new Map(said) });
  }

  /** Something an organisation holds. */
  hold(
    kind: "network" | "fqdn" | "asn",
    at: string,
    {
      organisation,
      value,
      proven,
    }: { readonly organisation: string; readonly value: string; readonly proven: boolean },
  ): void {
    const suffix = proven ? "" : "_automatic";
    const owner = { [`organisation${suffix}_id`]: organisation };
    if (kind === "asn") {
      this.put(`organisation_to_asn${suffix}`, at, { ...owner, asn: value.replace(/^AS/i, "") });
      return;
    }
    const id = { [`${kind}${suffix}_id`]: String(++this.#n) };
    this.put(`${kind}${suffix}`, at, { ...id, [kind === "network" ? "address" : "fqdn"]: value });
    this.put(`organisation_to_${kind}${suffix}`, at, { ...owner, ...id });
  }

  done(): Translated {
    return { tables: this.#tables, untaken: this.untaken, problems: this.problems };
  }
}

/** The first of these members that says something, as text. */
export const textIn = (fields: Readonly<Record<string, unknown>>, ...names: readonly string[]): string | undefined => {
  for (const name of names) {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (typeof value === "string" && value.trim() !== "") return value.trim();
    if (typeof value === "number" && Number.isFinite(value)) return String(value);
  }
  return undefined;
};

/** Yes as databases and JSON write it. */
export const isYes = (value: unknown): boolean =>
  value === true || value === 1 || (typeof value === "string" && /^(?:1|t|true|yes)$/i.test(value.trim()));

export const isNo = (value: unknown): boolean =>
  value === false || value === 0 || (typeof value === "string" && /^(?:0|f|false|no)$/i.test(value.trim()));
