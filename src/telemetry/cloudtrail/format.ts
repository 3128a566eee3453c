import type { Format, LogSource } from "#telemetry/format.ts";
import { jsonHead } from "#telemetry/head-lines.ts";
import { WrappedRecordSplitter } from "#telemetry/wrapped-records.ts";
import { parseCloudTrail } from "./parse.ts";

const sources: readonly LogSource[] = [{ product: "aws", service: "cloudtrail" }];

/** AWS CloudTrail: files of `{"Records":[…]}`, and a record a line. */
export const format: Format = {
  id: "cloudtrail",
  title: "AWS CloudTrail",
  accepts: (head) => {
    const text = jsonHead(head);
    return (
      text !== undefined &&
      /"(?:eventSource|eventVersion|awsRegion|userIdentity)"\s*:/.test(text) &&
      /"(?:Records"\s*:\s*\[|eventVersion"\s*:|awsRegion"\s*:|eventID"\s*:)/.test(text)
    );
  },
  split: () => new WrappedRecordSplitter("Records"),
  open: (stream = {}) => ({ parse: (line) => parseCloudTrail(line, stream) }),
  rules: {
    logSources: () => sources,
    names: {
      src_ip: "sourceIPAddress",
      requestParameters: ["requestParametersText", "requestParameters"],
      responseElements: ["responseElementsText", "responseElements"],
    },
  },
  policy: {
    // Copies of what stands beside them, for rules
    requestParametersText: "drop",
    responseElementsText: "drop",
    // Who it was; what lets somebody in or is somebody's data
    "userIdentity.userName": "hash",
    "userIdentity.arn": "hash",
    "userIdentity.principalId": "hash",
    "userIdentity.accessKeyId": "hash",
    "userIdentity.sessionContext.sessionIssuer.userName": "hash",
    "userIdentity.sessionContext.sessionIssuer.arn": "hash",
    "userIdentity.sessionContext.sessionIssuer.principalId": "hash",
    "responseElements.credentials": "drop",
    "responseElements.accessKey": "drop",
    "responseElements.user.userName": "hash",
    "requestParameters.userName": "hash",
    "requestParameters.masterUserPassword": "drop",
    "requestParameters.password": "drop",
    "requestParameters.newPassword": "drop",
    "requestParameters.oldPassword": "drop",
    "requestParameters.userData": "drop",
    "requestParameters.secretString": "drop",
    "requestParameters.SAMLAssertion": "drop",
    "additionalEventData.LoginTo": "secrets",
  },
};
