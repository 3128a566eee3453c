import { printInstant } from "#core/instant.ts";
import type { EdgeStatus } from "#jobs/edge/status.ts";
import type { ParcelLine } from "#jobs/sensors/parcel.ts";
import { sayBecause } from "#words/because.ts";
import type { Language } from "#words/language.ts";
import { printBytes, printNumber } from "#words/number.ts";
import { sayProblem } from "#words/say.ts";
import type { SentParcelText } from "./abilities.ts";

/** What was sent, for the department: each line of a parcel as it left, and in words. */
export const sentLines = (
  language: Language,
  { number, at, bytes, text }: SentParcelText,
): readonly { readonly said: ParcelLine; readonly text: string }[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const said = JSON.parse(line) as ParcelLine;
      return { said, text: wordsOf(language, said, `${number}  ${printInstant(at)}  ${printBytes(language, bytes)}`) };
    })
    .filter(({ said }) => !("end" in said));

const wordsOf = (language: Language, said: ParcelLine, head: string): string => {
  if ("parcel" in said) return head;
  if ("match" in said) {
    const { time, own, direction, where, seen, indicator, text } = said.match;
    const back = "back" in said && said.back ? "  from the local history" : "";
    return `    hit     ${printInstant(time)}  ${own ?? "-"}  ${direction} ${where}  ${seen.value}  (${indicator.kind} ${indicator.value})${back}\n            ${text}`;
  }
  if ("ruled" in said) {
    const { time, asset, rule, text } = said.ruled;
    return `    rule    ${printInstant(time)}  ${asset ?? "-"}  ${rule.severity}  ${rule.title}\n            ${text}`;
  }
  if ("behaviour" in said) {
    const { time, entities, severity, behaviour, because, evidence } = said.behaviour;
    const why = because.map((one) => `            ${sayBecause(language, one)}`);
    const shown = evidence.map(({ text }) => `            ${text}`);
    const whom = entities.map(({ value }) => value).join(" ");
    return [`    noticed ${printInstant(time)}  ${whom}  ${severity}  ${behaviour}`, ...why, ...shown].join("\n");
  }
  if ("day" in said) {
    const { day, kind, value, why, hits } = said.day;
    return `    count   ${day}  ${kind} ${value}  ${why}  ${printNumber(language, hits)}`;
  }
  if ("answer" in said) {
    const { ask, page, count, done, matches } = said.answer;
    const lines = matches.map((match) => `            ${printInstant(match.time)}  ${match.text}`);
    return [
      `    answer  ${ask}  page ${page}, ${printNumber(language, count)} seen${done ? ", done" : ""}`,
      ...lines,
    ].join("\n");
  }
  if ("state" in said) {
    const { lines, late, lost, memory, waiting } = said.state;
    return `    state   ${printNumber(language, lines)} lines, ${printNumber(language, late)} late, ${printNumber(language, lost)} lost, ${waiting} parcels waiting, ${printBytes(language, memory)} of memory`;
  }
  return "";
};

export const statusLines = (language: Language, status: EdgeStatus): readonly string[] => {
  const n = (value: number): string => printNumber(language, value);
  const bytes = (value: number): string => printBytes(language, value);
  const when = (at: EdgeStatus["learned"]): string => (at === undefined ? "never" : printInstant(at));
  return [
    `sensor      ${status.sensor}, waglan ${status.program}, ${status.running ? "running" : "not running"} at ${printInstant(status.at)}`,
    `centre      ${status.server ?? `no line; parcels to ${status.out ?? "-"}`}, last learned from ${when(status.learned)}`,
    `knows       ${n(status.values)} values, rules ${status.rules ?? "none"}${heldOf(status, n)}`,
    `networks    ${status.networks.join(" ") || "-"}`,
    `history     ${bytes(status.history.bytes)} in ${n(status.history.segments)} segments, ${bytes(status.free)} free`,
    `memory      ${bytes(status.memory)}`,
    `waiting     ${n(status.waiting.parcels)} parcels, ${bytes(status.waiting.bytes)}`,
    ...status.files.map((one) => `follows     ${one.path}  ${bytes(one.position)}  ${printInstant(one.seen)}`),
    ...status.asks.map(
      (one) =>
        `asked       ${one.purpose} (${one.by}): ${askedFor(one, n)}, ${printInstant(one.from)} to ${printInstant(one.to)}, ${one.answered ? "answered" : "not answered yet"}`,
    ),
    ...(status.hunts > 0 ? [`hunting     ${n(status.hunts)} to do`] : []),
    ...status.troubles.map(
      (one) =>
        `trouble     ${printInstant(one.last)}  ${n(one.n)} times  ${sayProblem(language, one.problem)} [${one.problem.code}]`,
    ),
  ];
};

/** A status that a version before left behind says nothing of it. */
const heldOf = ({ rules, rulesHeld }: Partial<EdgeStatus>, n: (value: number) => string): string =>
  rules === undefined || rulesHeld === undefined
    ? ""
    : `: ${n(rulesHeld.inForce)} in force for the kinds of records met, ${n(rulesHeld.aside)} kept for others`;

const askedFor = ({ rule, pattern, values }: EdgeStatus["asks"][number], n: (value: number) => string): string =>
  rule !== undefined ? `rule "${rule}"` : pattern !== undefined ? `pattern ${pattern}` : `${n(values)} values`;
