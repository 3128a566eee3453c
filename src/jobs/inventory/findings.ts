import { hash } from "node:crypto";
import { type AssetWorth, assetWorths } from "#community/asset.ts";
import type { Grade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import { rank, type Severity } from "#core/severity.ts";
import type { Hit } from "#detect/hit.ts";
import { productReasons } from "#detect/product-advisory/why.ts";
import { findingKey } from "#incidents/finding.ts";
import type { StoredFinding } from "#incidents/ports.ts";
import { listed } from "#incidents/state.ts";
import { compareText } from "#intel/products/order.ts";
import type { LiveClaim } from "#intel/ports.ts";
import { priorities } from "#intel/priority.ts";
import { isTold, type ProductLines } from "./product-lines.ts";
import { observableOfAsset } from "#jobs/findings/finding-asset.ts";
import type { MatchDue, MatchRow, StandingMatch } from "./port.ts";
import type { State, Tx } from "#jobs/ports.ts";
import { type ClaimedHit, type Community, hitId, recordHits } from "#jobs/findings/record-hits.ts";

export interface FindingProducts {
  readonly state: State;
  readonly community: Community;
  readonly lines: ProductLines;
  readonly now: () => Instant;
}

/** Weaknesses of assets weighed in one transaction; a new finding takes about a millisecond. */
const weighedAtOnce = 500;

export interface FoundProducts {
  readonly opened: number;
  readonly gone: number;
  readonly more: boolean;
}

/**
 * Matches become findings: one for each organisation, asset and weakness, on its most pressing match. What matches no
 * more is gone, with the reason. The same matches give the same findings, whatever order they came in.
 *
 * @returns undefined when there was nothing to do
 */
export const findProducts = (finding: FindingProducts): Promise<FoundProducts | undefined> =>
  finding.state.act(async (tx) => {
    const due = await tx.inventories.takeMatchDue(weighedAtOnce);
    if (due.length === 0) return undefined;
    const now = finding.now();
    const standing = Map.groupBy(await tx.inventories.standing(due), keyOf);
    const sides = due.flatMap((one) => sidesOf(finding, one, standing.get(keyOf(one)) ?? []));
    const before = new Map(
      (await tx.incidents.findingsById(sides.map(({ id }) => id))).map((one) => [one.id, one] as const),
    );
    const stood = await tx.inventories.stood(sides.map(({ id }) => id));
    const spoken = sides.flatMap((side): readonly Spoken[] => {
      const { best } = side;
      if (best === undefined) return [];
      const past = before.get(side.id);
      const known = past !== undefined && listed[past.state] !== "closed";
      if (!known && priorities.indexOf(best.priority) > priorities.indexOf(finding.lines.findings)) return [];
      const said = saidBy(best);
      return stood.get(side.id)?.said === said ? [] : [{ ...side, best, said }];
    });
    await tx.inventories.dropSources(
      spoken.map(({ id, best }) => ({
        finding: id,
        keep: claimsOf(finding.community, best).map((one) => one.indicator),
      })),
    );
    const claimed = spoken.map((one) => claimedHit(finding.community, one, now));
    const recorded = await recordHits(tx, claimed, undefined, worthAsSaid(finding.community, spoken), now);
    await tx.inventories.stands(
      spoken.map(({ id, said, due: { organisation } }) => ({ finding: id, organisation, said })),
    );
    await waitToTell(tx, finding, spoken, stood, recorded.touched, now);
    const over = sides.filter(({ best }) => best === undefined);
    const gone = await endGone(tx, over, before, now);
    return { opened: recorded.opened.length, gone, more: due.length === weighedAtOnce };
  });

const keyOf = ({ organisation, asset, weakness }: Pick<MatchDue, "organisation" | "asset" | "weakness">): string =>
  JSON.stringify([organisation, asset, weakness]);

/** What is told, and what is veiled, are two findings: of both one may stand. */
interface Side {
  readonly due: MatchDue;
  readonly veiled: boolean;
  readonly id: string;
  readonly best?: StandingMatch;
}

interface Spoken extends Side {
  readonly best: StandingMatch;
  readonly said: string;
}

const sidesOf = ({ community }: FindingProducts, due: MatchDue, matches: readonly StandingMatch[]): readonly Side[] =>
  [false, true].map((veiled) => {
    const best = matches.filter(({ shadow }) => (shadow !== undefined) === veiled).sort(mostPressing)[0];
    const shown = matches.some(({ shadow }) => shadow === undefined);
    const { organisation, asset, weakness } = due;
    return {
      ...{
        due,
        veiled,
        id: community.idOf("finding", findingKey({ organisation, asset, problem: problemOf(weakness) }, veiled)),
      },
      // what may be told needs no veiled twin
      ...(best === undefined || (veiled && shown) ? {} : { best }),
    };
  });

const mostPressing = (a: StandingMatch, b: StandingMatch): number =>
  a.rank - b.rank || compareText(hexOf(a), hexOf(b)) || a.component - b.component;
const hexOf = ({ componentRow }: StandingMatch): string => Buffer.from(componentRow.product).toString("hex");

const problemOf = (weakness: string): Hit["problem"] => ({
  type: "vulnerable-system",
  about: weakness.toLowerCase(),
});

/** What a finding says because of its match; figures that change daily are no other saying. */
const saidBy = ({ componentRow, priority, certainty, exposed, body }: StandingMatch): string =>
  hash(
    "sha256",
    JSON.stringify([
      ...[Buffer.from(componentRow.product).toString("hex"), componentRow.worth ?? "", priority, certainty, exposed],
      ...[body.evidence.exploited, body.evidence.ransomware, body.by, body.range, body.doubts],
      ...body.sources.map(({ id, tlp, shadow }) => [id, tlp, shadow]),
    ]),
    "hex",
  ).slice(0, 32);

/** How grave a match is before certainty and worth move it. */
const severityOf = ({ priority, exposed }: Pick<MatchRow, "priority" | "exposed">): Severity => {
  switch (priority) {
    case "act-now":
      return exposed ? "critical" : "high";
    case "soon":
      return "high";
    case "planned":
      return "medium";
    case "watch":
      return "low";
  }
};

/**
 * How sure a match is, as a grade: its weight is what the word asks for (core/grade.ts). The letter is ours too, since it
 * is we who say that this is that product.
 */
const gradeOf: Readonly<Record<MatchRow["certainty"], Grade>> = {
  "almost-certain": { source: "A", statement: 1 },
  likely: { source: "B", statement: 2 },
  possible: { source: "B", statement: 4 },
  unknown: { source: "C", statement: 5 },
};

/** The strongest source speaks; the others stand beside it. Their ids are the organisation's own: the same CVE in two places ties no story. */
const claimsOf = (
  { idOf }: Community,
  { organisation, asset, weakness, certainty, body }: StandingMatch,
): readonly LiveClaim[] =>
  body.sources.map(({ id, feed, tlp, pap, licence, shadow }, at) => ({
    indicator: idOf("detector", `product ${organisation} ${asset} ${weakness} ${id}`),
    ...{ feed, grade: gradeOf[certainty], labels: [], tlp, pap, licence, shadow },
    voice: at === 0 ? "alert" : "context",
    flags: [],
  }));

const claimedHit = (community: Community, { due, best, said }: Spoken, now: Instant): ClaimedHit => {
  const { organisation, asset, weakness } = due;
  const { componentRow: component, body } = best;
  const claims = claimsOf(community, best);
  const what = [component.vendor, component.name, component.version].filter((one) => one !== "").join(" ");
  const names = [...component.cpes, ...(component.purl === undefined ? [] : [component.purl])].slice(0, 3);
  return {
    claims,
    hit: {
      id: hitId(["product-advisory", organisation, asset, weakness, said, now]),
      detector: "product-advisory",
      ...{ organisation, asset, observable: observableOfAsset(asset) },
      noticed: {
        ...{ id: "product-advisory", title: what, tactics: [] },
        because: productReasons({ ...body, exposed: best.exposed, source: body.sources[0]?.feed ?? "" }),
      },
      sources: claims.map(({ feed }) => feed),
      problem: problemOf(weakness),
      ...{ where: "record", direction: "unknown", time: now, severity: severityOf(best), attack: [] },
      evidence: {
        ...{ file: component.inventory, line: 0 },
        text: [`${component.at}: ${what}`, ...names.filter((name) => name !== component.at)].join("; "),
      },
    },
  };
};

/** What an inventory says an asset is worth counts where the directory says less. */
const worthAsSaid = (community: Community, spoken: readonly Spoken[]): Community => {
  const said = new Map<string, AssetWorth>();
  for (const { due, best } of spoken) {
    const key = `${due.organisation} ${due.asset}`;
    said.set(key, dearer(said.get(key) ?? "normal", best.componentRow.worth ?? "normal"));
  }
  return {
    ...community,
    worth: (organisation, asset, at) =>
      dearer(community.worth(organisation, asset, at), said.get(`${organisation} ${asset}`) ?? "normal"),
  };
};

const dearer = (a: AssetWorth, b: AssetWorth): AssetWorth => (assetWorths.indexOf(a) >= assetWorths.indexOf(b) ? a : b);

/** Findings above the line are told, together (inventory-tell.ts): new ones, those that are back, and worse ones. */
const waitToTell = async (
  tx: Tx,
  { lines }: FindingProducts,
  spoken: readonly Spoken[],
  stood: Awaited<ReturnType<Tx["inventories"]["stood"]>>,
  touched: readonly StoredFinding[],
  now: Instant,
): Promise<void> => {
  const byId = new Map(touched.map((one) => [one.id, one]));
  const waiting = spoken.flatMap(({ id, best, due: { organisation } }) => {
    const finding = byId.get(id);
    if (finding === undefined || finding.shadow !== undefined || !isTold(lines.alerts, best)) return [];
    const told = stood.get(id)?.told;
    const news =
      told === undefined ||
      rank(finding.severity) > rank(told.severity) ||
      (finding.state === "reopened" && finding.opened > told.at);
    return news ? [{ finding: id, organisation }] : [];
  });
  if (waiting.length > 0) await tx.inventories.waitToTell(waiting, now);
};

const endGone = async (
  tx: Tx,
  over: readonly Side[],
  before: ReadonlyMap<string, StoredFinding>,
  now: Instant,
): Promise<number> => {
  const open = over.flatMap((side) => {
    const finding = before.get(side.id);
    const stands = finding !== undefined && finding.detector === "product-advisory" && !ended.has(finding.state);
    return stands ? [{ side, finding }] : [];
  });
  await tx.inventories.standsNoMore(over.map(({ id }) => id));
  if (open.length === 0) return 0;
  const also = await tx.inventories.alsoReported(open.map(({ finding }) => finding.n));
  const gone = open.filter(({ finding }) => !also.has(finding.n));
  const why = await tx.inventories.goneWhy(gone.map(({ side }) => side.due));
  const numbers = gone.map(({ finding }) => finding.n);
  await tx.incidents.setStates(numbers, "gone", now, { closed: true });
  await tx.incidents.events(
    gone.map(({ side, finding }) => ({
      ...{ finding: finding.n, at: now, what: "gone" as const },
      detail: { why: why.get(keyOf(side.due)) ?? "said" },
    })),
  );
  return gone.length;
};

const ended: ReadonlySet<string> = new Set(["gone", "withdrawn", "merged", "false"]);
