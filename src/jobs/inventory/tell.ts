import type { ProductSaid } from "#alerts/alert-input.ts";
import { after, type Instant, minute } from "#core/instant.ts";
import { rank } from "#core/severity.ts";
import { compareText } from "#intel/products/order.ts";
import type { ProductDigest, StandingMatch, UntoldFinding } from "./port.ts";
import type { State, Tx } from "#jobs/ports.ts";

/** Products named in one alert, and assets and weaknesses of each; the portal has all. */
const productsNamed = 10;
const assetsNamed = 3;
const weaknessesNamed = 4;
/** Findings are told together when all is compared; no longer than this do they wait for it. */
const patienceMs = 10 * minute;

/**
 * One alert for all that waits to be told to one organisation, by product: a list of five thousand components makes one
 * letter and not five thousand. The most pressing finding leads; it is the one that is answered, and the alert is its.
 *
 * @returns false when nothing waits
 */
export const tellProducts = ({
  state,
  now,
}: {
  readonly state: State;
  readonly now: () => Instant;
}): Promise<boolean> =>
  state.act(async (tx) => {
    const at = now();
    const untold = await tx.inventories.takeUntold(after(at, -Math.min(at, patienceMs)));
    if (untold === undefined) return false;
    const ordered = untold.findings.filter(({ matches }) => matches.length > 0).toSorted(mostPressing);
    const [lead] = ordered;
    // what was gone, or put aside, before anybody was told
    if (lead === undefined) return true;
    await tx.inventories.keepDigest(lead.id, untold.organisation, digestOf(ordered), at);
    await tx.queue.put("alert", lead.id, {}, at);
    return true;
  });

const rankOf = ({ matches }: UntoldFinding): number => Math.min(...matches.map((one) => one.rank));

const mostPressing = (a: UntoldFinding, b: UntoldFinding): number =>
  rankOf(a) - rankOf(b) ||
  rank(b.severity) - rank(a.severity) ||
  compareText(a.asset, b.asset) ||
  compareText(a.weakness, b.weakness);

const digestOf = (ordered: readonly UntoldFinding[]): ProductDigest => {
  const families = Map.groupBy(
    ordered.flatMap((one) => one.matches.slice(0, 1).map((match) => ({ one, match }))),
    ({ match }) => match.product,
  );
  return {
    findings: ordered.map(({ id }) => id),
    products: [...families.values()].slice(0, productsNamed).map((some) => productOf(some.map(({ match }) => match))),
    more: Math.max(0, families.size - productsNamed),
  };
};

const productOf = (matches: readonly StandingMatch[]): ProductSaid => {
  const components = matches.map(({ componentRow }) => componentRow);
  const versions = [...new Set(components.map(({ version }) => version))].filter((one) => one !== "");
  const named = [components[0]?.name ?? "", versions.slice(0, weaknessesNamed).join(", ")].filter((one) => one !== "");
  const assets = [...new Set(matches.map(({ asset }) => asset))];
  const weaknesses = [...new Set(matches.map(({ weakness }) => weakness))];
  return {
    product: named.join(" "),
    assets: assets.slice(0, assetsNamed),
    moreAssets: Math.max(0, assets.length - assetsNamed),
    weaknesses: weaknesses.slice(0, weaknessesNamed),
    moreWeaknesses: Math.max(0, weaknesses.length - weaknessesNamed),
    exposed: matches.some(({ exposed }) => exposed),
    exploited: matches.some(({ body }) => body.evidence.exploited),
  };
};

/** Those told in another finding's alert stand as told, and their history says in which. */
export const toldBeside = async (
  tx: Tx,
  lead: string,
  { findings }: ProductDigest,
  detail: { readonly alert: string; readonly version: number; readonly people: number },
  at: Instant,
): Promise<void> => {
  const others = await tx.incidents.findingsById(findings.filter((id) => id !== lead));
  await tx.incidents.setStates(
    others.flatMap(({ n, state }) => (state === "new" || state === "reopened" ? [n] : [])),
    "notified",
    at,
  );
  await tx.incidents.events(others.map(({ n }) => ({ finding: n, at, what: "told", detail })));
};
