import type { Format } from "#telemetry/format.ts";
import { jsonHead } from "#telemetry/head-lines.ts";
import { WrappedRecordSplitter } from "#telemetry/wrapped-records.ts";
import { parseEntra } from "./parse.ts";
import { logSources, names } from "./rules.ts";

/** Names and addresses of people, where each of the three writers keeps them. */
const people: Format["policy"] = Object.fromEntries(
  [
    "userPrincipalName",
    "UserPrincipalName",
    "userDisplayName",
    "UserDisplayName",
    "userId",
    "UserId",
    "UserKey",
    "Username",
    "identity",
    "Identity",
    "caller",
    "Caller",
    "alternateSignInName",
    "signInIdentifier",
    "initiatedBy.user.userPrincipalName",
    "initiatedBy.user.displayName",
    "Actor.ID",
    "AffectedItems.Subject",
    "MailboxOwnerUPN",
    "TargetUserOrGroupName",
  ].flatMap((name) => [
    [name, "hash"],
    [`properties.${name}`, "hash"],
  ]),
) as Format["policy"];

/** Logs of Microsoft's cloud: Entra sign-ins, audit and risk, Azure activity, and the unified audit log of Microsoft 365. */
export const format: Format = {
  id: "azure-signin",
  title: "Microsoft Entra, Azure and Microsoft 365 logs",
  accepts: (head) => {
    const text = jsonHead(head);
    if (text === undefined || /"(?:event_type|eventVersion)"\s*:/.test(text)) return false;
    const entra =
      /"(?:userPrincipalName|UserPrincipalName|callerIpAddress|correlationId|CorrelationId|operationName|OperationName)"\s*:/;
    const which =
      /"(?:category|Category)"\s*:\s*"(?:[A-Za-z]*SignInLogs|AuditLogs|RiskyUsers|UserRiskEvents|Administrative|Security|Policy|ServiceHealth|Alert|Recommendation|ResourceHealth|Autoscale)"|"(?:createdDateTime|TimeGenerated)"\s*:|"(?:riskEventType|RiskEventType|activityDateTime)"\s*:/;
    const unified = /"Operation"\s*:/.test(text) && /"(?:UserId|Workload|RecordType|OrganizationId)"\s*:/.test(text);
    return (
      unified ||
      /"AuditData"\s*:/.test(text) ||
      (entra.test(text) && which.test(text)) ||
      /"riskEventType"\s*:/.test(text)
    );
  },
  split: () => new WrappedRecordSplitter("value", "records"),
  open: (stream = {}) => ({ parse: (line) => parseEntra(line, stream) }),
  rules: { logSources, names },
  policy: {
    // Copies of what stands beside them, for rules
    targetResourcesText: "drop",
    initiatedByText: "drop",
    additionalDetailsText: "drop",
    networkLocationText: "drop",
    ...people,
  },
};
