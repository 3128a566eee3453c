import { derive } from "#community/derive.ts";
import type { Explained, Reason } from "#community/release.ts";
import type { Recipient } from "#community/recipient.ts";
import { printGrade } from "#core/grade.ts";
import { type Instant, printInstant } from "#core/instant.ts";
import type { Licence, Marking, OrganisationId, Pap, Tlp } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";
import { assert } from "#core/result.ts";
import { type ListDecision, listDecider } from "./decide.ts";
import type { ListedClaim } from "./out-port.ts";
import type { Listing } from "#jobs/listing.ts";
import { type ListAsked, listAbout, readGroups } from "./release.ts";
import type { ListFormat } from "#share/formats/format.ts";
import { formats } from "#share/formats/list-formats.ts";

/** What becomes of one value on its way to a party, for staff: it names what the party must not know. */
export interface PreviewRow extends Observable {
  readonly id: string;
  readonly does: "leaves" | "withheld" | "aside";
  /** Why it does not stand in the list although it may leave. */
  readonly aside?: Extract<ListDecision, { kind: "aside" }>["why"] | "format";
  /** As we hold it: the strictest of all that speak for it. */
  readonly held: { readonly tlp: Tlp; readonly pap: Pap; readonly licence: Licence };
  /** As it leaves. */
  readonly note?: { readonly tlp: Tlp; readonly pap: Pap; readonly licence: Licence };
  readonly fields: readonly PreviewField[];
  /** Statements that stay behind, each with everything that keeps it here. */
  readonly kept: readonly { readonly feed: string; readonly source: string; readonly reasons: readonly Reason[] }[];
  /** The line or object itself. */
  readonly text?: string;
}

/** One field before and after. */
export interface PreviewField {
  readonly field: string;
  readonly held: string;
  /** Absent: it stays here. */
  readonly sent?: string;
  readonly does: Explained["does"];
  readonly why: Explained["why"];
}

export interface PreviewTotals {
  readonly leaves: number;
  readonly withheld: number;
  readonly aside: Readonly<Record<string, number>>;
  /** Values withheld, by what keeps them here; a value may have several. */
  readonly bounds: Readonly<Record<string, number>>;
}

/**
 * What a party would be sent, value after value, decided by the very code that sends (`decide-list.ts`) and printed by the very
 * format; nothing leaves and nothing is written. `each` answers false to stop.
 *
 * @param from only values behind this one: where a page ended
 */
export const previewList = async (
  listing: Listing,
  recipient: Recipient & { readonly party: OrganisationId },
  asked: ListAsked,
  now: Instant,
  each: (row: PreviewRow) => Promise<boolean>,
  from?: Observable,
): Promise<PreviewTotals> => {
  const decide = listDecider(listing, asked.query, recipient, now);
  const about = listAbout(listing, asked, now);
  const format: ListFormat = formats[asked.format];
  const count = { leaves: 0, withheld: 0 };
  const aside: Record<string, number> = {};
  const bounds: Record<string, number> = {};
  await readGroups(
    listing.views,
    asked.query,
    now,
    async (groups) => {
      for (const claims of groups) {
        const row = rowOf(listing, claims, decide(claims), (released) => format.row(released, about));
        if (row === undefined) continue;
        if (row.does === "aside") aside[row.aside ?? ""] = (aside[row.aside ?? ""] ?? 0) + 1;
        else count[row.does]++;
        if (row.does === "withheld")
          for (const bound of new Set(row.kept.flatMap(({ reasons }) => reasons.map((one) => one.bound))))
            bounds[bound] = (bounds[bound] ?? 0) + 1;
        if (!(await each(row))) return false;
      }
      return true;
    },
    from,
  );
  return { ...count, aside, bounds };
};

const rowOf = (
  listing: Listing,
  claims: readonly ListedClaim[],
  decision: ListDecision,
  print: (row: Extract<ListDecision, { kind: "leaves" }>["row"]) => string | undefined,
): PreviewRow | undefined => {
  const [first] = claims;
  if (first === undefined) return undefined;
  const base = {
    ...{ id: first.id, kind: first.kind, value: first.value, held: strictest(claims) },
    kept: decision.held.map(({ feed, reasons }) => ({
      feed,
      source: feed === "" ? "" : listing.titleOf(feed),
      reasons,
    })),
  };
  if (decision.kind === "withheld") return { ...base, does: "withheld", fields: [] };
  if (decision.kind === "aside") return { ...base, does: "aside", aside: decision.why, fields: [] };
  const { entry, row, explain } = decision;
  const sent: Readonly<Record<string, unknown>> = { ...row.value };
  const held: Readonly<Record<string, unknown>> = {
    ...entry,
    // All that is held, also what the party must not know of
    sources: [...new Set(claims.map((claim) => listing.titleOf(claim.feed)))].sort().join("; "),
    labels: [...new Set(claims.flatMap((claim) => claim.labels))].sort(),
  };
  const fields = explain
    .filter(({ field }) => field !== "serial")
    .map(({ field, does, why }): PreviewField => {
      const [before, behind] = [printed(field, held[field]), printed(field, sent[field])];
      return {
        ...{ field, held: before, does: does === "kept" && before !== behind ? "changed" : does },
        why: does === "kept" && before !== behind ? "audience" : why,
        ...(does === "removed" ? {} : { sent: behind }),
      };
    });
  const text = print(row);
  return {
    ...base,
    ...(text === undefined
      ? { does: "aside", aside: "format" }
      : { does: "leaves", text: text.replace(/^,\n/, "").trimEnd() }),
    note: { tlp: row.note.tlp, pap: row.note.pap, licence: row.note.licence },
    fields,
  };
};

const printed = (field: string, value: unknown): string => {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "number" && /Seen$|Until$/.test(field)) return printInstant(value as Instant);
  if (field === "grade") return printGrade(value as Parameters<typeof printGrade>[0]);
  return String(value);
};

const strictest = (claims: readonly ListedClaim[]): PreviewRow["held"] => {
  const marking = derive(claims.map(({ tlp, pap, licence }) => ({ tlp, pap, licence })) as [Marking, ...Marking[]]);
  // Claims have no groups, and that is the only thing that cannot be joined
  assert(marking.ok, "claims have no groups");
  return { tlp: marking.value.tlp, pap: marking.value.pap, licence: marking.value.licence };
};
