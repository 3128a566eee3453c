import { type MispLine, textOf } from "#share/misp-out.ts";

type Json = Readonly<Record<string, unknown>>;

const plain = [
  ...["uuid", "event_id", "category", "type", "value", "comment", "to_ids", "date", "object_relation"],
  ...["attribute_tag", "object_uuid", "object_name", "object_meta_category"],
] as const;
const context = [
  ...["event_info", "event_member_org", "event_source_org", "event_distribution", "event_threat_level_id"],
  ...["event_analysis", "event_date", "event_tag", "event_timestamp"],
] as const;

/**
 * MISP's CSV: a header line unless `headerless`, every cell in quotes as its own exports have it, `event_…` columns with
 * `includeContext`. A cell that a spreadsheet would run begins with an apostrophe (OWASP CSV injection).
 */
export const mispCsv = (
  lines: readonly MispLine[],
  asked: { readonly requested: readonly string[]; readonly includeContext: boolean; readonly headerless: boolean },
): string => {
  const columns = asked.requested.length > 0 ? asked.requested : [...plain, ...(asked.includeContext ? context : [])];
  const rows = lines.map((line) => columns.map((column) => cell(valueOf(line, column))).join(","));
  return [...(asked.headerless ? [] : [columns.join(",")]), ...rows, ""].join("\n");
};

const valueOf = ({ attribute, event }: MispLine, column: string): string => {
  const part = attribute.value.part;
  const head = event.value.event;
  const object = isJson(part["Object"]) ? part["Object"] : {};
  switch (column) {
    case "date":
    case "timestamp":
      return textOf(part, "timestamp");
    case "attribute_tag":
      return tagsOf(part);
    case "object_uuid":
      return textOf(object, "uuid");
    case "object_name":
      return textOf(object, "name");
    case "object_meta_category":
      return textOf(object, "meta-category");
    case "event_member_org":
    case "event_source_org":
      return (event.value.author ?? "").split("\n", 1)[0] ?? "";
    case "event_tag":
      return tagsOf(head);
    case "event_uuid":
      return textOf(head, "uuid");
    case "event_id":
      return textOf(part, "event_id");
    default:
      return column.startsWith("event_") ? textOf(head, column.slice(6)) : textOf(part, column);
  }
};

const tagsOf = (json: Json): string =>
  (Array.isArray(json["Tag"]) ? json["Tag"] : []).map((tag) => (isJson(tag) ? textOf(tag, "name") : "")).join(",");

const formula = /^[=+\-@\t\r]/;
const cell = (text: string): string => `"${(formula.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
