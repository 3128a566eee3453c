import type { Format, LogSource } from "#telemetry/format.ts";
import { jsonHead } from "#telemetry/head-lines.ts";
import { WrappedRecordSplitter } from "#telemetry/wrapped-records.ts";
import { parseAudit } from "./parse.ts";

const sources: readonly LogSource[] = [
  { product: "kubernetes", service: "audit" },
  { product: "kubernetes", category: "application", service: "audit" },
];

/** Audit events of a Kubernetes API server: a line each, and `EventList`s as its webhook posts them. */
export const format: Format = {
  id: "kubernetes-audit",
  title: "Kubernetes audit log",
  accepts: (head) => {
    const text = jsonHead(head);
    return (
      text !== undefined &&
      (/"apiVersion"\s*:\s*"audit\.k8s\.io\//.test(text) ||
        (/"auditID"\s*:/.test(text) && /"requestURI"\s*:/.test(text)))
    );
  },
  split: () => new WrappedRecordSplitter("items"),
  open: (stream = {}) => ({ parse: (line) => parseAudit(line, stream) }),
  rules: {
    logSources: () => sources,
    names: {
      hostPath: [
        "requestObject.spec.volumes.hostPath.path",
        "requestObject.spec.volumes.hostPath",
        "requestObject.spec.template.spec.volumes.hostPath.path",
      ],
      capabilities: [
        "requestObject.spec.containers.securityContext.capabilities.add",
        "requestObject.spec.template.spec.containers.securityContext.capabilities.add",
      ],
      apiGroup: "objectRef.apiGroup",
      src_ip: "sourceIPs",
    },
  },
  policy: {
    "user.username": "hash",
    "user.uid": "hash",
    "user.extra": "drop",
    "impersonatedUser.username": "hash",
    // Secrets, tokens and config maps with their contents, at the levels Request and RequestResponse
    "requestObject.data": "drop",
    "requestObject.stringData": "drop",
    "requestObject.spec.token": "drop",
    "responseObject.data": "drop",
    "responseObject.stringData": "drop",
    "responseObject.status.token": "drop",
    "responseObject.items.data": "drop",
    requestURI: "secrets",
  },
};
