import type { Instant } from "#core/instant.ts";
import { certainties } from "#core/grade.ts";
import { observableKinds } from "#core/observable.ts";
import { no, type Problem, problem, type Result } from "#core/result.ts";
import { isRsitType, type ProblemClass } from "#core/rsit.ts";
import { severities } from "#core/severity.ts";
import type { Because, Says } from "#detect/behaviour.ts";
import type { End } from "#detect/hit.ts";
import { statuses } from "#detect/sigma/rule.ts";
import type { BatchRuled, SpokenRule } from "#jobs/batches/rules.ts";
import { isCanonical, LineFields } from "#jobs/batches/line-fields.ts";
import {
  type ParcelAnswer,
  type ParcelBehaviour,
  type ParcelContent,
  type ParcelDay,
  type ParcelHead,
  type ParcelLine,
  parcelLimits,
  type ParcelLooked,
  type ParcelLookedPattern,
  type ParcelPatterned,
  type ParcelState,
  type ParcelTogether,
  parcelVersion,
  type ReadParcel,
} from "./parcel.ts";
import type { BatchMatch } from "#jobs/batches/read.ts";
import { directions, wheres } from "#telemetry/format.ts";
import { behaviours as sentences } from "#words/en/behaviours.ts";

/** A day: clocks go wrong, and records of tomorrow are not believed. */
const aheadAtMost = 86_400_000;

/**
 * Reads a parcel, line by line; pure. Problems: WGL_PARCEL_HEAD, WGL_PARCEL_LINE, WGL_PARCEL_FIELD, WGL_PARCEL_LIMIT,
 * WGL_PARCEL_END.
 *
 * @param body unpacked
 * @param received times more than a day after it are refused
 */
export const readParcel = (body: Uint8Array, received: Instant): ReadParcel => {
  const text = new TextDecoder("utf-8", { fatal: true });
  const content: { line: number; said: ParcelContent }[] = [];
  const refused: { line: number; problem: Problem }[] = [];
  let head: ParcelHead | undefined;
  let counted: number | undefined;
  let line = 0;
  for (let start = 0; start < body.length; ) {
    const newline = body.indexOf(10, start);
    const stop = newline < 0 ? body.length : newline;
    line++;
    if (line > parcelLimits.lines) {
      refused.push({ line, problem: problem("WGL_PARCEL_LIMIT", { what: "lines", limit: parcelLimits.lines }) });
      break;
    }
    const read =
      stop - start > parcelLimits.line
        ? {
            ok: false as const,
            problem: problem("WGL_PARCEL_LIMIT", { what: "bytes of a line", limit: parcelLimits.line }),
          }
        : readLine(body.subarray(start, stop), text, received + aheadAtMost);
    start = stop + 1;
    if (!read.ok) refused.push({ line, problem: read.problem });
    else if ("parcel" in read.value) {
      if (line === 1) head = read.value.parcel;
      else refused.push({ line, problem: problem("WGL_PARCEL_HEAD") });
    } else if (counted !== undefined) refused.push({ line, problem: problem("WGL_PARCEL_END") });
    else if ("end" in read.value) counted = read.value.end.lines;
    else content.push({ line, said: read.value });
    // nothing else of it can be told whose it is, or whether it came before
    if (line === 1 && head === undefined && refused.length === 0)
      refused.push({ line, problem: problem("WGL_PARCEL_HEAD") });
  }
  if (line === 0) refused.push({ line: 0, problem: problem("WGL_PARCEL_HEAD") });
  const whole = counted === line;
  if (!whole && line > 0) refused.push({ line, problem: problem("WGL_PARCEL_END") });
  return {
    ...(head === undefined ? {} : { head }),
    content: head === undefined ? [] : content,
    lines: line,
    refused,
    whole,
  };
};

const readLine = (bytes: Uint8Array, decoder: InstanceType<typeof TextDecoder>, latest: number): Result<ParcelLine> => {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return no("WGL_PARCEL_LINE", { wanted: "UTF-8" });
  }
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return no("WGL_PARCEL_LINE", { wanted: "JSON" });
  }
  if (typeof given !== "object" || given === null) return no("WGL_PARCEL_LINE", { wanted: "an object" });
  const kind = kinds.find((one) => Object.hasOwn(given, one));
  if (kind === undefined) return no("WGL_PARCEL_LINE", { wanted: kinds.join(", ") });
  const fields = new LineFields(given, "line", latest);
  return fields.result(readers[kind](fields));
};

const kinds = ["match", "ruled", "behaviour", "day", "answer", "state", "parcel", "end"] as const;

const readers: Readonly<Record<(typeof kinds)[number], (line: LineFields) => ParcelLine>> = {
  parcel: (line) => ({ parcel: headIn(line.inner("parcel")) }),
  match: (line) => ({ match: matchIn(line.inner("match")), ...backIn(line) }),
  ruled: (line) => ({ ruled: ruledIn(line.inner("ruled")), ...backIn(line) }),
  behaviour: (line) => ({ behaviour: behaviourIn(line.inner("behaviour")) }),
  day: (line) => ({ day: dayIn(line.inner("day")) }),
  answer: (line) => ({ answer: answerIn(line.inner("answer")) }),
  state: (line) => ({ state: stateIn(line.inner("state")) }),
  end: (line) => ({ end: { lines: line.inner("end").whole("lines", 1, parcelLimits.lines) } }),
};

/** Every field of `value` that is there. */
const present = <T extends object>(value: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    readonly [K in keyof T]?: Exclude<T[K], undefined>;
  };

const backIn = (line: LineFields): { readonly back?: true } =>
  line.maybe("back", (name) => line.flag(name)) === true ? { back: true } : {};

const headIn = (head: LineFields): ParcelHead => {
  head.whole("version", parcelVersion, parcelVersion);
  return {
    version: parcelVersion,
    number: head.whole("number", 1, Number.MAX_SAFE_INTEGER),
    ...present({
      epoch: head.maybe("epoch", (name) => head.word(name, /^[0-9a-f]{8,32}$/, "8 to 32 hexadecimal digits")),
    }),
    made: head.time("made"),
    sensor: head.word("sensor", /^[a-z0-9][a-z0-9.-]{0,127}$/, "a sensor's key"),
  };
};

const endIn = (end: LineFields): End => ({
  address: end.address("address"),
  ...present({ port: end.maybe("port", (name) => end.whole(name, 0, 65_535)) }),
});

/** The two ends of a record, who began it first. */
const endsIn = (one: LineFields): { readonly source?: End; readonly destination?: End } =>
  present({
    source: one.maybe("source", (name) => endIn(one.inner(name))),
    destination: one.maybe("destination", (name) => endIn(one.inner(name))),
  });

const longestText = 1_048_576;

const matchIn = (match: LineFields): BatchMatch => ({
  line: match.whole("line", 0, Number.MAX_SAFE_INTEGER),
  weight: match.oneOf("weight", ["finding", "background"]),
  seen: match.observable("seen"),
  indicator: match.observable("indicator"),
  where: match.oneOf("where", wheres),
  direction: match.oneOf("direction", directions),
  ...present({ own: match.maybe("own", (name) => match.address(name)) }),
  ...endsIn(match),
  time: match.time("time"),
  text: match.text("text", longestText),
});

const ruledIn = (ruled: LineFields): BatchRuled => ({
  rule: ruleIn(ruled.inner("rule")),
  line: ruled.whole("line", 0, Number.MAX_SAFE_INTEGER),
  ...present({ asset: ruled.maybe("asset", (name) => machineIn(ruled, name)) }),
  ...endsIn(ruled),
  direction: ruled.oneOf("direction", directions),
  time: ruled.time("time"),
  text: ruled.text("text", longestText),
});

/** A machine's name as records have it, or its address. */
const machineIn = (ruled: LineFields, name: string): string => {
  const value = ruled.word(name, /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]{1,256}$/u, "a machine, in lower case");
  if (value !== value.toLowerCase()) ruled.refuse(name, value, "a machine, in lower case");
  return value;
};

const ruleIn = (rule: LineFields): SpokenRule => ({
  rule: rule.text("rule", 512),
  title: rule.text("title", 512),
  severity: rule.oneOf("severity", severities),
  tactics: rule.texts("tactics", 32, 64),
  attack: rule.texts("attack", 64, 32),
  problem: problemTypeIn(rule, "problem"),
  status: rule.oneOf("status", statuses),
  author: rule.text("author", 1024),
});

const problemTypeIn = (of: LineFields, name: string): ProblemClass["type"] => {
  const type = of.text(name, 64);
  if (isRsitType(type)) return type;
  of.refuse(name, type, "a type of RSIT");
  return "other";
};

const entityKinds = ["address", "host", "account", "domain"] as const;

const behaviourIn = (hit: LineFields): ParcelBehaviour => {
  const about = hit.inner("problem");
  return {
    behaviour: hit.word("behaviour", /^[a-z][a-z0-9-]{0,63}$/, "a behaviour"),
    time: hit.time("time"),
    first: hit.time("first"),
    last: hit.time("last"),
    entities: hit.each("entities", 64, (one) => ({
      kind: one.oneOf("kind", entityKinds),
      value: one.text("value", 512),
    })),
    problem: { type: problemTypeIn(about, "type"), about: about.text("about", 128) },
    severity: hit.oneOf("severity", severities),
    certainty: hit.oneOf("certainty", certainties),
    score: hit.number("score", 0, 1),
    attack: hit.texts("attack", 64, 32),
    because: hit.each("because", 64, becauseIn),
    evidence: hit.each("evidence", 20, (one) => ({
      id: one.text("id", 256),
      from: one.text("from", 512),
      line: one.whole("line", 0, Number.MAX_SAFE_INTEGER),
      text: one.text("text", longestText),
    })),
  };
};

const becauseIn = (step: LineFields): Because => {
  const says = step.text("says", 128);
  if (!isSentence(says)) step.refuse("says", says, "a sentence of ours");
  return { says: isSentence(says) ? says : "beacon.title", with: step.parameters("with", 32) };
};

const isSentence = (says: string): says is Says => Object.hasOwn(sentences, says);

const dayKinds = [...observableKinds, "rule"] as const;

const dayIn = (day: LineFields): ParcelDay => {
  const kind = day.oneOf("kind", [dayKinds[0], ...dayKinds]);
  const value = day.text("value", 8192);
  if (kind !== "rule" && !isCanonical({ kind, value })) day.refuse("value", value, `a canonical ${kind}`);
  return {
    day: day.day("day"),
    ...{ kind, value },
    why: day.word("why", /^[a-z][a-z0-9 -]{0,63}$/, "a reason of small letters"),
    hits: day.whole("hits", 1, 1_000_000_000),
  };
};

const answerIn = (answer: LineFields): ParcelAnswer => ({
  ask: answer.word("ask", /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/, "the id of what was asked"),
  page: answer.whole("page", 1, 1_000_000),
  count: answer.whole("count", 0, Number.MAX_SAFE_INTEGER),
  ...present({
    first: answer.maybe("first", (name) => answer.time(name)),
    last: answer.maybe("last", (name) => answer.time(name)),
    problem: answer.maybe("problem", (name) => {
      const why = answer.inner(name);
      return {
        ...{ code: why.word("code", /^WGL_[A-Z0-9_]{1,60}$/, "a code"), message: why.text("message", 1024) },
        ...present({ with: why.maybe("with", (params) => why.parameters(params, 8)) }),
      };
    }),
    ruled: answer.maybe("ruled", (name) => answer.each(name, parcelLimits.matches, ruledIn)),
    together: answer.maybe("together", (name) => answer.each(name, parcelLimits.matches, togetherIn)),
    patterned: answer.maybe("patterned", (name) => answer.each(name, parcelLimits.matches, patternedIn)),
    looked: answer.maybe("looked", (name) => lookedIn(answer.inner(name))),
  }),
  days: answer.each("days", 4000, (one) => ({ day: one.day("day"), n: one.whole("n", 1, Number.MAX_SAFE_INTEGER) })),
  done: answer.flag("done"),
  matches: answer.each("matches", parcelLimits.matches, matchIn),
});

const togetherIn = (one: LineFields): ParcelTogether => ({
  rule: one.text("rule", 512),
  time: one.time("time"),
  first: one.time("first"),
  group: one.each("group", 32, (by) => ({ name: by.text("name", 256), value: by.text("value", 8192) })),
  value: one.number("value", -Number.MAX_VALUE, Number.MAX_VALUE),
  text: one.text("text", longestText),
});

const patternedIn = (one: LineFields): ParcelPatterned => ({
  match: one.whole("match", 1, Number.MAX_SAFE_INTEGER),
  records: one.whole("records", 1, Number.MAX_SAFE_INTEGER),
  time: one.time("time"),
  ...present({ asset: one.maybe("asset", (name) => machineIn(one, name)) }),
  ...endsIn(one),
  text: one.text("text", longestText),
});

const codesIn = (of: LineFields, name: string): ParcelLooked["unread"] =>
  of.each(name, 64, (one) => ({
    code: one.word("code", /^WGL_[A-Z0-9_]{1,60}$/, "a code"),
    n: counted(one, "n"),
  }));

const lookedIn = (looked: LineFields): ParcelLooked => ({
  read: counted(looked, "read"),
  toRead: counted(looked, "toRead"),
  blind: counted(looked, "blind"),
  unread: codesIn(looked, "unread"),
  unseen: looked.each("unseen", 200, (one) => ({
    rule: one.text("rule", 512),
    format: one.word("format", /^[a-z0-9][a-z0-9-]{0,63}$/, "a format"),
    field: one.text("field", 512),
    blind: one.flag("blind"),
  })),
  ...present({ pattern: looked.maybe("pattern", (name) => lookedPatternIn(looked.inner(name))) }),
});

const lookedPatternIn = (looked: LineFields): ParcelLookedPattern => ({
  matches: counted(looked, "matches"),
  letGo: counted(looked, "letGo"),
  undecided: codesIn(looked, "undecided"),
});

const counted = (of: LineFields, name: string): number => of.whole(name, 0, Number.MAX_SAFE_INTEGER);

const stateIn = (state: LineFields): ParcelState => {
  const disk = state.inner("disk");
  return {
    at: state.time("at"),
    program: state.word("program", /^[\w.+-]{1,64}$/, "a version"),
    ...present({
      cursor: state.maybe("cursor", (name) => state.word(name, /^[\w.:-]{1,256}$/, "a cursor")),
      rules: state.maybe("rules", (name) => state.word(name, /^[\w.:"/-]{1,128}$/, "a version of rules")),
    }),
    lines: counted(state, "lines"),
    rejected: state.each("rejected", 200, (one) => ({
      format: one.word("format", /^[a-z0-9][a-z0-9-]{0,63}$/, "a format"),
      reason: one.word("reason", /^[A-Za-z0-9_ -]{1,64}$/, "a reason"),
      n: one.whole("n", 1, Number.MAX_SAFE_INTEGER),
    })),
    late: counted(state, "late"),
    forgotten: counted(state, "forgotten"),
    lost: counted(state, "lost"),
    lagMs: counted(state, "lagMs"),
    waiting: counted(state, "waiting"),
    memory: counted(state, "memory"),
    disk: { used: counted(disk, "used"), free: counted(disk, "free") },
  };
};
