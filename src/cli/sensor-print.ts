import { printInstant } from "#core/instant.ts";
import type { EdgeStatus } from "#jobs/edge/status.ts";
import type { ParcelLine } from "#jobs/sensors/parcel.ts";
import { sayBecause } from "#words/because.ts";
import type { Language } from "#words/language.ts";
import { printBytes, printNumber } from "#words/number.ts";
import { say, sayProblem } from "#words/say.ts";
import type { SentParcelText } from "./abilities.ts";
import { inColumns } from "./table.ts";

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
  const label = (key: SentKind): string => `    ${inColumns(say(language, `sensor.sent.${key}`), 7)} `;
  const below = "            ";
  if ("parcel" in said) return head;
  if ("match" in said) {
    const { time, own, direction, where, seen, indicator, text } = said.match;
    const back = "back" in said && said.back ? `  ${say(language, "sensor.sent.back")}` : "";
    return `${label("hit")}${printInstant(time)}  ${own ?? "-"}  ${direction} ${where}  ${seen.value}  (${indicator.kind} ${indicator.value})${back}\n${below}${text}`;
  }
  if ("ruled" in said) {
    const { time, asset, rule, text } = said.ruled;
    return `${label("rule")}${printInstant(time)}  ${asset ?? "-"}  ${rule.severity}  ${rule.title}\n${below}${text}`;
  }
  if ("behaviour" in said) {
    const { time, entities, severity, behaviour, because, evidence } = said.behaviour;
    const why = because.map((one) => `${below}${sayBecause(language, one)}`);
    const shown = evidence.map(({ text }) => `${below}${text}`);
    const whom = entities.map(({ value }) => value).join(" ");
    return [`${label("noticed")}${printInstant(time)}  ${whom}  ${severity}  ${behaviour}`, ...why, ...shown].join(
      "\n",
    );
  }
  if ("day" in said) {
    const { day, kind, value, why, hits } = said.day;
    return `${label("count")}${day}  ${kind} ${value}  ${why}  ${printNumber(language, hits)}`;
  }
  if ("answer" in said) {
    const { ask, page, count, done, matches } = said.answer;
    const lines = matches.map((match) => `${below}${printInstant(match.time)}  ${match.text}`);
    const read = say(language, done ? "sensor.sent.last-page" : "sensor.sent.page", { ask, page, seen: count });
    return [`${label("answer")}${read}`, ...lines].join("\n");
  }
  if ("state" in said) {
    const { lines, late, lost, memory, waiting } = said.state;
    const counts = { lines, late, lost, waiting, memory: printBytes(language, memory) };
    return `${label("state")}${say(language, "sensor.sent.counts", counts)}`;
  }
  return "";
};

type SentKind = "hit" | "rule" | "noticed" | "count" | "answer" | "state";

export const statusLines = (language: Language, status: EdgeStatus): readonly string[] => {
  const bytes = (value: number): string => printBytes(language, value);
  const line = (label: Label, text: string): string =>
    `${inColumns(say(language, `sensor.label.${label}`), 11)} ${text}`;
  const { sensor, program, history, waiting } = status;
  const about = { sensor, program, time: printInstant(status.at) };
  const segments = { size: bytes(history.bytes), segments: history.segments, free: bytes(status.free) };
  return [
    line("sensor", say(language, status.running ? "sensor.running" : "sensor.not-running", about)),
    line("centre", centreOf(language, status)),
    line("knows", knownOf(language, status)),
    line("networks", status.networks.join(" ") || "-"),
    line("history", say(language, "sensor.history", segments)),
    line("memory", bytes(status.memory)),
    line("waiting", say(language, "sensor.waiting", { parcels: waiting.parcels, size: bytes(waiting.bytes) })),
    ...status.files.map((one) => line("follows", `${one.path}  ${bytes(one.position)}  ${printInstant(one.seen)}`)),
    ...status.asks.map((one) => line("asked", askOf(language, one))),
    ...(status.hunts > 0 ? [line("hunting", say(language, "sensor.hunting", { tasks: status.hunts }))] : []),
    ...status.troubles.map(({ last, n, problem }) => {
      const often = say(language, "sensor.times", { times: n });
      return line("trouble", `${printInstant(last)}  ${often}  ${sayProblem(language, problem)} [${problem.code}]`);
    }),
  ];
};

type Label =
  | "sensor"
  | "centre"
  | "knows"
  | "networks"
  | "history"
  | "memory"
  | "waiting"
  | "follows"
  | "asked"
  | "hunting"
  | "trouble";

const centreOf = (language: Language, { server, out, learned }: EdgeStatus): string => {
  const centre = server ?? say(language, "sensor.no-line", { folder: out ?? "-" });
  return learned === undefined
    ? say(language, "sensor.never-learned", { centre })
    : say(language, "sensor.learned", { centre, time: printInstant(learned) });
};

/** A status that a version before left behind does not say how many rules are in force. */
const knownOf = (language: Language, status: EdgeStatus): string => {
  const { values, rules, rulesHeld }: Partial<EdgeStatus> & Pick<EdgeStatus, "values"> = status;
  if (rules === undefined) return say(language, "sensor.knows-no-rules", { values });
  const knows = say(language, "sensor.knows", { values, rules });
  return rulesHeld === undefined ? knows : say(language, "sensor.held", { knows, ...rulesHeld });
};

const askOf = (language: Language, ask: EdgeStatus["asks"][number]): string => {
  const { rule, pattern, values, purpose, by } = ask;
  const what =
    rule !== undefined
      ? say(language, "sensor.asked.rule", { title: rule })
      : pattern !== undefined
        ? say(language, "sensor.asked.pattern", { pattern })
        : say(language, "sensor.asked.values", { values });
  const asked = { purpose, by, what, from: printInstant(ask.from), to: printInstant(ask.to) };
  return say(language, ask.answered ? "sensor.answered" : "sensor.unanswered", asked);
};
