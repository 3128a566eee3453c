import { textField } from "./field.ts";

/**
 * Which log a JSON record belongs to: what it says itself, else told from the fields that only one log has. A record
 * that fits none is "unknown" and still read whole.
 */
export const pathOf = (fields: Readonly<Record<string, unknown>>): string => {
  const said = textField(fields, "_path") ?? textField(fields, "@stream");
  if (said !== undefined) return said;
  for (const [path, names] of tells) if (names.some((name) => Object.hasOwn(fields, name))) return path;
  return "unknown";
};

/** The first that fits wins: http, smtp and notice also have what files has, so they come earlier. */
const tells: readonly (readonly [string, readonly string[]])[] = [
  ["http", ["method", "request_body_len", "status_code", "uri"]],
  ["smtp", ["helo", "mailfrom", "rcptto"]],
  ["notice", ["note", "suppress_for"]],
  ["dns", ["query", "qtype", "rcode", "trans_id"]],
  ["ssl", ["server_name", "cipher", "ssl_history", "cert_chain_fuids"]],
  ["x509", ["certificate.subject", "certificate_subject", "certificate.serial", "certificate_serial"]],
  ["files", ["fuid", "tx_hosts", "seen_bytes"]],
  ["conn", ["conn_state", "orig_bytes", "resp_bytes", "orig_pkts", "history"]],
];
