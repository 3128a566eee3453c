import { memberTerms } from "#community/agreement.ts";
import { groupsOfOrganisation } from "#community/group.ts";
import type { Recipient } from "#community/recipient.ts";
import { release } from "#community/release.ts";
import { instant, printInstant } from "#core/instant.ts";
import { type OrganisationId, stricterTlp } from "#core/marking.ts";
import { no, ok, type Result } from "#core/result.ts";
import { attributeObservables } from "#misp/attribute-observables.ts";
import { fromMisp } from "#misp/from-misp.ts";
import { readDocument } from "#misp/read-event.ts";
import { labelsOfTags } from "#misp/tags.ts";
import type { ListFormat } from "#share/formats/format.ts";
import { rpz } from "#share/formats/rpz.ts";
import { suricataRules } from "#share/formats/suricata-rules.ts";
import { zeekIntel } from "#share/formats/zeek-intel.ts";
import type { ListAbout, ListEntry, ListRow, ListTotals } from "#share/list-entry.ts";
import { mispCsv } from "#share/misp-csv.ts";
import type { MispAsked } from "#share/misp-filter.ts";
import { mispOpenIoc } from "#share/misp-openioc.ts";
import type { MispLine } from "#share/misp-out.ts";
import { mispCache, mispHashes, mispHosts, mispNetfilter, mispSnort, mispText } from "#share/misp-text.ts";
import type { MispAnswer } from "./asked.ts";
import { communityJson, type Json, type MispHere } from "./call.ts";
import type { MispAttributeRow, MispEventRow } from "./port.ts";
import type { MispReader } from "./read.ts";

type PartyRecipient = Recipient & { readonly party: OrganisationId };

/** An attribute as it may leave, and its rows: what formats of their own release. */
export interface MispPair {
  readonly attribute: MispAttributeRow;
  readonly event: MispEventRow;
  readonly line: MispLine;
}

interface Writing {
  readonly pairs: readonly MispPair[];
  readonly events: readonly Json[];
  readonly found: number;
  readonly reader: MispReader;
}

type Writer = (here: MispHere, asked: MispAsked, writing: Writing) => { readonly body: string; readonly type?: string };

const plain = "text/plain; charset=utf-8";
const text =
  (print: (lines: readonly MispLine[]) => string): Writer =>
  (_here, _asked, { pairs }) => ({ body: print(pairs.map(({ line }) => line)), type: plain });

const writers: Readonly<Record<string, Writer>> = {
  count: (_here, _asked, { found }) => ({ body: String(found) }),
  csv: (_here, asked, { pairs }) => ({
    body: mispCsv(
      pairs.map(({ line }) => line),
      asked,
    ),
    type: "text/csv; charset=utf-8",
  }),
  text: text(mispText),
  hashes: text(mispHashes),
  hosts: text(mispHosts),
  netfilter: text(mispNetfilter),
  cache: text(mispCache),
  snort: text(mispSnort),
  suricata: (here, _asked, writing) => list(here, suricataRules, writing),
  rpz: (here, _asked, writing) => list(here, rpz, writing),
  zeek: (here, _asked, writing) => list(here, zeekIntel, writing),
  bro: (here, _asked, writing) => list(here, zeekIntel, writing),
  openioc: (here, _asked, { pairs }) => ({
    body: mispOpenIoc(
      pairs.map(({ line }) => line),
      here.desk.idOf("misp", "openioc"),
      printInstant(here.now),
    ),
    type: "application/xml; charset=utf-8",
  }),
  stix2: (here, _asked, { pairs, events }) => {
    const document =
      events.length > 0
        ? { response: events.map((event) => ({ Event: event })) }
        : { Attribute: pairs.map(({ line }) => line.attribute.value.part) };
    const read = readDocument(document);
    const empty = { events: [], attributes: [], objects: [], galaxies: [] };
    return { body: JSON.stringify(fromMisp(read.ok ? read.value.value : empty, { now: here.now, patterns: "stix" })) };
  },
};

/** @returns WGL_MISP_FORMAT */
export const formatOf = (what: "events" | "attributes" | "objects", format: string): Result<string> => {
  const here = what === "objects" ? ["count"] : Object.keys(writers);
  return format === "json" || here.includes(format)
    ? ok(format)
    : no("WGL_MISP_FORMAT", { format: format.slice(0, 50), wanted: ["json", ...here].join(", ") });
};

const signatures: ReadonlySet<string> = new Set(["suricata", "snort", "rpz", "zeek", "bro", "hosts", "netfilter"]);
export const isSignature = (format: string): boolean => signatures.has(format);

export const writeFormat = (here: MispHere, asked: MispAsked, writing: Writing): Pick<MispAnswer, "body" | "type"> => {
  const writer = Object.hasOwn(writers, asked.returnFormat) ? writers[asked.returnFormat] : undefined;
  return writer === undefined ? { body: "" } : writer(here, asked, writing);
};

/**
 * The formats of block-lists, with attributes as their rows. They take only what `release` made for this reader; what staff
 * see is released to the community's own organisation, for these files are made to be carried away.
 */
const list = (
  here: MispHere,
  format: ListFormat,
  { pairs, reader }: Writing,
): { readonly body: string; readonly type: string } => {
  const recipient = reader.recipient ?? ownRecipient(here);
  const rows: ListRow[] = [];
  const said = new Set<string>();
  let changed = 0;
  for (const { attribute, event } of pairs) {
    const read = attributeObservables(attribute);
    if (!read.ok || recipient === undefined) continue;
    changed = Math.max(changed, attribute.changed);
    const seen = instant(attribute.changed * 1000);
    const own = reader.recipient !== undefined && (event.sender ?? "") === reader.reach.own;
    for (const { observable } of read.value) {
      const key = `${observable.kind} ${observable.value}`;
      if (said.has(key)) continue;
      const fields: ListEntry = {
        ...{
          id: attribute.uuid,
          serial: Number(here.ids.of(attribute.n)),
          kind: observable.kind,
          value: observable.value,
        },
        labels: labelsOfTags([...attribute.tags, ...event.tags].map((name) => ({ name }))),
        ...{ sources: event.orgc.name, grade: { source: "F", statement: 6 }, firstSeen: seen, lastSeen: seen },
      };
      const outcome = release(
        {
          // As in misp-read.ts: terms bind what is passed on, not who reads back its own
          marking: own ? { ...attribute.marking, licence: "own" } : attribute.marking,
          released: attribute.shadow === undefined,
          fields,
        },
        own ? { ...recipient, agreement: memberTerms(recipient.party, here.now) } : recipient,
        {
          ...{ now: here.now, purpose: reader.purpose, local: {}, anonymous: "" },
          fields: {
            ...({ id: "must", serial: "must", kind: "must", value: "must", labels: "may", sources: "source" } as const),
            ...({ grade: "internal", firstSeen: "may", lastSeen: "may", liveUntil: "may" } as const),
          },
        },
      );
      if (!outcome.ok) continue;
      said.add(key);
      rows.push(outcome.released);
    }
  }
  const about: ListAbout = {
    community: communityJson(here).name,
    name: "misp attributes",
    changed: instant(changed * 1000),
    portal: here.desk.portal,
    idOf: here.desk.idOf,
  };
  let body = format.head(about);
  let count = 0;
  for (const row of rows) {
    const line = format.row(row, about);
    if (line === undefined) continue;
    body += `${count > 0 ? (format.between ?? "") : ""}${line}`;
    count++;
  }
  const totals: ListTotals = {
    count,
    unsaid: rows.length - count,
    sources: [...new Set(rows.flatMap(({ value }) => value.sources || []))].toSorted(),
    tlp: rows.map(({ note }) => note.tlp).reduce(stricterTlp, "clear"),
    licences: [...new Set(rows.map(({ note }) => note.licence))].toSorted(),
  };
  return { body: body + format.foot(totals, about), type: format.type };
};

/** Staff carry away what their own organisation may have. */
const ownRecipient = (here: MispHere): PartyRecipient | undefined => {
  const { party } = here;
  return (
    party && {
      kind: "organisation",
      party: party.id,
      clientOf: party.clientOf,
      groups: groupsOfOrganisation(here.desk.directory.known.directory.groups, party.id),
      agreement: memberTerms(party.id, party.since),
    }
  );
};
