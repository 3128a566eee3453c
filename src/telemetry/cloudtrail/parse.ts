import type { Instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Session, Stream, TelemetryRecord } from "#telemetry/format.ts";
import { readJsonRecord } from "#telemetry/json-record.ts";
import { isoTime } from "#telemetry/local-time.ts";
import { measuresOf } from "#telemetry/measures.ts";
import { type Fields, numberAt, objectsAt, portIn, textAt, valueAt } from "#telemetry/record-fields.ts";
import { SeenList } from "#telemetry/seen-list.ts";
import { textForm } from "#telemetry/text-form.ts";

const title = "CloudTrail";

/**
 * One CloudTrail record. Its caller is the source; a service of AWS's own ("ec2.amazonaws.com") is a name there. Nothing
 * is a destination: the API is everywhere. Buckets and hosts that a call names are values seen.
 *
 * @returns WGL_LOG_JSON, WGL_LOG_KEY, WGL_LOG_FIELD, WGL_TIME
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export const parseCloudTrail = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const read = readJsonRecord(line, title);
  if (!read.ok) return read;
  const fields = read.value;
  const event = textAt(fields, "eventName");
  if (event === undefined)
    return no("WGL_LOG_FIELD", { format: title, field: "eventName", value: "", wanted: "the name of a call" });
  const time: Result<Instant> = isoTime(textAt(fields, "eventTime", "@timestamp") ?? "", stream);
  if (!time.ok) return time;
  const seen = new SeenList();
  const caller = textAt(fields, "sourceIPAddress");
  const source = seen.address("source", caller, portIn(valueAt(fields, "additionalEventData.sourcePort")));
  if (source === undefined) seen.host("source", caller);
  for (const hop of ["additionalEventData.x-forwarded-for", "requestParameters.X-Forwarded-For"])
    seen.hops(textAt(fields, hop));
  seen.host("http-host", textAt(fields, "requestParameters.Host", "requestParameters.host"));
  for (const name of ["hostName", "hostedZoneName", "domainName", "name"])
    seen.host("dns-query", textAt(fields, `requestParameters.${name}`));
  for (const rule of rulesOf(fields)) seen.address("original-source", rule);
  seen.host("tls-sni", textAt(fields, "tlsDetails.clientProvidedHostHeader"));
  const session = sessionOf(fields, event);
  return ok({
    time: time.value,
    event,
    fields: withTexts(fields),
    seen: seen.seen,
    measures: measuresOf({
      bytesOut: numberAt(fields, "additionalEventData.bytesTransferredIn"),
      bytesIn: numberAt(fields, "additionalEventData.bytesTransferredOut"),
      packetsOut: undefined,
      packetsIn: undefined,
      durationMs: undefined,
    }),
    ...(source === undefined ? {} : { source }),
    ...(session === undefined ? {} : { session }),
  });
};

/**
 * Rules look into parameters and answers as text (the policy takes these copies out again), and ask for a `status`, which
 * no record has: a call that was refused has an error code.
 */
const withTexts = (fields: Fields): Fields => {
  const request = textForm(fields["requestParameters"]);
  const response = textForm(fields["responseElements"]);
  return {
    ...fields,
    status: textAt(fields, "errorCode", "errorMessage") === undefined ? "success" : "failure",
    ...(request === undefined ? {} : { requestParametersText: request }),
    ...(response === undefined ? {} : { responseElementsText: response }),
  };
};

/** Addresses that a security group is opened for; networks wider than one address are no observable here. */
const rulesOf = (fields: Fields): readonly string[] =>
  objectsAt(fields, "requestParameters.ipPermissions.items").flatMap((item) =>
    [...objectsAt(item, "ipRanges.items"), ...objectsAt(item, "ipv6Ranges.items")].flatMap((range) => {
      const cidr = textAt(range, "cidrIp", "cidrIpv6");
      return cidr !== undefined && /\/(?:32|128)$/.test(cidr) ? [cidr.replace(/\/\d+$/, "")] : [];
    }),
  );

/** `ConsoleLogin`, and the calls by which somebody outside takes a role; other calls are acts of who is in already. */
const entries: ReadonlySet<string> = new Set([
  "ConsoleLogin",
  "AssumeRoleWithSAML",
  "AssumeRoleWithWebIdentity",
  "GetSigninToken",
  "UserAuthentication",
  "CredentialVerification",
  "Authenticate",
  "PasswordRecoveryRequested",
]);

const sessionOf = (fields: Fields, event: string): Session | undefined => {
  if (!entries.has(event)) return undefined;
  const account = textAt(
    fields,
    "userIdentity.userName",
    "additionalEventData.UserName",
    "userIdentity.arn",
    "userIdentity.principalId",
  );
  const said = textAt(
    fields,
    "responseElements.ConsoleLogin",
    `responseElements.${event}`,
    `serviceEventDetails.${event}`,
  );
  const failed =
    said === "Failure" || (said === undefined && textAt(fields, "errorCode", "errorMessage") !== undefined);
  return {
    ...(account === undefined ? {} : { account }),
    outcome: failed ? "failure" : "success",
    service: "aws",
  };
};
