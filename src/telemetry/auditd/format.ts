import type { Format, LogSource } from "#telemetry/format.ts";
import { parseAudit } from "./parse.ts";
import { AuditSplitter } from "./split.ts";

const record: readonly LogSource[] = Object.freeze([{ product: "linux", service: "auditd" }]);
const process: readonly LogSource[] = Object.freeze([
  { product: "linux", service: "auditd" },
  { product: "linux", category: "process_creation", service: "auditd" },
]);
const connection: readonly LogSource[] = Object.freeze([
  { product: "linux", service: "auditd" },
  { product: "linux", category: "network_connection", service: "auditd" },
]);

/**
 * The Linux audit log, plain or enriched, also behind a syslog head and as auoms writes it (JSON with the line within).
 * The records of one event are read together.
 */
export const format: Format = {
  id: "auditd",
  title: "Linux audit log (auditd)",
  accepts: (head) =>
    /(?:^|\n|"SyslogMessage":")[^\n]{0,400}?type=[A-Z][A-Z0-9_]* (?:msg=)?audit\(\d+\.\d+:\d+\):/.test(
      new TextDecoder().decode(head),
    ),
  split: () => new AuditSplitter(),
  open: () => ({ parse: parseAudit }),
  rules: {
    logSources: (fields) => {
      if (Object.hasOwn(fields, "CommandLine")) return process;
      return fields["SYSCALL"] === "connect" ? connection : record;
    },
    names: { DestinationIp: "laddr", DestinationPort: "lport" },
  },
  policy: {
    // Who; what was typed (TTY records hold passwords), and secrets on command lines
    acct: "hash",
    User: "hash",
    user: "hash",
    AUID: "hash",
    UID: "hash",
    EUID: "hash",
    SUID: "hash",
    FSUID: "hash",
    OUID: "hash",
    ID: "hash",
    audit_user: "hash",
    effective_user: "hash",
    set_user: "hash",
    filesystem_user: "hash",
    data: "drop",
    CommandLine: "secrets",
    cmdline: "secrets",
    proctitle: "secrets",
    cmd: "secrets",
    a1: "secrets",
    a2: "secrets",
    a3: "secrets",
    a4: "secrets",
  },
};
