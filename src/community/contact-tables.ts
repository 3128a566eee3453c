import { createHash } from "node:crypto";
import { parseEmail } from "#core/email.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { type Problem, problem } from "#core/result.ts";
import type { Asset, AssetId, AssetKind } from "./asset.ts";
import { readAsset } from "./asset-row.ts";
import type { Directory } from "./directory.ts";
import type { Ids } from "./directory-body.ts";
import { heldTwice } from "./held-twice.ts";
import type { Organisation } from "./organisation.ts";
import type { Channel, Person, PersonId, Post } from "./person.ts";

/** One row of a table, by column; `at` is "row 12" of its file. */
export interface TableRow {
  readonly at: string;
  readonly fields: ReadonlyMap<string, string>;
}
/** Rows by table: "network", "network_automatic", … */
export type ContactTables = ReadonlyMap<string, readonly TableRow[]>;

/** Tables that hold something of the directory; of each but the last four there is a twin `…_automatic`. */
export const contactTables = [
  ...["organisation", "contact", "network", "fqdn"],
  ...["organisation_to_asn", "organisation_to_network", "organisation_to_fqdn"],
  ...["sector", "national_cert", "email_status"],
  ...["organisation_annotation", "asn_annotation", "network_annotation", "fqdn_annotation"],
] as const;

export interface ContactsRead {
  /** What the tables hold beside what is known: only what is new or changed. */
  readonly directory: Directory;
  /** Row by row, with the table in front: "network row 12". */
  readonly problems: readonly Problem[];
  /** What was read, by kind, whether new or not. */
  readonly counts: Readonly<Record<string, number>>;
  /** What was understood and is not taken: inhibitions and other annotations, national CERTs, disabled addresses. */
  readonly untaken: readonly Problem[];
}

/**
 * The contact tables of IntelMQ's certbund-contact as a directory. What people entered is checked by staff; what an
 * importer wrote (`…_automatic`) is a claim nobody proved. Organisations come in shadow, so that nobody is told before a
 * person has looked; those that are here already keep what people decided about them. A row with a problem is not taken,
 * all others are; nothing is ended because it is gone there.
 *
 * @param known what is here: people are recognised by their address
 * @param origins of which system they are, and how far each kind of its tables is believed
 * @see github.com/Intevation/intelmq-certbund-contact, sql/initdb.sql
 */
export const readContactTables = (
  tables: ContactTables,
  known: Directory,
  ids: Ids,
  now: Instant,
  origins: readonly ContactOrigin[] = contactOrigins.contacts,
): ContactsRead => {
  const reading = new Reading(tables, known, ids, now, origins);
  reading.organisations();
  reading.contacts();
  reading.assets();
  reading.untaken();
  return reading.result();
};

/** A kind of tables: how they end, the letter that its organisations bear here, and how far they are believed. */
export interface ContactOrigin {
  readonly suffix: "" | "_automatic";
  readonly letter: string;
  readonly proof: "staff" | "declared";
  /** What their ids look like. */
  readonly number: RegExp;
}

const both = (checked: string, claimed: string, number: RegExp): readonly ContactOrigin[] => [
  { suffix: "", letter: checked, proof: "staff", number },
  { suffix: "_automatic", letter: claimed, proof: "declared", number },
];

/** By system. Where one organisation has both kinds of tables, both bear one letter. */
export const contactOrigins = {
  contacts: both("m", "a", /^\d+$/),
  tuency: both("t", "t", /^\d+$/),
  n6: both("n", "n", /^[a-z0-9]+(?:-[a-z0-9]+)*$/),
} as const satisfies Record<string, readonly ContactOrigin[]>;
type Origin = ContactOrigin;

class Reading {
  readonly #tables: ContactTables;
  readonly #known: Directory;
  readonly #ids: Ids;
  readonly #now: Instant;
  readonly #origins: readonly Origin[];
  readonly #problems: Problem[] = [];
  readonly #untaken: Problem[] = [];
  readonly #counts: Record<string, number> = {};
  /** By origin and the other system's id. */
  readonly #organisations = new Map<string, Organisation>();
  readonly #changed = new Map<string, Organisation>();
  readonly #people = new Map<string, Person>();
  readonly #assets = new Map<AssetId, Asset>();

  constructor(tables: ContactTables, known: Directory, ids: Ids, now: Instant, origins: readonly Origin[]) {
    this.#tables = tables;
    this.#known = known;
    this.#ids = ids;
    this.#now = now;
    this.#origins = origins;
  }

  result(): ContactsRead {
    const people = new Map(this.#known.people.map((one) => [one.id, one]));
    return {
      directory: {
        community: this.#known.community,
        organisations: [...this.#changed.values()],
        people: [...this.#people.values()].filter((one) => !same(one, people.get(one.id))),
        assets: [...this.#assets.values()],
        ...{ sensors: [], groups: [], agreements: [] },
      },
      problems: this.#problems,
      untaken: this.#untaken,
      counts: this.#counts,
    };
  }

  organisations(): void {
    const sectors = new Map(this.#rows("sector").map(({ fields }) => [fields.get("sector_id"), fields.get("name")]));
    const here = new Map(this.#known.organisations.map((one) => [one.id, one]));
    for (const origin of this.#origins)
      for (const { at, fields } of this.#rows(`organisation${origin.suffix}`)) {
        const [number, name] = [fields.get(`organisation${origin.suffix}_id`), fields.get("name")?.trim()];
        if (number === undefined || !origin.number.test(number) || name === undefined || name === "") {
          const field = name === undefined || name === "" ? "name" : `organisation${origin.suffix}_id`;
          this.#refuse(problem("WGL_MOVE_ROW", { field, value: fields.get(field) ?? "", wanted: "there" }, at));
          continue;
        }
        const key = `${slug(name)}-${origin.letter}${number}`;
        const id = this.#ids("organisation", key) as OrganisationId;
        const sector = sectors.get(fields.get("sector_id"));
        const before = this.#sameNumber(origin, number, id, here);
        const read: Organisation = {
          ...(before ?? {
            ...{ id, key, kind: "member" as const, languages: ["en"], clientOf: [], shadow: true },
            ...{ zone: this.#known.community.zone, since: this.#now },
          }),
          names: { ...before?.names, en: name.slice(0, 200) },
          ...(sector === undefined ? {} : { sector: slug(sector) }),
        };
        this.#organisations.set(`${origin.letter}${number}`, read);
        this.#count("organisations");
        if (!same(read, before)) this.#changed.set(read.id, read);
      }
  }

  /** An organisation that changed its name there keeps its key here. */
  #sameNumber(
    origin: Origin,
    number: string,
    id: OrganisationId,
    here: ReadonlyMap<OrganisationId, Organisation>,
  ): Organisation | undefined {
    const renamed = new RegExp(`-${origin.letter}${number}$`);
    return here.get(id) ?? this.#known.organisations.find(({ key }) => renamed.test(key));
  }

  contacts(): void {
    const off = new Set(
      this.#rows("email_status")
        .filter(({ fields }) => /^(?:f|false|0)$/i.test(fields.get("enabled") ?? ""))
        .map(({ fields }) => (fields.get("email") ?? "").toLowerCase()),
    );
    const byAddress = new Map(
      this.#known.people.flatMap((one) =>
        one.channels.flatMap((channel) => (channel.kind === "email" ? [[channel.address, one] as const] : [])),
      ),
    );
    for (const origin of this.#origins)
      for (const { at, fields } of this.#rows(`contact${origin.suffix}`)) {
        const organisation = this.#organisationOf(origin, at, fields);
        if (organisation === undefined) continue;
        const text = fields.get("email")?.trim() ?? "";
        const read = parseEmail(text);
        if (!read.ok) {
          this.#refuse({ ...read.problem, at });
          continue;
        }
        const address = read.value.value;
        if (off.has(text.toLowerCase())) {
          this.#untaken.push(problem("WGL_MOVE_UNTAKEN", { what: "disabled address", value: address }, at));
          continue;
        }
        this.#count("contacts");
        const before = this.#people.get(address) ?? byAddress.get(address);
        this.#people.set(address, this.#person(at, fields, address, organisation.id, before));
      }
  }

  #person(
    at: string,
    fields: TableRow["fields"],
    address: string,
    organisation: OrganisationId,
    before: Person | undefined,
  ): Person {
    const post: Post = { organisation, role: "security-contact" };
    const holds = before?.organisations.some((one) => one.organisation === organisation) === true;
    const name = [fields.get("firstname"), fields.get("lastname")]
      .map((part) => part?.trim() ?? "")
      .filter((part) => part !== "")
      .join(" ");
    const tel = fields.get("tel")?.replace(/[\s().-]/g, "");
    const phone = tel !== undefined && /^\+\d{5,15}$/.test(tel) ? tel : undefined;
    if (tel !== undefined && phone === undefined)
      this.#refuse(problem("WGL_DIRECTORY_PHONE", { value: fields.get("tel") ?? "" }, at));
    if (fields.has("openpgp_fpr"))
      this.#untaken.push(
        problem("WGL_MOVE_UNTAKEN", { what: "OpenPGP key", value: fields.get("openpgp_fpr") ?? "" }, at),
      );
    if (before !== undefined) return holds ? before : { ...before, organisations: [...before.organisations, post] };
    const key = `${slug(address)}-${createHash("sha256").update(address).digest("hex").slice(0, 6)}`;
    const channels: Channel[] = [{ kind: "email", address, proven: false }];
    if (phone !== undefined) channels.push({ kind: "phone", number: phone, proven: false });
    return {
      id: this.#ids("person", key) as PersonId,
      key,
      name: name === "" ? address : name.slice(0, 200),
      organisations: [post],
      channels,
    };
  }

  assets(): void {
    const here = new Map(this.#known.assets.map((one) => [one.id, one]));
    const twice = heldTwice();
    const hold = (origin: Origin, at: string, fields: TableRow["fields"], kind: AssetKind, value: string): void => {
      const organisation = this.#organisationOf(origin, at, fields);
      if (organisation === undefined) return;
      const read = readAsset({ kind, value, proof: origin.proof }, (_field, why) => this.#refuse({ ...why, at }));
      if (read === undefined || twice.see({ ...read, organisation: organisation.id }, at) !== undefined) return;
      this.#count(`${kind}s`);
      const id = this.#ids("asset", `moved in\0${organisation.key}\0${kind}\0${read.value}`) as AssetId;
      // what people decided about it here since (its end, its worth, its proof) stays
      if (!here.has(id)) this.#assets.set(id, { ...read, id, organisation: organisation.id });
    };
    for (const origin of this.#origins) {
      const { suffix } = origin;
      for (const { at, fields } of this.#rows(`organisation_to_asn${suffix}`))
        hold(origin, at, fields, "asn", `AS${fields.get("asn") ?? ""}`);
      for (const [table, column, kind] of [
        ["network", "address", "network"],
        ["fqdn", "fqdn", "domain"],
      ] as const) {
        const idColumn = `${table}${suffix}_id`;
        const rows = new Map(this.#rows(`${table}${suffix}`).map((row) => [row.fields.get(idColumn), row]));
        for (const { at, fields } of this.#rows(`organisation_to_${table}${suffix}`)) {
          const named = rows.get(fields.get(idColumn));
          if (named === undefined)
            this.#refuse(problem("WGL_MOVE_REF", { table: `${table}${suffix}`, id: fields.get(idColumn) ?? "" }, at));
          else hold(origin, named.at, fields, kind, named.fields.get(column)?.trim() ?? "");
        }
      }
    }
  }

  untaken(): void {
    for (const kind of ["organisation", "asn", "network", "fqdn"])
      for (const { at, fields } of this.#rows(`${kind}_annotation`)) {
        const annotation = fields.get("annotation") ?? "";
        const what = /inhibit/i.test(annotation) ? `inhibition of ${kind}` : `annotation of ${kind}`;
        this.#untaken.push(problem("WGL_MOVE_UNTAKEN", { what, value: annotation.slice(0, 200) }, at));
      }
    for (const { at, fields } of this.#rows("national_cert"))
      this.#untaken.push(
        problem("WGL_MOVE_UNTAKEN", { what: "national CERT", value: fields.get("country_code") ?? "" }, at),
      );
  }

  #rows(table: string): readonly TableRow[] {
    return (this.#tables.get(table) ?? []).map((row) => ({ ...row, at: `${table} ${row.at}` }));
  }

  #organisationOf({ suffix, letter }: Origin, at: string, fields: TableRow["fields"]): Organisation | undefined {
    const number = fields.get(`organisation${suffix}_id`) ?? "";
    const found = this.#organisations.get(`${letter}${number}`);
    if (found === undefined) this.#refuse(problem("WGL_MOVE_REF", { table: `organisation${suffix}`, id: number }, at));
    return found;
  }

  #count(word: string): void {
    this.#counts[word] = (this.#counts[word] ?? 0) + 1;
  }

  #refuse(why: Problem): void {
    this.#problems.push(why);
  }
}

/** "Transport Bureau (HK)" is "transport-bureau-hk"; a name without Latin letters or digits is "organisation". */
const slug = (name: string): string => {
  const plain = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40)
    .replace(/-+$/, "");
  return /^[a-z]/.test(plain) ? plain : plain === "" ? "organisation" : `o-${plain}`;
};

const same = (a: object, b: object | undefined): boolean =>
  b !== undefined && JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

/** Members in one order: rows of the store come in another. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, one]) => [key, sorted(one)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
};
