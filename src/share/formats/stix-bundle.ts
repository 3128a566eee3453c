import { createHash } from "node:crypto";
import { checkPattern } from "#stix/pattern-check.ts";
import { uuidText } from "#stix/sco-id.ts";
import { markingOfTlp, tlpMarkingObject } from "#stix/tlp-markings.ts";
import { licences, tlps } from "#core/marking.ts";
import type { Grade } from "#core/grade.ts";
import type { Observable } from "#core/observable.ts";
import type { ListAbout, ListRow } from "#share/list-entry.ts";
import type { ListFormat } from "./format.ts";

/**
 * A STIX 2.1 bundle of indicators. Ids are this deployment's own and the same for ever: the namespace of §2.9 belongs to
 * cyber-observables and is not used. Marking definitions and the identity that made them come first, so that nothing dangles.
 *
 * @see STIX 2.1 §4.7 Indicator, §7.2.1 Marking Definition, §8 Bundle, Appendix A (confidence)
 */
export const stixBundle: ListFormat = {
  type: "application/stix+json;version=2.1",
  head: (about) => {
    const objects = [
      identityOf(about),
      ...tlps.map((tlp) => tlpMarkingObject(markingOfTlp[tlp])),
      ...Object.entries(licences).map(([licence, { why }]) => ({
        ...{ type: "marking-definition", spec_version: "2.1", id: licenceMarking(about, licence) },
        ...{ created_by_ref: identityId(about), created: epoch, definition_type: "statement" },
        definition: { statement: `Licence ${licence}: ${why}` },
      })),
    ];
    return `{"type":"bundle","id":"bundle--${ownUuid(about, "bundle", about.name)}","objects":[\n${objects.map((one) => JSON.stringify(one)).join(",\n")}`;
  },
  row: (row, about) => {
    const object = stixIndicator(row, about);
    return object === undefined ? undefined : `,\n${JSON.stringify(object)}`;
  },
  foot: () => "\n]}\n",
};

/** What was said before anything could be: the identity and its markings never change, so their times do not either. */
const epoch = "2020-01-01T00:00:00.000Z";

/** Version 5 in a namespace of this deployment: `idOf` is keyed, so that nobody else can mint or foresee one. */
const ownUuid = (about: ListAbout, kind: string, name: string): string =>
  uuidText(createHash("sha1").update(about.idOf("stix-export", kind)).update("\0").update(name).digest(), 5);

const identityId = (about: ListAbout): string => `identity--${ownUuid(about, "identity", "community")}`;
const licenceMarking = (about: ListAbout, licence: string): string =>
  `marking-definition--${ownUuid(about, "licence", licence)}`;

const identityOf = (about: ListAbout): object => ({
  ...{ type: "identity", spec_version: "2.1", id: identityId(about), created: epoch, modified: epoch },
  ...{ name: about.community, identity_class: "organization" },
});

/**
 * Id under which an indicator leaves this deployment as STIX. What was revoked stays revoked (STIX 2.1 §3.6.2), so a value that
 * comes back to the same reader is another object.
 */
export const stixIndicatorId = (about: ListAbout, indicator: string): string =>
  `indicator--${ownUuid(about, "indicator", `${indicator}${about.again?.get(indicator) ?? ""}`)}`;

/** Undefined where STIX has no word for the value: a path on any host. */
export const stixIndicator = (row: ListRow, about: ListAbout): Readonly<Record<string, unknown>> | undefined => {
  const { value: it, note } = row;
  const pattern = stixPattern(it);
  if (pattern === undefined) return undefined;
  const first = it.firstSeen ?? it.lastSeen ?? about.changed;
  const last = Math.max(it.lastSeen ?? first, first);
  const until = it.liveUntil;
  const confidence = it.grade === undefined ? undefined : confidenceOf[it.grade.statement];
  const labels = [...new Set(it.labels ?? [])].filter((label) => label !== "" && label.isWellFormed());
  const sources = it.sources === undefined || it.sources === "" ? [] : it.sources.split("; ");
  return {
    ...{ type: "indicator", spec_version: "2.1", id: stixIndicatorId(about, it.id), created_by_ref: identityId(about) },
    ...{ created: iso(first), modified: iso(last) },
    ...(labels.length === 0 ? {} : { labels }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(sources.length === 0
      ? {}
      : { external_references: sources.map((source) => ({ source_name: source, description: "listed it" })) }),
    object_marking_refs: [markingOfTlp[note.tlp], licenceMarking(about, note.licence)],
    ...{ name: it.value.slice(0, 200), indicator_types: ["malicious-activity"] },
    description: `Listed as ${it.kind}; TLP:${note.tlp.toUpperCase()}, PAP:${note.pap.toUpperCase()}`,
    ...{ pattern, pattern_type: "stix", pattern_version: "2.1", valid_from: iso(first) },
    ...(until === undefined || until <= first ? {} : { valid_until: iso(until) }),
  };
};

/** A new version that says: no longer. It needs only what an indicator must have (STIX 2.1 §3.6.2). */
export const stixRevoked = (
  indicator: Observable & {
    readonly id: string;
    readonly firstSeen: number;
    readonly recalledAt: number;
    readonly tlp: keyof typeof markingOfTlp;
  },
  about: Omit<ListAbout, "again">,
): Readonly<Record<string, unknown>> | undefined => {
  const pattern = stixPattern(indicator);
  if (pattern === undefined) return undefined;
  return {
    ...{
      type: "indicator",
      spec_version: "2.1",
      id: stixIndicatorId(about, indicator.id),
      created_by_ref: identityId(about),
    },
    ...{
      created: iso(indicator.firstSeen),
      modified: iso(Math.max(indicator.recalledAt, indicator.firstSeen + 1)),
      revoked: true,
    },
    ...{ object_marking_refs: [markingOfTlp[indicator.tlp]] },
    ...{ pattern, pattern_type: "stix", pattern_version: "2.1", valid_from: iso(indicator.firstSeen) },
  };
};

const iso = (time: number): string => new Date(time).toISOString();

/** STIX 2.1 Appendix A, Admiralty credibility; 6 (cannot be judged): the property is absent. */
const confidenceOf: Readonly<Record<Grade["statement"], number | undefined>> = {
  1: 90,
  2: 70,
  3: 50,
  4: 30,
  5: 10,
  6: undefined,
};

const paths: Partial<Record<Observable["kind"], string>> = {
  ...{
    ipv4: "ipv4-addr:value",
    ipv6: "ipv6-addr:value",
    domain: "domain-name:value",
    url: "url:value",
    email: "email-addr:value",
  },
  ...{
    md5: "file:hashes.MD5",
    sha1: "file:hashes.'SHA-1'",
    sha256: "file:hashes.'SHA-256'",
    sha512: "file:hashes.'SHA-512'",
  },
};

/**
 * One observable as a pattern. What a strict reader would not take (a value that is not what its kind says) is not said: one bad
 * object makes a whole bundle suspect. @see STIX 2.1 §9
 */
export const stixPattern = (observable: Observable): string | undefined => {
  const text = patternText(observable);
  if (text === undefined) return undefined;
  const { problems, warnings } = checkPattern(text);
  return problems.length + warnings.length === 0 ? text : undefined;
};

const patternText = ({ kind, value }: Observable): string | undefined => {
  if (value === "" || !value.isWellFormed()) return undefined;
  const path = paths[kind];
  if (path !== undefined) return `[${path} = ${literal(value)}]`;
  switch (kind) {
    case "cidr":
      return `[${value.includes(":") ? "ipv6" : "ipv4"}-addr:value ISSUBSET ${literal(value)}]`;
    case "asn":
      return /^AS\d{1,10}$/.test(value) ? `[autonomous-system:number = ${value.slice(2)}]` : undefined;
    case "endpoint": {
      const at = value.lastIndexOf(":");
      const host = value.slice(0, at).replace(/^\[|\]$/g, "");
      return `[network-traffic:dst_ref.value = ${literal(host)} AND network-traffic:dst_port = ${Number(value.slice(at + 1))}]`;
    }
    default:
      return undefined;
  }
};

/** §9.4.1: backslash and quote are escaped with a backslash. */
const literal = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
