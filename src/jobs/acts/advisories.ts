import type { AdvisoryDetail, AdvisoryRow } from "#api/advisory.ts";
import { scopeOf } from "#community/visibility.ts";
import { parseInstant, printInstant } from "#core/instant.ts";
import { no, ok } from "#core/result.ts";
import { parseCve } from "#feeds/cve.ts";
import { type PriorityReason, priorityOf, priorityReasons } from "#intel/priority.ts";
import { readAdvisoriesCursor, type SeenAdvisory, writeAdvisoriesCursor } from "#jobs/advisories/views.ts";
import type { Language } from "#words/language.ts";
import { printList } from "#words/list.ts";
import { say } from "#words/say.ts";
import type { Desk } from "./desk.ts";
import { feedTitle } from "./feed-named.ts";
import { namedLabels } from "./named-labels.ts";
import type { AdvisoryActs } from "./port.ts";

/** Products named in a list's row; the advisory itself has all. */
const productsNamed = 5;
/** Products of one advisory that are shown. */
const productsShown = 500;
const cvesShown = 20;

/** Advisories, for whoever may read what the community knows. */
export const advisoryActs = (desk: Desk): AdvisoryActs => ({
  advisories: async (viewer, asked, { language }) => {
    const from = asked.cursor === undefined ? undefined : readAdvisoriesCursor(asked.cursor);
    if (asked.cursor !== undefined && from === undefined) return no("WGL_CURSOR");
    const cve = asked.cve === undefined ? undefined : parseCve(asked.cve);
    if (cve !== undefined && !cve.ok) return cve;
    const since = asked.since === undefined ? undefined : parseInstant(asked.since);
    if (since !== undefined && !since.ok) return since;
    const [search, product] = [asked.search, asked.product].map((one) => one?.replaceAll("\0", "").trim());
    const seen = await desk.views.advisories(scopeOf(viewer, "indicators.read"), {
      limit: asked.limit,
      ...(search ? { search } : {}),
      ...(product ? { product } : {}),
      ...(cve === undefined ? {} : { cve: cve.value }),
      ...(since === undefined ? {} : { since: since.value }),
      ...(asked.priority === undefined ? {} : { priority: asked.priority }),
      ...(asked.feed === undefined ? {} : { feed: asked.feed }),
      ...(from === undefined ? {} : { after: from }),
    });
    return ok({
      advisories: seen.advisories.map((one) => rowOf(desk, one, language)),
      ...(seen.next === undefined ? {} : { next: writeAdvisoriesCursor(seen.next) }),
    });
  },

  advisory: async (viewer, id, { language }) => {
    const seen = await desk.views.advisory(scopeOf(viewer, "indicators.read"), id);
    if (seen === undefined) return no("WGL_ABSENT");
    const { advisory, beside, versions, firstSeen } = seen;
    const { raw } = advisory;
    const labels = [advisory, ...beside].flatMap((one) => [
      ...one.raw.labels,
      ...techniquesIn(`${one.raw.title} ${one.raw.summary}`),
    ]);
    const names = await namedLabels(desk, viewer, labels);
    return ok({
      advisory: rowOf(desk, advisory, language),
      summary: raw.summary,
      ...(raw.action === undefined ? {} : { action: raw.action }),
      ...(raw.url === undefined ? {} : { url: raw.url }),
      ...(raw.version === undefined ? {} : { version: raw.version }),
      ...(raw.publishedAt === undefined ? {} : { published: printInstant(raw.publishedAt) }),
      firstSeen: printInstant(firstSeen),
      cwes: [...raw.cwes],
      affected: raw.products
        .slice(0, productsShown)
        .map(({ vendor, product, versions: some, status }) => ({ vendor, product, versions: [...some], status })),
      references: [...raw.references],
      names,
      claims: [advisory, ...beside].map((one) => claimOf(desk, one)),
      versions: versions.map(({ at, updated, version, fields }) => ({
        at: printInstant(at),
        updated: printInstant(updated),
        ...(version === undefined ? {} : { version }),
        changed: printList(language, [...new Set(fields.map((field) => fieldWord(language, field)))]),
      })),
    });
  },
});

/** ATT&CK ids as advisories write them in their text: "T1190", "TA0001", "S0367". */
const techniquesIn = (text: string): readonly string[] => text.match(/\b(?:TA?|S|G|C)\d{4}(?:\.\d{3})?\b/g) ?? [];

const rowOf = (
  desk: Desk,
  { id, feed, raw, updated, evidence, tlp, gone }: SeenAdvisory,
  language: Language,
): AdvisoryRow => {
  const affected = raw.products.filter(({ status }) => status === "affected" || status === "investigating");
  const products = [
    ...new Set(affected.map(({ vendor, product }) => [vendor, product].filter((part) => part !== "").join(" "))),
  ];
  return {
    id,
    feed: { id: feed, title: feedTitle(desk, feed) },
    key: raw.id,
    kind: raw.kind,
    title: raw.title === "" ? raw.id : raw.title,
    ...(raw.language === undefined ? {} : { language: raw.language }),
    priority: priorityOf(evidence),
    reasons: priorityReasons(evidence).map((reason) => ({ code: reason.code, says: reasonWords(language, reason) })),
    cves: [...raw.cves],
    products: products.slice(0, productsNamed),
    productsTotal: products.length,
    ...(evidence.cvss > 0 ? { cvss: evidence.cvss } : {}),
    ...(evidence.epss > 0 ? { epss: evidence.epss } : {}),
    updated: printInstant(updated),
    withdrawn: raw.withdrawn === true || gone,
    tlp,
  };
};

const claimOf = (
  desk: Desk,
  { id, feed, raw, updated, tlp, gone }: SeenAdvisory,
): AdvisoryDetail["claims"][number] => ({
  id,
  feed: { id: feed, title: feedTitle(desk, feed) },
  key: raw.id,
  title: raw.title,
  cves: raw.cves.slice(0, cvesShown),
  ...(raw.exploited === undefined
    ? {}
    : {
        exploited: {
          ransomware: raw.exploited.ransomware,
          ...(raw.exploited.since === undefined ? {} : { since: printInstant(raw.exploited.since) }),
          ...(raw.exploited.due === undefined ? {} : { due: printInstant(raw.exploited.due) }),
        },
      }),
  ...(raw.epss === undefined ? {} : { epss: { probability: raw.epss.probability, percentile: raw.epss.percentile } }),
  scores: raw.scores.map(({ version, vector, score, by }) => ({ version, vector, score, by })),
  labels: [...raw.labels],
  updated: printInstant(updated),
  withdrawn: raw.withdrawn === true || gone,
  tlp,
});

const reasonWords = (language: Language, reason: PriorityReason): string => {
  switch (reason.code) {
    case "epss":
      return say(language, "acts.advisory.reason.epss", { percent: reason.percent });
    case "cvss":
      return say(language, "acts.advisory.reason.cvss", { score: reason.score });
    default:
      return say(language, `acts.advisory.reason.${reason.code}`);
  }
};

const fieldWord = (language: Language, field: string): string =>
  say(language, `acts.advisory.field.${fieldNamed(field)}`);

const fieldNamed = (field: string): (typeof fieldNames)[number] | "other" =>
  fieldNames.find((one) => one === field) ?? "other";
const fieldNames = [
  "title",
  "summary",
  "products",
  "scores",
  "cves",
  "cwes",
  "exploited",
  "epss",
  "action",
  "references",
  "labels",
  "withdrawn",
  "version",
] as const;
