import { existsSync, readFileSync } from "node:fs";
import { instant, printInstant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { lenient } from "#core/value-policy.ts";
import type { Feed, RawIndicator, RawReport } from "#feeds/feed.ts";
import { aboutOf } from "#feeds/report.ts";
import { type FeedReading, readFeed } from "#feeds/read.ts";

/** Fixtures of other collectors, read in place: inputs, and the events their own tests expect. */
const folder = new URL("../../shared/corpora/feeds/fixtures/", import.meta.url);
export const skip: string | false = existsSync(folder) ? false : "the corpora are not beside this checkout";

interface End {
  readonly ip?: string;
  readonly port?: number;
  readonly fqdn?: string;
  readonly url?: string;
  readonly account?: string;
}
export interface ExpectedEvent {
  readonly observable: Observable | null;
  readonly seenAt: string | null;
  readonly classification: { readonly type?: string; readonly identifier?: string };
  readonly source: End;
  readonly destination?: End;
  readonly malware?: { readonly name?: string };
  readonly protocol?: { readonly application?: string; readonly transport?: string };
}
export interface Case {
  readonly case: string;
  readonly inputs: readonly { readonly file: string; readonly report?: Readonly<Record<string, string>> }[];
  readonly expectedEventCount: number | null;
  readonly eventsComplete: boolean | null;
  readonly expectedError?: string;
  readonly events: readonly ExpectedEvent[];
}

export const casesOf = (fixture: string): readonly Case[] =>
  (JSON.parse(readFileSync(new URL(`${fixture}/expected.json`, folder), "utf8")) as { readonly cases: readonly Case[] })
    .cases;

export const inputOf = (fixture: string, file: string): Uint8Array =>
  readFileSync(new URL(`${fixture}/${file}`, folder));

export const readInput = (feed: Feed, fixture: string, input: string, name: string): FeedReading =>
  readFeed(feed, inputOf(fixture, input), name, lenient);

/** What of an expected event a report does not say; [] when it says it all. */
export const missing = (expected: ExpectedEvent, got: RawReport | RawIndicator, feed: Feed): readonly string[] => {
  const report = got.is === "report" ? got : undefined;
  const indicator = got.is === "report" ? undefined : got;
  const wrong: string[] = [];
  const values = new Set(
    [
      ...(report ? [report.asset, ...(report.also ?? [])] : [indicator?.observable]).map((one) => one?.value),
      report?.source?.url,
      report?.source?.ip,
      report?.source?.host,
      report?.source?.account,
      report?.destination?.url,
      report?.destination?.host,
    ].filter((one) => one !== undefined),
  );
  const has = (value: string): boolean =>
    values.has(value) || values.has(value.toLowerCase()) || values.has(`${value}/`);
  if (expected.observable && !has(expected.observable.value)) wrong.push(`observable ${expected.observable.value}`);
  for (const key of ["ip", "fqdn", "url", "account"] as const) {
    const value = expected.source[key];
    if (report !== undefined && value !== undefined && !has(value)) wrong.push(`source.${key} ${value}`);
  }
  if (expected.seenAt !== null && got.seenAt !== undefined) {
    const seen = printInstant(got.seenAt);
    if (seen !== printInstant(instant(Date.parse(expected.seenAt))))
      wrong.push(`seenAt ${seen}, not ${expected.seenAt}`);
  } else if (expected.seenAt !== null) wrong.push(`seenAt ${expected.seenAt}`);
  const type = report?.type ?? feed.means.listed;
  if (expected.classification.type !== undefined && type !== expected.classification.type)
    wrong.push(`type ${type}, not ${expected.classification.type}`);
  const { identifier } = expected.classification;
  const known = [report?.about, ...got.labels.map(aboutOf), ...got.labels.flatMap((one) => one.split(/[;, ]/))];
  if (
    identifier !== undefined &&
    !known.includes(aboutOf(identifier)) &&
    !identifier.split(/[;, ]/).some((one) => known.includes(one))
  )
    wrong.push(`identifier ${identifier}, got ${report?.about}`);
  const family = expected.malware?.name;
  if (family !== undefined && !known.includes(aboutOf(family))) wrong.push(`malware ${family}`);
  if (report !== undefined) {
    if (expected.source.port !== undefined && report.source?.port !== expected.source.port)
      wrong.push(`source.port ${expected.source.port}`);
    const to = expected.destination;
    if (to?.ip !== undefined && report.destination?.ip !== to.ip) wrong.push(`destination.ip ${to.ip}`);
    // n6 writes the port of an open service as the destination's: it is the asset's own
    if (to?.port !== undefined && report.destination?.port !== to.port && report.source?.port !== to.port)
      wrong.push(`destination.port ${to.port}`);
    if (expected.protocol?.transport !== undefined && report.transport !== expected.protocol.transport)
      wrong.push(`transport ${expected.protocol.transport}`);
  }
  return wrong;
};

/** Each expected event with the report that says most of it, each report used once; and the reports left over. */
export const paired = (
  expected: readonly ExpectedEvent[],
  reading: FeedReading,
  feed: Feed,
): { readonly lacking: readonly string[]; readonly left: number } => {
  const got: (RawReport | RawIndicator)[] = [...reading.reports, ...reading.indicators];
  const lacking: string[] = [];
  for (const event of expected) {
    let best: { readonly place: number; readonly wrong: readonly string[] } | undefined;
    for (const [place, one] of got.entries()) {
      const wrong = missing(event, one, feed);
      if (best === undefined || wrong.length < best.wrong.length) best = { place, wrong };
      if (wrong.length === 0) break;
    }
    if (best === undefined) lacking.push(`no report for ${JSON.stringify(event.observable)}`);
    else {
      lacking.push(...best.wrong);
      got.splice(best.place, 1);
    }
  }
  return { lacking, left: got.length };
};
