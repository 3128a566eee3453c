import type { Format } from "#telemetry/format.ts";
import { jsonHead } from "#telemetry/head-lines.ts";
import { parseOcsf } from "./parse.ts";
import { ocsfRules } from "./rules.ts";

/** Events of the Open Cybersecurity Schema Framework 1.x, as data lakes and endpoint products export them. */
export const format: Format = {
  id: "ocsf",
  title: "OCSF (Open Cybersecurity Schema Framework)",
  accepts: (head) => {
    const text = jsonHead(head);
    return (
      text !== undefined &&
      /"class_uid"\s*:\s*"?\d/.test(text) &&
      /"(?:time|time_dt|category_uid|type_uid|metadata)"\s*:/.test(text)
    );
  },
  open: (stream = {}) => ({ parse: (line) => parseOcsf(line, stream) }),
  rules: ocsfRules,
  policy: {
    raw_data: "drop",
    message: "drop",
    "user.name": "hash",
    "user.email_addr": "hash",
    "user.full_name": "hash",
    "user.credential_uid": "drop",
    "actor.user.name": "hash",
    "actor.user.email_addr": "hash",
    "process.user.name": "hash",
    "process.cmd_line": "secrets",
    "actor.process.cmd_line": "secrets",
    "process.parent_process.cmd_line": "secrets",
    "http_request.url.url_string": "secrets",
    "http_request.url.text": "secrets",
    "http_request.url.query_string": "secrets",
    "http_request.referrer": "secrets",
    "http_request.http_headers": "drop",
    "http_response.http_headers": "drop",
    "url.url_string": "secrets",
    "url.query_string": "secrets",
    "email.subject": "drop",
    "file.owner.name": "hash",
  },
};
