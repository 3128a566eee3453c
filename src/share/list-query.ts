import { gradeWeight, parseGrade } from "#core/grade.ts";
import { type Instant, parseInstant } from "#core/instant.ts";
import { parseTlp, type Tlp } from "#core/marking.ts";
import { type ObservableKind, observableKinds } from "#core/observable.ts";
import { no, ok, type Result } from "#core/result.ts";
import { listKinds } from "./list-entry.ts";

/** Which values a list holds, of those its reader may have. Absent: not asked for. */
export interface ListQuery {
  /** In the order of `observableKinds`. */
  readonly kinds: readonly ObservableKind[];
  /** Sorted; a value must have been said by one of them. */
  readonly feeds?: readonly string[];
  /** Sorted; a value must bear one of them. */
  readonly labels?: readonly string[];
  /** The best grade of a value is at least this good: "B2". */
  readonly grade?: string;
  /** 0 to 100, what is left of it with age (intel/decay.ts). */
  readonly score?: number;
  /** Nothing stricter, however much the agreement would allow. */
  readonly tlp?: Tlp;
  /** Seen then or later. */
  readonly since?: Instant;
}

/** The parameters of an address, each once. */
export type ListWords = Readonly<
  Partial<Record<"kind" | "feed" | "label" | "grade" | "score" | "tlp" | "since", string>>
>;

const split = (text: string): string[] => [...new Set(text.split(",").filter((one) => one !== ""))].sort();

/**
 * @param name "addresses", "domains", "all", a kind: what `listKinds` has
 * @returns WGL_ABSENT | WGL_LIST_KIND | WGL_GRADE | WGL_TLP | WGL_TIME | WGL_LIST_SCORE
 */
export const readListQuery = (name: string, words: ListWords): Result<ListQuery> => {
  const base = Object.hasOwn(listKinds, name) ? listKinds[name] : undefined;
  if (base === undefined) return no("WGL_ABSENT");
  const wanted = words.kind === undefined ? [] : split(words.kind);
  for (const kind of wanted)
    if (!base.some((one) => one === kind)) return no("WGL_LIST_KIND", { kind, wanted: base.join(", ") });
  const grade = words.grade === undefined ? undefined : parseGrade(words.grade);
  if (grade?.ok === false) return grade;
  const tlp = words.tlp === undefined ? undefined : parseTlp(words.tlp);
  if (tlp?.ok === false) return tlp;
  const since = words.since === undefined ? undefined : parseInstant(words.since);
  if (since?.ok === false) return since;
  const score = words.score === undefined ? undefined : Number(words.score);
  if (score !== undefined && !(score >= 0 && score <= 100)) return no("WGL_LIST_SCORE", { value: words.score ?? "" });
  return ok({
    kinds: observableKinds.filter((kind) => (wanted.length > 0 ? wanted : base).some((one) => one === kind)),
    ...(words.feed === undefined ? {} : { feeds: split(words.feed) }),
    ...(words.label === undefined ? {} : { labels: split(words.label) }),
    ...(grade === undefined ? {} : { grade: `${grade.value.source}${grade.value.statement}` }),
    ...(score === undefined ? {} : { score }),
    ...(tlp === undefined ? {} : { tlp: tlp.value }),
    ...(since === undefined ? {} : { since: since.value }),
  });
};

/** The same for the same list, whoever asks in whatever order: "addresses?grade=B2&label=bot". */
export const printListQuery = (name: string, query: ListQuery): string => {
  const base = listKinds[name] ?? [];
  const words = new URLSearchParams();
  if (query.feeds !== undefined) words.set("feed", query.feeds.join(","));
  if (query.grade !== undefined) words.set("grade", query.grade);
  if (query.kinds.length !== base.length) words.set("kind", query.kinds.join(","));
  if (query.labels !== undefined) words.set("label", query.labels.join(","));
  if (query.score !== undefined) words.set("score", String(query.score));
  if (query.since !== undefined) words.set("since", new Date(query.since).toISOString());
  if (query.tlp !== undefined) words.set("tlp", query.tlp);
  const text = words.toString();
  return text === "" ? name : `${name}?${text}`;
};

/** Weight below which a grade is not good enough; 0 without a wish. */
export const leastWeight = (query: ListQuery): number => {
  const read = query.grade === undefined ? undefined : parseGrade(query.grade);
  return read?.ok === true ? gradeWeight(read.value) : 0;
};
