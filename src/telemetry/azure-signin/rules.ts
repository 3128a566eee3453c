import type { LogSource, RuleView } from "#telemetry/format.ts";
import { textAt } from "#telemetry/record-fields.ts";

const azure = (...services: readonly string[]): readonly LogSource[] =>
  services.map((service) => ({ product: "azure", service }));

const sources: Readonly<Record<string, readonly LogSource[]>> = {
  "sign-in": azure("signinlogs"),
  audit: azure("auditlogs"),
  risk: azure("riskdetection"),
  pim: azure("pim"),
  activity: azure("activitylogs"),
};
const m365: readonly LogSource[] = [{ product: "m365", service: "audit" }];
const exchange: readonly LogSource[] = [...m365, { product: "m365", service: "exchange" }];
const threats: readonly LogSource[] = [
  ...m365,
  { product: "m365", service: "threat_management" },
  { product: "m365", service: "threat_detection" },
];
const none: readonly LogSource[] = [];

/** Workloads of the unified audit log that speak of threats. */
const threatening = /^(?:SecurityComplianceCenter|ThreatIntelligence|CloudAppSecurity|MicrosoftDefenderForEndpoint)$/;

/** The event says which log it was; within the unified audit log the workload says which service. */
export const logSources: RuleView["logSources"] = (fields, event) => {
  const own = Object.hasOwn(sources, event) ? sources[event] : undefined;
  if (own !== undefined) return own;
  const workload = textAt(fields, "Workload", "eventSource");
  if (workload === undefined) return textAt(fields, "Operation") === undefined ? none : m365;
  return workload === "Exchange" ? exchange : threatening.test(workload) ? threats : m365;
};

const both = (...names: readonly string[]): readonly string[] => names.flatMap((name) => [name, `properties.${name}`]);

/**
 * SigmaHQ's rules write one field in many ways ("ResultType", "resultType", "Resultdescription"), and three writers
 * spell it differently: Azure Monitor's diagnostic settings (parts under `properties`), Log Analytics (capitals) and
 * Microsoft Graph.
 */
export const names: RuleView["names"] = {
  "properties.message": [
    "properties.message",
    "operationName",
    "OperationName",
    "activityDisplayName",
    "properties.activityDisplayName",
  ],
  operationName: ["operationName", "OperationName", "operationName.value", "activityDisplayName", "OperationNameValue"],
  OperationName: ["OperationName", "operationName", "activityDisplayName"],
  OperationNameValue: ["OperationNameValue", "operationName.value", "operationName"],
  ActivityDisplayName: ["ActivityDisplayName", ...both("activityDisplayName"), "OperationName", "operationName"],
  CategoryValue: ["CategoryValue", "category.value", "category", "Category"],
  ResourceId: ["ResourceId", "resourceId", "_ResourceId"],
  ResourceProviderValue: [
    "ResourceProviderValue",
    "resourceProviderName.value",
    "ResourceProvider",
    "resourceProvider",
  ],
  ActivityDetails: ["ActivityDetails", ...both("activityDetails"), "Category", "category"],
  callerIpAddress: ["callerIpAddress", "CallerIpAddress", "IPAddress", "ipAddress"],
  category: ["category", "Category"],
  Category: ["Category", "category", "properties.category"],
  LoggedByService: ["LoggedByService", ...both("loggedByService")],
  ActivityType: ["ActivityType", ...both("activityType", "operationType"), "OperationName", "operationName"],
  activityType: [...both("activityType", "operationType"), "ActivityType", "operationName"],
  Status: [
    "signInStatus",
    "Status",
    "status.additionalDetails",
    "properties.status.additionalDetails",
    ...both("result", "status"),
    "Result",
    "ResultStatus",
  ],
  "properties.result": ["properties.result", "result", "Result"],
  failure_status_reason: [...both("status.failureReason", "resultReason"), "ResultReason"],
  "Initiatied.By": ["initiatedByText", "initiatedBy", "properties.initiatedBy", "InitiatedBy"],
  Initiatedby: ["initiatedByText", "initiatedBy", "properties.initiatedBy", "InitiatedBy"],
  "properties.initiatedBy": ["initiatedByText", "properties.initiatedBy", "initiatedBy", "InitiatedBy"],
  Target: ["targetResourcesText", "Target", ...both("targetResources"), "TargetResources"],
  TargetResources: ["targetResourcesText", "TargetResources", ...both("targetResources")],
  "properties.targetResources": [
    "targetResourcesText",
    "properties.targetResources",
    "targetResources",
    "TargetResources",
  ],
  "targetResources.type": [...both("targetResources.type"), "TargetResources.type"],
  "TargetResources.modifiedProperties": [
    "targetResourcesText",
    "TargetResources.modifiedProperties",
    ...both("targetResources.modifiedProperties"),
  ],
  "TargetResources.modifiedProperties.newValue": [
    "TargetResources.modifiedProperties.newValue",
    ...both("targetResources.modifiedProperties.newValue"),
  ],
  "TargetResources.ModifiedProperties.NewValue": [
    ...both("targetResources.modifiedProperties.newValue"),
    "TargetResources.modifiedProperties.newValue",
  ],
  "TargetResources.ModifiedProperties.DisplayName": [
    ...both("targetResources.modifiedProperties.displayName"),
    "TargetResources.modifiedProperties.displayName",
  ],
  "additionalDetails.additionalInfo": [
    "additionalDetailsText",
    ...both("additionalDetails.additionalInfo", "additionalDetails"),
    "AdditionalDetails",
  ],
  "ConsentContext.IsAdminConsent": [
    ...both("additionalDetails.ConsentContext.IsAdminConsent"),
    "ConsentContext.IsAdminConsent",
  ],
  location: ["Location", ...both("location.countryOrRegion"), "location", "LocationDetails.countryOrRegion"],
  resultType: ["resultType", "ResultType", ...both("status.errorCode")],
  ResultType: ["ResultType", "resultType", ...both("status.errorCode")],
  ResultDescription: ["ResultDescription", "resultDescription", ...both("status.failureReason")],
  Resultdescription: ["ResultDescription", "resultDescription", ...both("status.failureReason")],
  "properties.deviceDetail.deviceId": [...both("deviceDetail.deviceId").toReversed(), "DeviceDetail.deviceId"],
  "DeviceDetail.deviceId": ["DeviceDetail.deviceId", ...both("deviceDetail.deviceId")],
  "DeviceDetail.trusttype": ["DeviceDetail.trustType", ...both("deviceDetail.trustType")],
  "DeviceDetail.isCompliant": ["DeviceDetail.isCompliant", ...both("deviceDetail.isCompliant")],
  "properties.authenticationRequirement": [
    "properties.authenticationRequirement",
    "authenticationRequirement",
    "AuthenticationRequirement",
  ],
  AuthenticationRequirement: ["AuthenticationRequirement", ...both("authenticationRequirement")],
  "properties.appId": ["properties.appId", "appId", "AppId"],
  homeTenantId: [...both("homeTenantId"), "HomeTenantId"],
  resourceTenantId: [...both("resourceTenantId"), "ResourceTenantId"],
  userAgent: [...both("userAgent"), "UserAgent"],
  RiskState: ["RiskState", ...both("riskState")],
  ResourceDisplayName: ["ResourceDisplayName", ...both("resourceDisplayName")],
  conditionalAccessStatus: [...both("conditionalAccessStatus"), "ConditionalAccessStatus"],
  NetworkLocationDetails: ["networkLocationText", "NetworkLocationDetails", ...both("networkLocationDetails")],
  ClientApp: ["ClientApp", ...both("clientAppUsed"), "ClientAppUsed"],
  Username: ["Username", ...both("userPrincipalName"), "UserPrincipalName"],
  riskEventType: [...both("riskEventType"), "RiskEventType", "riskType"],
  // The unified audit log of Microsoft 365
  Operation: ["Operation", "eventName"],
  eventName: ["eventName", "Name", "AlertType", "PolicyName", "Operation"],
  eventSource: ["eventSource", "Workload", "Source"],
  status: ["status", "ResultStatus", "Status"],
  Payload: ["Payload", "Data"],
  OperationProperties: ["OperationProperties.Value", "OperationProperties"],
  // Of a cmdlet's parameters rules ask the names ("ForwardTo").
  Parameters: ["Parameters.Name", "Parameters"],
  RequestType: ["RequestType", "ExtendedProperties.Value"],
};
