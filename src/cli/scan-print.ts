import { printInstant } from "#core/instant.ts";
import { type IndicatorHit, isTimed, type RecordHit, type ScanHit, type TimedHit } from "#jobs/scan/hit.ts";
import type { Language } from "#words/language.ts";
import { sayBecause, titleOf } from "#words/because.ts";

/** A hit as `--json` prints it: times as text, reasons as sentences. */
export const hitJson = (hit: ScanHit): object => {
  if (isTimed(hit))
    return {
      ...hit,
      title: titleOf("en", hit.title),
      ...{ time: printInstant(hit.time), first: printInstant(hit.first), last: printInstant(hit.last) },
      because: hit.because.map((step) => sayBecause("en", step)),
    };
  if (hit.detector !== "indicator-match") return { ...hit, time: printInstant(hit.time) };
  // the machine is among what was seen already
  const { host: _, ...rest } = hit;
  return { ...rest, time: printInstant(hit.time) };
};

export const hitLine = (language: Language, hit: ScanHit): string =>
  isTimed(hit) ? timedLine(language, hit) : recordLine(hit);

/** "eve.json:412  high  2026-11-19T08:42:00.000Z  outbound destination  ipv4 198.51.100.7  (bad.txt)" */
const recordLine = (hit: RecordHit): string =>
  [
    `${hit.file}:${hit.line}`,
    hit.severity,
    printInstant(hit.time),
    ...(hit.detector === "sigma" ? [hit.title, hit.host ?? "", `(${hit.rule})`] : listed(hit)),
  ]
    .filter((part) => part !== "")
    .join("  ");

const listed = (hit: IndicatorHit): readonly string[] => {
  const { observable: seen, indicator } = hit;
  const inside =
    seen.kind === indicator.kind && seen.value === indicator.value ? "" : ` is in ${indicator.kind} ${indicator.value}`;
  return [`${hit.direction} ${hit.where}`, `${seen.kind} ${seen.value}${inside}`, `(${indicator.sources.join(", ")})`];
};

const timedLine = (language: Language, hit: TimedHit): string =>
  [
    `${hit.file}:${hit.line}`,
    hit.severity,
    printInstant(hit.time),
    titleOf(language, hit.title),
    hit.entities.join(" "),
    hit.because.map((step) => sayBecause(language, step)).join("; "),
    `(${hit.rule ?? hit.detector})`,
  ].join("  ");
