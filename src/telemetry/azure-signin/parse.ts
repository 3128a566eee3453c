import type { Instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Session, Stream, TelemetryRecord } from "#telemetry/format.ts";
import { readJsonRecord } from "#telemetry/json-record.ts";
import { isoTime } from "#telemetry/local-time.ts";
import { hostIn } from "#telemetry/observed.ts";
import { type Fields, isObject, numberAt, objectAt, objectsAt, textAt, valueAt } from "#telemetry/record-fields.ts";
import { SeenList } from "#telemetry/seen-list.ts";
import { textForm } from "#telemetry/text-form.ts";

const title = "Microsoft cloud logs";

/**
 * One record, as Azure Monitor exports it, as Microsoft Graph answers it, as Log Analytics lists it, or one of the
 * unified audit log; `AuditData`, the record as text within another, is read as the record that it is.
 *
 * @returns WGL_LOG_JSON, WGL_LOG_KEY, WGL_LOG_FIELD, WGL_TIME
 * @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/signinlogs
 * @see https://learn.microsoft.com/graph/api/resources/signin
 * @see https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema
 */
export const parseEntra = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const read = readJsonRecord(line, title);
  if (!read.ok) return read;
  const inner = read.value["AuditData"];
  const data: Result<Fields> =
    typeof inner === "string" ? readJsonRecord(inner, title) : ok(isObject(inner) ? inner : read.value);
  if (!data.ok) return data;
  const fields = data.value;
  const event = eventOf(fields);
  if (event === undefined)
    return no("WGL_LOG_FIELD", { format: title, field: "category", value: "", wanted: "a log or an operation" });
  const time: Result<Instant> = isoTime(textAt(fields, ...times) ?? "", stream);
  if (!time.ok) return time;
  const seen = new SeenList();
  const address = bare(textAt(fields, ...addresses));
  const source = seen.address("source", address);
  for (const name of [
    "ActorIpAddress",
    "ModifiedProperties.ClientIP",
    "ipAddressFromResourceProvider",
    "properties.ipAddressFromResourceProvider",
  ])
    seen.address("original-source", bare(textAt(fields, name)));
  for (const name of ["SenderAddress", "P1Sender", "P2Sender", "From"]) seen.mail("mail-from", textAt(fields, name));
  for (const name of ["ForwardTo", "ForwardingSmtpAddress", "RedirectTo"])
    for (const parameter of objectsAt(fields, "Parameters"))
      if (textAt(parameter, "Name") === name) seen.mail("mail-to", textAt(parameter, "Value"));
  for (const name of ["Url", "SiteUrl", "ObjectId"])
    if (/^https?:\/\//.test(textAt(fields, name) ?? "")) seen.url("http-url", textAt(fields, name));
  for (const name of ["FileHash", "Sha256", "SHA256"]) seen.hash("file-hash", textAt(fields, name));
  const session = sessionOf(fields, event);
  return ok({
    time: time.value,
    event,
    fields: withTexts(fields, session),
    seen: seen.seen,
    measures: {},
    ...(source === undefined ? {} : { source }),
    ...(session === undefined ? {} : { session }),
  });
};

const times = [
  "createdDateTime",
  "properties.createdDateTime",
  "CreatedDateTime",
  "CreationTime",
  "activityDateTime",
  "properties.activityDateTime",
  "detectedDateTime",
  "eventTimestamp",
  "EventTimestamp",
  "time",
  "TimeGenerated",
  "CreationDate",
];
const addresses = [
  "ClientIP",
  "ipAddress",
  "properties.ipAddress",
  "callerIpAddress",
  "IPAddress",
  "CallerIpAddress",
  "ClientIPAddress",
  "ActorIpAddress",
  "IpAddress",
  "httpRequest.clientIpAddress",
  "properties.initiatedBy.user.ipAddress",
  "initiatedBy.user.ipAddress",
];

/** Parts that rules look into as text, by the name of the text: where the three writers keep them. */
const parts: Readonly<Record<string, readonly string[]>> = {
  targetResourcesText: ["targetResources", "properties.targetResources", "TargetResources"],
  initiatedByText: ["initiatedBy", "properties.initiatedBy", "InitiatedBy"],
  additionalDetailsText: ["additionalDetails", "properties.additionalDetails", "AdditionalDetails"],
  networkLocationText: ["networkLocationDetails", "properties.networkLocationDetails", "NetworkLocationDetails"],
};

/** With these texts, and with the word by which rules call the outcome of a sign-in; the policy takes the texts out again. */
const withTexts = (fields: Fields, session: Session | undefined): Fields => {
  const added: Record<string, string> = {};
  for (const [name, paths] of Object.entries(parts))
    for (const path of paths) {
      const text = textForm(valueAt(fields, path));
      if (text !== undefined) added[name] ??= text;
    }
  if (session?.outcome !== undefined) added["signInStatus"] = session.outcome === "success" ? "Success" : "Failure";
  return Object.keys(added).length === 0 ? fields : { ...fields, ...added };
};

/** "198.51.100.7:40101", "[2001:db8::7]:40101": the unified audit log writes ports, and brackets. */
const bare = (text: string | undefined): string | undefined => {
  const host = text === undefined ? undefined : hostIn(text);
  return host === undefined || host.kind === "domain" ? undefined : host.value;
};

/** Which log: what it says itself, else told from what only that log has. */
const eventOf = (fields: Fields): string | undefined => {
  const operation = textAt(fields, "Operation");
  if (operation !== undefined) return operation;
  const category = textAt(fields, "category", "Category", "properties.category", "CategoryValue") ?? "";
  if (/SignInLogs$/i.test(category)) return "sign-in";
  if (textAt(fields, "riskEventType", "properties.riskEventType", "RiskEventType") !== undefined)
    return /AlertIncident$|AlertConfiguration$/.test(textAt(fields, "riskEventType") ?? "") ? "pim" : "risk";
  if (/^AuditLogs$/i.test(category) || textAt(fields, "activityDateTime", "properties.activityDateTime") !== undefined)
    return "audit";
  if (
    textAt(fields, "appDisplayName", "AppDisplayName", "properties.appDisplayName") !== undefined &&
    (objectAt(fields, "status") ?? objectAt(fields, "properties.status") ?? textAt(fields, "ResultType")) !== undefined
  )
    return "sign-in";
  if (textAt(fields, "LoggedByService") !== undefined) return "audit";
  if (category !== "" || textAt(fields, "OperationNameValue", "operationName", "operationName.value") !== undefined)
    return "activity";
  return textAt(fields, "eventSource") === undefined ? undefined : "alert";
};

/** Microsoft's codes that ask for more (a second factor, consent, a new password) and are no refusal. */
const asksMore: ReadonlySet<string> = new Set([
  "50055",
  "50058",
  "50072",
  "50074",
  "50076",
  "50079",
  "50097",
  "50125",
  "50127",
  "50129",
  "50140",
  "50143",
  "50144",
  "50199",
  "65001",
  "16000",
  "16001",
  "16003",
  "9002341",
]);

const sessionOf = (fields: Fields, event: string): Session | undefined => {
  const unified =
    event === "UserLoggedIn" ||
    event === "UserLoginFailed" ||
    event === "MailboxLogin" ||
    event === "PasswordLogonInitialAuthUsingPassword";
  if (event !== "sign-in" && !unified) return undefined;
  const account = textAt(
    fields,
    "userPrincipalName",
    "properties.userPrincipalName",
    "UserPrincipalName",
    "UserId",
    "identity",
    "userDisplayName",
  );
  const code = textAt(
    fields,
    "status.errorCode",
    "properties.status.errorCode",
    "resultType",
    "ResultType",
    "Status.errorCode",
    "ErrorNumber",
  );
  const country = textAt(
    fields,
    "location.countryOrRegion",
    "properties.location.countryOrRegion",
    "LocationDetails.countryOrRegion",
    "Location",
    "location",
  );
  const place =
    objectAt(fields, "location.geoCoordinates") ??
    objectAt(fields, "properties.location.geoCoordinates") ??
    objectAt(fields, "LocationDetails.geoCoordinates");
  const latitude = place && numberAt(place, "latitude");
  const longitude = place && numberAt(place, "longitude");
  const outcome = unified
    ? event === "UserLoginFailed" || textAt(fields, "ResultStatus") === "Failed"
      ? "failure"
      : "success"
    : code === undefined || asksMore.has(code)
      ? undefined
      : code === "0"
        ? "success"
        : "failure";
  return {
    ...(account === undefined ? {} : { account }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(country !== undefined && /^[A-Za-z]{2}$/.test(country) ? { country: country.toUpperCase() } : {}),
    ...(latitude === undefined || longitude === undefined ? {} : { latitude, longitude }),
    service: unified ? "m365" : "entra",
  };
};
