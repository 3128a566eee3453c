import { day } from "#core/instant.ts";
import { problemKey } from "#core/rsit.ts";
import type { BehaviourHit } from "./behaviour.ts";

/** How often a detector called when nothing was wrong: what decides whether it may speak. */
export interface BenignRecord {
  /** "2026-11-22": when it was measured. */
  readonly measured: string;
  /** The generated month in which nothing bad happens (`npm run bench -- detectors` runs it again). */
  readonly month: { readonly seed: number; readonly people: number; readonly days: number };
  /** Machines × days of it. */
  readonly hostDays: number;
  readonly falseFindings: number;
}

/** False findings per 1,000 host-days above which a detector only adds risk and opens no finding by itself. */
export const falseAtMost = 1;

export const perThousand = (findings: number, hostDays: number): number =>
  hostDays <= 0 ? 0 : (findings * 1000) / hostDays;

/** A signal quiet for so long is gone, and comes back as a finding again (jobs/indicators/age.ts). */
const goneMs = 3 * day;

/**
 * How many findings these hits would have made: one per whom it is about and problem, and again after it was gone. What
 * is ranked down to info is no finding.
 */
export const findingsOf = (hits: readonly BehaviourHit[]): number => {
  const last = new Map<string, number>();
  let findings = 0;
  for (const hit of hits.filter(({ severity }) => severity !== "info").toSorted((a, b) => a.time - b.time)) {
    const about = hit.entities[0];
    const key = `${about?.kind ?? ""} ${about?.value ?? ""} ${problemKey(hit.problem)}`;
    const before = last.get(key);
    if (before === undefined || hit.time - before > goneMs) findings++;
    last.set(key, hit.time);
  }
  return findings;
};

/** What is known of a detector in this deployment, over the last days. */
export interface LiveRecord {
  readonly hostDays: number;
  /** Organisation × asset that it spoke of, or would have. */
  readonly findings: number;
  /** Of them, what people agreed to; judged false; judged true and harmless. */
  readonly agreed: number;
  readonly refuted: number;
  readonly benign: number;
  /** Nobody outside staff has heard it: nobody else can have said that it was right. */
  readonly shadow: boolean;
}

/** Findings about nothing below which nothing is concluded: one hasty judgement would silence a detector. */
export const casesAtLeast = 3;

/**
 * Its findings here that were about nothing, as far as anybody can say: judged false or harmless; and in shadow, where
 * nobody is asked, all that nobody agreed to.
 */
export const aboutNothing = ({ findings, agreed, refuted, benign, shadow }: LiveRecord): number =>
  shadow ? Math.max(0, findings - agreed) : refuted + benign;

/** Whether a detector may open findings. Both what was published of it and what happened here must allow it. */
export const maySpeak = (published: BenignRecord | undefined, live: LiveRecord | undefined): boolean => {
  if (published && perThousand(published.falseFindings, published.hostDays) > falseAtMost) return false;
  if (!live) return true;
  const nothing = aboutNothing(live);
  return nothing < casesAtLeast || perThousand(nothing, live.hostDays) <= falseAtMost;
};
