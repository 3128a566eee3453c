import type { Format } from "./format.ts";
import { format as accessLog } from "./access-log/format.ts";
import { format as auditd } from "./auditd/format.ts";
import { format as azureSignin } from "./azure-signin/format.ts";
import { format as bindQuery } from "./bind-query/format.ts";
import { format as cef } from "./cef/format.ts";
import { format as cloudtrail } from "./cloudtrail/format.ts";
import { format as dnsmasq } from "./dnsmasq/format.ts";
import { format as dnstapJson } from "./dnstap-json/format.ts";
import { format as evtx } from "./evtx/format.ts";
import { format as fortigate } from "./fortigate/format.ts";
import { format as iis } from "./iis/format.ts";
import { format as kubernetesAudit } from "./kubernetes-audit/format.ts";
import { format as leef } from "./leef/format.ts";
import { format as netflow } from "./netflow/format.ts";
import { format as nginxJson } from "./nginx-json/format.ts";
import { format as paloalto } from "./paloalto/format.ts";
import { format as pfsense } from "./pfsense/format.ts";
import { format as squid } from "./squid/format.ts";
import { format as suricataEve } from "./suricata-eve/format.ts";
import { format as syslog } from "./syslog/format.ts";
import { format as sysmonLinux } from "./sysmon-linux/format.ts";
import { format as windowsJson } from "./windows-json/format.ts";
import { format as zeek } from "./zeek/format.ts";
import { format as ecs } from "./ecs/format.ts";
import { format as ocsf } from "./ocsf/format.ts";

/** Every format, the one that is asked first, first. A test holds the list to the folders. */
export const formats: readonly Format[] = [
  evtx,
  suricataEve,
  dnstapJson,
  kubernetesAudit,
  cloudtrail,
  azureSignin,
  nginxJson,
  windowsJson,
  ecs,
  ocsf,
  sysmonLinux,
  auditd,
  cef,
  leef,
  netflow,
  zeek,
  pfsense,
  fortigate,
  paloalto,
  iis,
  bindQuery,
  dnsmasq,
  squid,
  accessLog,
  syslog,
];

export const formatById = (id: string): Format | undefined => formats.find((format) => format.id === id);

/** The format that a stream's first bytes look like; absent: nobody's. */
export const detectFormat = (head: Uint8Array): Format | undefined => formats.find((format) => format.accepts(head));
