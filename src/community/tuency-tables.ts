import { createHash } from "node:crypto";
import { problem } from "#core/result.ts";
import { isYes, type OtherRow, type OtherTables, textIn, type Translated, Translation } from "./other-tables.ts";

/** Tables of Tuency that are read. The first is what a document without names holds. */
export const tuencyTables: ReadonlySet<string> = new Set([
  ...["organisations", "contacts", "networks", "asns", "fqdns", "ripe_handles", "ripe_org_hdls", "lookups"],
  ...["network_organisation", "organisation_network", "asn_organisation", "organisation_asn"],
  ...["fqdn_organisation", "organisation_fqdn", "netobject_rules", "rules", "organisation_rules"],
]);

/**
 * Tuency's contact database as contact tables: its organisations with contacts and *netobjects* (networks, AS numbers, domain
 * names). A claim that was approved there was checked by staff; one that is pending is declared; a denied one is not taken.
 * What belongs to an organisation stands inside it, in a table with its `organisation_id`, or in a table between the two.
 *
 * `lookups` are answers of its API for IntelMQ with what was asked, a line each: {"asked": {"ip": "192.0.2.1"}, "answer":
 * {"ip": {"destinations": [{"source": "portal", "name": …, "contacts": [{"email": …}]}]}, "suppress": true}}. They know names
 * and addresses only: whom they name is declared.
 *
 * @see gitlab.com/intevation/tuency/tuency, backend/docs/IntelMQ-API.md; github.com/certtools/intelmq, Tuency expert
 */
export const readTuency = (tables: OtherTables): Translated => {
  const out = new Translation();
  for (const { at, fields } of rowsOf(tables, "organisations")) {
    const id = textIn(fields, "id", "organisation_id");
    out.put("organisation", at, { organisation_id: id, name: textIn(fields, "full_name", "name", "title") });
    if (id === undefined) continue;
    for (const [n, contact] of listIn(fields, "contacts").entries())
      putContact(out, `${at} contact ${n + 1}`, id, contact);
    for (const { kind, names } of netobjects)
      for (const name of names)
        for (const [n, one] of listIn(fields, name).entries()) hold(out, kind, `${at} ${name} ${n + 1}`, id, one);
    for (const name of ["ripe_handles", "ripe_org_hdls"])
      for (const [n, one] of listIn(fields, name).entries()) putHandle(out, `${at} ${name} ${n + 1}`, one);
    if (textIn(fields, "parent_id", "parent") !== undefined)
      out.untaken.push(
        problem(
          "WGL_MOVE_UNTAKEN",
          { what: "parent organisation", value: textIn(fields, "parent_id", "parent") ?? "" },
          at,
        ),
      );
  }
  for (const { at, fields } of rowsOf(tables, "contacts")) {
    const id = textIn(fields, "organisation_id");
    if (id !== undefined) putContact(out, at, id, fields);
  }
  for (const { kind, names, pairs } of netobjects) {
    const known = new Map<string, OtherRow>();
    for (const row of names.flatMap((table) => rowsOf(tables, table))) {
      const [id, owner] = [textIn(row.fields, "id"), textIn(row.fields, "organisation_id")];
      if (id !== undefined) known.set(id, row);
      if (owner !== undefined) hold(out, kind, row.at, owner, row.fields);
    }
    for (const { at, fields } of pairs.flatMap((table) => rowsOf(tables, table))) {
      const of = textIn(fields, `${kind}_id`) ?? "";
      const [owner, held] = [textIn(fields, "organisation_id"), known.get(of)];
      if (held === undefined || owner === undefined)
        out.problems.push(problem("WGL_MOVE_REF", { table: `${kind}s`, id: of }, at));
      else hold(out, kind, at, owner, { ...held.fields, ...pick(fields, "approval", "approval_status", "status") });
    }
  }
  for (const table of ["ripe_handles", "ripe_org_hdls"])
    for (const { at, fields } of rowsOf(tables, table)) putHandle(out, at, fields);
  for (const table of ["netobject_rules", "rules", "organisation_rules"])
    for (const { at, fields } of rowsOf(tables, table)) {
      const what = isYes(fields["suppress"]) ? "inhibition by rule" : "notification rule";
      const value = textIn(fields, "classification_taxonomy", "classification_type", "feed_name", "id") ?? "";
      out.untaken.push(problem("WGL_MOVE_UNTAKEN", { what, value }, at));
    }
  for (const row of rowsOf(tables, "lookups")) lookUp(out, row);
  return out.done();
};

type Fields = Readonly<Record<string, unknown>>;

const netobjects = [
  { kind: "network", names: ["networks"], pairs: ["network_organisation", "organisation_network"] },
  { kind: "asn", names: ["asns"], pairs: ["asn_organisation", "organisation_asn"] },
  { kind: "fqdn", names: ["fqdns"], pairs: ["fqdn_organisation", "organisation_fqdn"] },
] as const;

const rowsOf = (tables: OtherTables, table: string): readonly OtherRow[] => tables.get(table) ?? [];

/** Objects of a list, whatever else stands in it; texts are values. */
const listIn = (fields: Fields, name: string): readonly Fields[] => {
  const list = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown): Fields[] =>
    typeof one === "string" || typeof one === "number"
      ? [{ value: one }]
      : typeof one === "object" && one !== null && !Array.isArray(one)
        ? [one as Fields]
        : [],
  );
};

const pick = (fields: Fields, ...names: readonly string[]): Fields =>
  Object.fromEntries(names.flatMap((name) => (Object.hasOwn(fields, name) ? [[name, fields[name]] as const] : [])));

const hold = (out: Translation, kind: "network" | "asn" | "fqdn", at: string, owner: string, one: Fields): void => {
  // a pivot that came along: Laravel writes what stands between two tables so
  const between = one["pivot"];
  const fields = typeof between === "object" && between !== null ? { ...one, ...between } : one;
  const names = { network: ["address", "network", "cidr"], asn: ["asn", "number"], fqdn: ["fqdn", "domain"] } as const;
  const value = textIn(fields, ...names[kind], "value") ?? "";
  const approval = (textIn(fields, "approval", "approval_status", "status") ?? "approved").toLowerCase();
  if (approval === "denied" || approval === "rejected") {
    out.untaken.push(problem("WGL_MOVE_UNTAKEN", { what: `denied ${kind}`, value }, at));
    return;
  }
  out.hold(kind, at, { organisation: owner, value, proven: approval === "approved" });
};

const putContact = (out: Translation, at: string, organisation: string, fields: Fields): void => {
  const email = textIn(fields, "email", "mail");
  if (email === undefined) {
    out.untaken.push(
      problem("WGL_MOVE_UNTAKEN", { what: "contact without an address", value: textIn(fields, "id") ?? "" }, at),
    );
    return;
  }
  out.put("contact", at, {
    ...{ organisation_id: organisation, email, firstname: textIn(fields, "first_name", "firstname") },
    lastname: textIn(fields, "last_name", "lastname", "name"),
    tel: textIn(fields, "phone", "tel", "phone_1"),
    openpgp_fpr: textIn(fields, "openpgp_fpr", "pgp_fingerprint", "openpgp_pubkey"),
  });
};

const putHandle = (out: Translation, at: string, fields: Fields): void => {
  const value = textIn(fields, "ripe_org_hdl", "handle", "value", "name") ?? "";
  out.untaken.push(problem("WGL_MOVE_UNTAKEN", { what: "RIPE handle", value }, at));
};

/** An answer of the look-up: an organisation by its name alone gets a number made of it, the same every time. */
const lookUp = (out: Translation, { at, fields }: OtherRow): void => {
  const asked = inside(fields, "asked");
  const answer = inside(fields, "answer");
  for (const by of ["ip", "domain"] as const) {
    const value = textIn(asked, by) ?? textIn(fields, `asked.${by}`);
    for (const destination of listIn(inside(answer, by), "destinations")) {
      const name = textIn(destination, "name");
      if (name === undefined) continue;
      const number = BigInt(
        `0x${createHash("sha256").update(name.toLowerCase()).digest("hex").slice(0, 12)}`,
      ).toString();
      out.put("organisation_automatic", at, { organisation_automatic_id: number, name });
      for (const contact of listIn(destination, "contacts"))
        out.put("contact_automatic", at, { organisation_automatic_id: number, email: textIn(contact, "email") });
      if (value !== undefined)
        out.hold(by === "ip" ? "network" : "fqdn", at, { organisation: number, value, proven: false });
    }
    if (isYes(answer["suppress"]) && value !== undefined)
      out.untaken.push(problem("WGL_MOVE_UNTAKEN", { what: "inhibition by rule", value }, at));
  }
};

const inside = (fields: Fields, name: string): Fields => {
  const one = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof one === "object" && one !== null && !Array.isArray(one) ? (one as Fields) : {};
};
