import { existsSync, readFileSync } from "node:fs";
import { observableOf } from "#core/recognise.ts";
import { isRsitType, type RsitType } from "#core/rsit.ts";
import type { Feed, Raw, Row } from "#feeds/feed.ts";
import type { ReadPolicy } from "#feeds/read.ts";
import { aboutOf } from "#feeds/report.ts";

/** Where the corpora stand beside a checkout; `skip` says so when they do not. */
export const corpora = new URL("../../shared/corpora/feeds/", import.meta.url);
export const skip = existsSync(corpora) ? false : "the corpora are not beside this checkout";

/** Made-up values of fixtures stand in reserved ranges and in networks of any width. */
export const anything: ReadPolicy = { reserved: "accept", allow: [], widest: { v4: 0, v6: 0 } };

export interface Case {
  readonly case: string;
  readonly test: string;
  readonly inputs: readonly { readonly file: string; readonly report?: Readonly<Record<string, unknown>> }[];
  readonly parserConfig?: Readonly<Record<string, unknown>> | null;
  readonly expectedEventCount: number | null;
  readonly eventsComplete: boolean | null;
  readonly eventPositions?: readonly number[];
  readonly toleratedErrors?: number | null;
  readonly expectedError?: string | null;
  readonly events: readonly Event[];
}

export interface Event {
  readonly observable: { readonly kind: string; readonly value: string | number } | null;
  readonly seenAt: string | null;
  readonly classification: {
    readonly scheme: "intelmq" | "n6";
    readonly type: string;
    readonly category?: string;
    readonly identifier?: string;
  };
  readonly source: Readonly<Record<string, unknown>>;
  readonly malware?: { readonly name?: string };
  readonly list?: { readonly time?: string };
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** The cases of a folder of fixtures: "intelmq/dataplane-feed". */
export const casesOf = (folder: string): readonly Case[] =>
  (
    JSON.parse(readFileSync(new URL(`fixtures/${folder}/expected.json`, corpora), "utf8")) as {
      readonly cases: readonly Case[];
    }
  ).cases;

export const bodyOf = (folder: string, one: Case): Buffer => {
  const [input] = one.inputs;
  if (input === undefined) throw new Error(`${folder} ${one.case} has no input`);
  return readFileSync(new URL(`fixtures/${folder}/${input.file}`, corpora));
};

export const rowsOf = (feed: Feed, body: Uint8Array, file: string): readonly Row[] =>
  [...feed.parts(body, file)].flatMap((part) => [...part.rows]);

/** What an event is found not to agree in. */
export type Difference = "value" | "time" | "type" | "family";

/** The names our terms have for those of IntelMQ and n6, where they are not the same word. */
const sameType: Readonly<Record<string, readonly RsitType[]>> = {
  "intelmq blacklist": ["blacklist", "other"],
  "intelmq proxy": ["other", "potentially-unwanted-accessible"],
  "intelmq dga-domain": ["c2-server"],
  "intelmq malware": ["malware-distribution", "malware-configuration"],
  "n6 other": ["other", "blacklist"],
  "n6 vulnerable-system": ["vulnerable-system", "ddos-amplifier"],
};

/**
 * What one of our rows says otherwise than the event; empty when it says the same. The value is compared in canonical
 * form: with the event's own, or with any other of its source, since the two schemes choose the main one differently; a URL
 * that its publisher writes without a scheme is the same with one.
 */
export const differences = (event: Event, raw: Raw, feed: Feed): readonly Difference[] => {
  if (raw.is === "advisory" || raw.is === "name") return ["value"];
  const out: Difference[] = [];
  const value = raw.is === "report" ? raw.asset : raw.observable;
  const text = value.value.startsWith("//") ? `http:${value.value}` : value.value;
  if (!valuesOf(event).has(text)) out.push("value");
  if (secondOf(event.seenAt) !== secondOf(raw.seenAt)) out.push("time");
  const type =
    raw.is === "report" ? raw.type : (raw.labels.findLast((label) => isRsitType(label)) ?? feed.means.listed);
  const { scheme, type: wanted } = event.classification;
  if (type !== wanted && !(sameType[`${scheme} ${wanted}`] ?? []).some((one) => one === type)) out.push("type");
  const families = raw.is === "report" ? [raw.about, ...raw.labels] : raw.labels;
  const family =
    event.malware?.name ??
    (raw.is === "report" && scheme === "n6" && type === "infected-system"
      ? event.classification.identifier
      : undefined);
  if (family !== undefined && !families.some((one) => one === family || one === aboutOf(family))) out.push("family");
  return out;
};

const valuesOf = ({ observable, source, extra }: Event): ReadonlySet<string> => {
  const network = extra?.["ip_network"];
  const texts = [
    observable?.kind === "asn" ? `AS${observable.value}` : observable?.value,
    // n6 keeps the first address of a network as its value, and the network beside it
    ...(typeof network === "string" ? [network] : [source["ip"]]),
    ...["fqdn", "url", "network", "urlPath"].map((name) => source[name]),
  ];
  const values = new Set<string>();
  for (const text of texts) {
    const read = typeof text === "string" ? observableOf(text) : undefined;
    if (read?.ok === true) values.add(read.value.value);
  }
  if (typeof network === "string" && observable !== null) values.delete(String(observable.value));
  return values;
};

/** Both sides write more or fewer digits of a second. */
const secondOf = (time: string | number | null | undefined): number | undefined =>
  time === null || time === undefined
    ? undefined
    : Math.floor((typeof time === "number" ? time : Date.parse(time)) / 1000);
