import { no, ok, type Result } from "#core/result.ts";
import type { Stream, TelemetryRecord } from "#telemetry/format.ts";
import { readJsonRecord } from "#telemetry/json-record.ts";
import { known } from "#telemetry/known.ts";
import { isoTime } from "#telemetry/local-time.ts";
import { numberAt, objectsAt, textAt, textsAt } from "#telemetry/record-fields.ts";
import { SeenList } from "#telemetry/seen-list.ts";
import { statusOf } from "#telemetry/web-record.ts";

const title = "a Kubernetes audit log";

/**
 * One audit event. The first source address is the client's (or the last proxy's claim of it), the others are proxies.
 * Refused or unknown callers are log-ons that failed; a request that was let through is the act of who is in already.
 *
 * @returns WGL_LOG_JSON, WGL_LOG_KEY, WGL_LOG_FIELD, WGL_TIME
 * @see https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/#audit-k8s-io-v1-Event
 */
export const parseAudit = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const read = readJsonRecord(line, title);
  if (!read.ok) return read;
  const fields = read.value;
  const verb = textAt(fields, "verb");
  if (verb === undefined)
    return no("WGL_LOG_FIELD", { format: title, field: "verb", value: "", wanted: "what was asked for" });
  const time = isoTime(textAt(fields, "requestReceivedTimestamp", "stageTimestamp", "timestamp") ?? "", stream);
  if (!time.ok) return time;
  const staged = isoTime(textAt(fields, "stageTimestamp") ?? "", stream);
  const until = staged.ok && staged.value > time.value ? staged.value : undefined;
  const seen = new SeenList();
  const [client, ...proxies] = textsAt(fields, "sourceIPs");
  const source = seen.address("source", client);
  for (const proxy of proxies) seen.hops(proxy);
  const uri = textAt(fields, "requestURI");
  seen.url("http-url", uri);
  // Exec into pods, port forwards, and pulls from registries name hosts in their objects.
  for (const image of textsOf(fields, ["requestObject.spec.containers", "requestObject.spec.template.spec.containers"]))
    if (/^[^/]+\.[^/]+\//.test(image)) seen.host("http-host", image.slice(0, image.indexOf("/")));
  const status = statusOf(numberAt(fields, "responseStatus.code"));
  const mark = uri?.indexOf("?") ?? -1;
  const http = known({
    path: mark < 0 ? uri : uri?.slice(0, mark),
    query: mark < 0 ? undefined : uri?.slice(mark + 1),
    status,
    agent: textAt(fields, "userAgent"),
  });
  const account = textAt(fields, "user.username");
  const refused = status === 401;
  return ok({
    time: time.value,
    ...(until === undefined ? {} : { until }),
    event: verb,
    fields,
    seen: seen.seen,
    measures: until === undefined ? {} : { durationMs: until - time.value },
    ...(source === undefined ? {} : { source }),
    ...(refused
      ? {
          session: {
            ...(account === undefined ? {} : { account }),
            outcome: "failure",
            service: "kubernetes",
          } as const,
        }
      : {}),
    ...(http === undefined ? {} : { http }),
  });
};

/** Images of containers, by the paths of their lists. */
const textsOf = (fields: Readonly<Record<string, unknown>>, paths: readonly string[]): readonly string[] =>
  paths.flatMap((path) => objectsAt(fields, path).flatMap((one) => textAt(one, "image") ?? []));
