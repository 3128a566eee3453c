import type { Instant } from "#core/instant.ts";
import type { DnsQuestion, LogSource, RuleView, TelemetryRecord } from "./format.ts";
import { SeenList } from "./seen-list.ts";

/** What a resolver's log says of one question, whatever it calls the parts. */
export interface LoggedQuestion {
  /** "query" or "response". */
  readonly event: string;
  readonly time: Instant;
  readonly until?: Instant | undefined;
  readonly client?: string | undefined;
  readonly clientPort?: number | undefined;
  readonly server?: string | undefined;
  readonly serverPort?: number | undefined;
  readonly query?: string | undefined;
  readonly type?: string | undefined;
  readonly rcode?: string | undefined;
  readonly answers?: readonly string[] | undefined;
  readonly host?: string | undefined;
}

/**
 * One question as a record. `own` are the log's fields, a fresh object, to which are added, where the log has no such field, the parts
 * under the names of Sigma's taxonomy for `dns`: `query`, `record_type`, `answer`.
 */
export const dnsRecord = (question: LoggedQuestion, own: Record<string, unknown>): TelemetryRecord => {
  const seen = new SeenList();
  const source = seen.address("source", question.client, question.clientPort);
  const destination = seen.address("destination", question.server, question.serverPort);
  const query = question.query === "." ? "." : question.query?.replace(/\.$/, "");
  seen.host("dns-query", query);
  for (const answer of question.answers ?? []) seen.host("dns-answer", answer);
  const fields = own;
  const add = (name: string, value: unknown): void => {
    if (value !== undefined && !Object.hasOwn(fields, name)) fields[name] = value;
  };
  const type = question.type?.toUpperCase();
  const rcode = question.rcode?.toUpperCase();
  const answers = question.answers !== undefined && question.answers.length > 0 ? question.answers : undefined;
  add("query", query);
  add("record_type", type);
  add("rcode", rcode);
  add("answer", answers);
  const until = question.until !== undefined && question.until > question.time ? question.until : undefined;
  return {
    time: question.time,
    ...(until === undefined ? {} : { until }),
    event: question.event,
    fields,
    seen: seen.seen,
    measures: {},
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(question.host === undefined ? {} : { host: question.host }),
    // A question passed on is the client's own, which has its record already.
    ...(query === undefined || question.event === "forwarded" ? {} : { dns: questionOf({ ...question, query }) }),
  };
};

/** A question as behaviours read it: without the final dot, type and answer code in upper case, no empty list. */
export const questionOf = ({
  query,
  type,
  rcode,
  answers,
}: Pick<LoggedQuestion, "type" | "rcode" | "answers"> & { readonly query: string }): DnsQuestion => ({
  query: query === "." ? "." : query.replace(/\.$/, ""),
  ...(type === undefined ? {} : { type: type.toUpperCase() }),
  ...(rcode === undefined ? {} : { rcode: rcode.toUpperCase() }),
  ...(answers === undefined || answers.length === 0 ? {} : { answers }),
});

const dns: readonly LogSource[] = [{ category: "dns" }];

/** Sigma's taxonomy, category `dns`: `query`, `record_type`, `answer` are the records' own names. */
export const dnsRules = (own: LogSource): RuleView => {
  const sources = [own, ...dns];
  return { logSources: () => sources, names: { QueryName: "query", src_ip: "client", dst_ip: "server" } };
};
