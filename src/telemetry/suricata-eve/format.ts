import type { Format } from "#telemetry/format.ts";
import { parseEve } from "./parse.ts";
import { rules } from "./rules.ts";
import { scanEve } from "./scan.ts";

/** Suricata's `eve.json`, versions 3 to 8, a record a line; `jq` and tools that wrap records into an array are read too. */
export const format: Format = {
  id: "suricata-eve",
  title: "Suricata EVE (JSON)",
  accepts: (head) => {
    const text = new TextDecoder().decode(head).trimStart();
    return /^(?:\[\s*)?\{/.test(text) && /"event_type"\s*:/.test(text);
  },
  open: () => ({ scan: scanEve, parse: parseEve }),
  rules,
  policy: {
    // What people typed and wrote, and who they are; Suricata 8.0 `etc/schema.json`
    payload: "drop",
    payload_printable: "drop",
    packet: "drop",
    stream: "drop",
    "http.http_request_body": "drop",
    "http.http_request_body_printable": "drop",
    "http.http_response_body": "drop",
    "http.http_response_body_printable": "drop",
    "http.url": "secrets",
    "http.http_refer": "secrets",
    "http.cookie": "drop",
    "http.set_cookie": "drop",
    "http.authorization": "drop",
    "http.proxy_authorization": "drop",
    "http.request_headers": "drop",
    "http.response_headers": "drop",
    "email.subject": "drop",
    "email.body_md5": "drop",
    "smtp.subject": "drop",
    "ftp.command_data": "hash",
    "krb5.cname": "hash",
    "smb.ntlmssp.user": "hash",
    "rdp.cookie": "hash",
    "snmp.community": "drop",
    "pgsql.request.password_message": "drop",
    "pgsql.request.startup_parameters.user": "hash",
    "mqtt.connect.password": "drop",
    "mqtt.connect.username": "hash",
    "sip.request_line": "drop",
    "ldap.request.bind_request.name": "hash",
    username: "hash",
    password: "drop",
  },
};
