import { createHash } from "node:crypto";
import { problem } from "#core/result.ts";
import { isNo, isYes, type OtherTables, textIn, type Translated, Translation } from "./other-tables.ts";

/** Tables of n6's auth DB that are read; of others (keys, passwords, requests) nothing is. */
export const n6Tables: ReadonlySet<string> = new Set([
  ...["org", "email_notification_address", "contact_point", "inside_filter_asn", "inside_filter_cc"],
  ...["inside_filter_fqdn", "inside_filter_ip_network", "inside_filter_url", "org_group", "org_org_group_link"],
  ...["org_inside_subsource_link", "org_threats_subsource_link", "email_notification_time"],
]);

/**
 * n6's auth DB as contact tables: organisations, the addresses that are notified, and what the filter calls *inside* of each
 * (AS numbers, domain names, networks). An operator entered all of it, so it was checked by staff; an organisation that is
 * not `verified` there only declared it.
 *
 * @see github.com/CERT-Polska/n6, N6Lib/n6lib/auth_db/models.py
 */
export const readN6 = (tables: OtherTables): Translated => {
  const out = new Translation();
  const rowsOf = (table: string) => tables.get(table) ?? [];
  const unproven = new Set<string>();
  for (const { at, fields } of rowsOf("org")) {
    const id = textIn(fields, "org_id");
    const sector = textIn(fields, "entity_type_label");
    if (id !== undefined && isNo(fields["verified"])) unproven.add(id);
    if (sector !== undefined) out.put("sector", at, { sector_id: sector, name: sector });
    out.put("organisation", at, {
      organisation_id: id === undefined ? undefined : numberOf(id),
      // an organisation without a name of its own is called by its id there too
      name: textIn(fields, "actual_name", "org_id"),
      sector_id: sector,
    });
    if (isNo(fields["email_notification_enabled"]) && id !== undefined)
      out.untaken.push(problem("WGL_MOVE_UNTAKEN", { what: "notifications switched off", value: id }, at));
    if (isYes(fields["full_access"]) && id !== undefined)
      out.untaken.push(problem("WGL_MOVE_UNTAKEN", { what: "full access", value: id }, at));
  }
  const owner = (fields: Readonly<Record<string, unknown>>): string => numberOf(textIn(fields, "org_id") ?? "");
  for (const { at, fields } of rowsOf("email_notification_address"))
    out.put("contact", at, { organisation_id: owner(fields), email: textIn(fields, "email") });
  for (const { at, fields } of rowsOf("contact_point"))
    if (textIn(fields, "email") === undefined)
      out.untaken.push(
        problem(
          "WGL_MOVE_UNTAKEN",
          { what: "contact without an address", value: textIn(fields, "name", "title") ?? "" },
          at,
        ),
      );
    else
      out.put("contact", at, {
        ...{ organisation_id: owner(fields), email: textIn(fields, "email") },
        ...{ firstname: textIn(fields, "name"), lastname: textIn(fields, "surname"), tel: textIn(fields, "phone") },
      });
  for (const [table, column, kind] of [
    ["inside_filter_asn", "asn", "asn"],
    ["inside_filter_fqdn", "fqdn", "fqdn"],
    ["inside_filter_ip_network", "ip_network", "network"],
  ] as const)
    for (const { at, fields } of rowsOf(table))
      out.hold(kind, at, {
        organisation: owner(fields),
        value: textIn(fields, column) ?? "",
        proven: !unproven.has(textIn(fields, "org_id") ?? ""),
      });
  for (const [table, column, what] of [
    ["inside_filter_cc", "cc", "whole country"],
    ["inside_filter_url", "url", "part of a URL"],
    ["org_org_group_link", "org_group_id", "group of organisations"],
    ["org_inside_subsource_link", "subsource_id", "access to a subsource"],
    ["org_threats_subsource_link", "subsource_id", "access to a subsource"],
    ["email_notification_time", "notification_time", "time of notification"],
  ] as const)
    for (const { at, fields } of rowsOf(table))
      out.untaken.push(
        problem(
          "WGL_MOVE_UNTAKEN",
          { what, value: `${textIn(fields, "org_id") ?? ""} ${textIn(fields, column) ?? ""}`.trim() },
          at,
        ),
      );
  return out.done();
};

/** n6 calls organisations by a domain-like name; two that differ in a dot stay two. */
const numberOf = (id: string): string =>
  id === ""
    ? ""
    : `${id
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, "-")
        .replaceAll(/^-|-$/g, "")}-${createHash("sha256").update(id).digest("hex").slice(0, 4)}`;
