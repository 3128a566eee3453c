import { problem } from "#core/result.ts";
import { BadBody } from "#feeds/bad-body.ts";
import type { Row } from "#feeds/feed.ts";
import { jsonField, parseJson } from "#feeds/json.ts";
import { limits } from "#feeds/limits.ts";
import { linesOf, overlong } from "#feeds/lines.ts";
import { type SaidName, nameRow } from "#feeds/name-row.ts";

/** What ATT&CK names, by STIX type. @see https://github.com/mitre-attack/attack-stix-data/blob/master/USAGE.md §1 */
const kinds: ReadonlyMap<unknown, string> = new Map([
  ["attack-pattern", "technique"],
  ["x-mitre-tactic", "tactic"],
  ["intrusion-set", "group"],
  ["malware", "malware"],
  ["tool", "tool"],
  ["campaign", "campaign"],
]);

/** A bundle, or an object a line; objects that name nothing (relationships, mitigations, data sources) are no rows. */
export const attackRows = (bytes: Uint8Array): readonly Row[] => {
  const objects = [...objectsIn(bytes)];
  const list = domainOf(objects.map(({ object }) => object));
  return objects.flatMap(({ row, object }) => {
    if (object === overlong)
      return [
        { row, result: { ok: false, problem: problem("WGL_ROW_LONG", { limit: limits.rowBytes }, `row ${row}`) } },
      ];
    if (typeof object !== "object" || object === null)
      return [{ row, result: { ok: false, problem: problem("WGL_ROW_JSON", {}, `row ${row}`) } }];
    const kind = kinds.get(jsonField(object, "type"));
    if (kind !== undefined) return [nameRow(row, said(object, kind, list), () => JSON.stringify(object))];
    const hasType = typeof jsonField(object, "type") === "string";
    return hasType
      ? []
      : [{ row, result: { ok: false, problem: problem("WGL_ROW_FIELD", { field: "type" }, `row ${row}`) } }];
  });
};

interface Numbered {
  readonly row: number;
  readonly object: unknown;
}

function* objectsIn(bytes: Uint8Array): Generator<Numbered, void, undefined> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.indexOf(10);
  const first = end < 0 || end > limits.rowBytes ? undefined : documentIn(buffer.toString("utf8", 0, end));
  const alone = typeof first === "object" && first !== null && jsonField(first, "objects") === undefined;
  if (!alone) {
    const bundle = parseJson(bytes);
    const objects = jsonField(bundle, "objects");
    if (jsonField(bundle, "type") !== "bundle" || !Array.isArray(objects))
      throw new BadBody("WGL_BODY_SHAPE", { wanted: "a STIX bundle" });
    for (const [at, object] of objects.entries()) yield { row: at + 1, object };
    return;
  }
  let row = 0;
  for (const line of linesOf(bytes)) {
    row++;
    if (line === overlong) yield { row, object: overlong };
    else if (line.trim() !== "") yield { row, object: documentIn(line) };
  }
}

const documentIn = (line: string): unknown => {
  try {
    return parseJson(Buffer.from(line));
  } catch (error) {
    if (error instanceof BadBody) return undefined;
    throw error;
  }
};

/** The domain most objects are of: a group that both Enterprise and ICS name stands in each with both domains. */
const domainOf = (objects: readonly unknown[]): string => {
  const counts = new Map<string, number>();
  for (const object of objects) {
    const domains = jsonField(object, "x_mitre_domains");
    if (!Array.isArray(domains)) continue;
    for (const one of domains) if (typeof one === "string") counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return most?.[0].slice(0, 100) ?? "attack";
};

/** Revoked: another object took its place. Deprecated: nothing did. Both keep their ids. */
const said = (object: object, kind: string, list: string): SaidName => {
  const references = jsonField(object, "external_references");
  const own = (Array.isArray(references) ? references : []).find((one: unknown) =>
    /^mitre-(?:ics-|mobile-)?attack$/.test(String(jsonField(one, "source_name"))),
  ) as unknown;
  const url = jsonField(own, "url");
  return {
    ...{ list, kind, id: jsonField(own, "external_id"), name: jsonField(object, "name") },
    aliases: jsonField(object, "x_mitre_aliases") ?? jsonField(object, "aliases"),
    url: typeof url === "string" && url.length <= 2000 && url.startsWith("https://attack.mitre.org/") ? url : undefined,
    gone: jsonField(object, "revoked") === true || jsonField(object, "x_mitre_deprecated") === true,
  };
};
