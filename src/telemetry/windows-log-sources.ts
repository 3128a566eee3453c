import type { LogSource } from "./format.ts";

// The Sigma specification 2.1, appendix "taxonomy", and SigmaHQ's own pipelines for Sysmon and Windows say which channel
// and event stand for which log source; the tables below keep the order of the taxonomy.

/** Sysmon's events, by category. Some belong to two: a key made or deleted (12) is also a change of the registry. */
const sysmonCategories: Readonly<Record<string, readonly number[]>> = {
  process_creation: [1],
  file_change: [2],
  network_connection: [3],
  sysmon_status: [4, 16],
  process_termination: [5],
  driver_load: [6],
  image_load: [7],
  create_remote_thread: [8],
  raw_access_thread: [9],
  process_access: [10],
  file_event: [11],
  registry_add: [12],
  registry_delete: [12],
  registry_set: [13],
  registry_rename: [14],
  registry_event: [12, 13, 14],
  create_stream_hash: [15],
  pipe_created: [17, 18],
  wmi_event: [19, 20, 21],
  dns_query: [22],
  file_delete: [23],
  clipboard_capture: [24],
  process_tampering: [25],
  file_delete_detected: [26],
  file_block_executable: [27],
  file_block_shredding: [28],
  file_executable_detected: [29],
  sysmon_error: [255],
};

/** PowerShell's own logs, by category: [service, event]. */
const powershellCategories: Readonly<Record<string, readonly [service: string, event: number]>> = {
  ps_module: ["powershell", 4103],
  ps_script: ["powershell", 4104],
  ps_classic_start: ["powershell-classic", 400],
  ps_classic_provider_start: ["powershell-classic", 600],
  ps_classic_script: ["powershell-classic", 800],
};

/** Defender's findings: what it detected, did about it, or could not do. Sigma's `antivirus` names no product. */
const antivirusEvents: readonly number[] = [1006, 1007, 1008, 1009, 1015, 1116, 1117, 1118, 1119];

/** Services, by the channels they write to. */
const serviceChannels: Readonly<Record<string, readonly string[]>> = {
  security: ["Security"],
  application: ["Application"],
  system: ["System"],
  sysmon: ["Microsoft-Windows-Sysmon/Operational"],
  powershell: ["Microsoft-Windows-PowerShell/Operational", "PowerShellCore/Operational"],
  "powershell-classic": ["Windows PowerShell"],
  taskscheduler: ["Microsoft-Windows-TaskScheduler/Operational"],
  wmi: ["Microsoft-Windows-WMI-Activity/Operational"],
  "dns-server": ["DNS Server"],
  "dns-server-audit": ["Microsoft-Windows-DNS-Server/Audit"],
  "dns-server-analytic": ["Microsoft-Windows-DNS-Server/Analytical"],
  "driver-framework": ["Microsoft-Windows-DriverFrameworks-UserMode/Operational"],
  ntlm: ["Microsoft-Windows-NTLM/Operational"],
  dhcp: ["Microsoft-Windows-DHCP-Server/Operational"],
  "msexchange-management": ["MSExchange Management"],
  applocker: [
    "Microsoft-Windows-AppLocker/MSI and Script",
    "Microsoft-Windows-AppLocker/EXE and DLL",
    "Microsoft-Windows-AppLocker/Packaged app-Deployment",
    "Microsoft-Windows-AppLocker/Packaged app-Execution",
  ],
  "printservice-admin": ["Microsoft-Windows-PrintService/Admin"],
  "printservice-operational": ["Microsoft-Windows-PrintService/Operational"],
  "codeintegrity-operational": ["Microsoft-Windows-CodeIntegrity/Operational"],
  "smbclient-security": ["Microsoft-Windows-SmbClient/Security"],
  "smbclient-connectivity": ["Microsoft-Windows-SmbClient/Connectivity"],
  "smbserver-connectivity": ["Microsoft-Windows-SMBServer/Connectivity"],
  "firewall-as": ["Microsoft-Windows-Windows Firewall With Advanced Security/Firewall"],
  "bits-client": ["Microsoft-Windows-Bits-Client/Operational"],
  windefend: ["Microsoft-Windows-Windows Defender/Operational"],
  "terminalservices-localsessionmanager": ["Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"],
  "microsoft-servicebus-client": ["Microsoft-ServiceBus-Client"],
  ldap_debug: ["Microsoft-Windows-LDAP-Client/Debug"],
  ldap: ["Microsoft-Windows-LDAP-Client/Debug"],
  "security-mitigations": [
    "Microsoft-Windows-Security-Mitigations/Kernel Mode",
    "Microsoft-Windows-Security-Mitigations/User Mode",
  ],
  "diagnosis-scripted": ["Microsoft-Windows-Diagnosis-Scripted/Operational"],
  "shell-core": ["Microsoft-Windows-Shell-Core/Operational"],
  openssh: ["OpenSSH/Operational"],
  bitlocker: ["Microsoft-Windows-BitLocker/BitLocker Management"],
  vhdmp: ["Microsoft-Windows-VHDMP/Operational"],
  "appxdeployment-server": ["Microsoft-Windows-AppXDeploymentServer/Operational"],
  "lsa-server": ["Microsoft-Windows-LSA/Operational"],
  "appxpackaging-om": ["Microsoft-Windows-AppxPackaging/Operational"],
  "dns-client": ["Microsoft-Windows-DNS Client Events/Operational", "Microsoft-Windows-DNS-Client/Operational"],
  "appmodel-runtime": ["Microsoft-Windows-AppModel-Runtime/Admin"],
  capi2: ["Microsoft-Windows-CAPI2/Operational"],
  "certificateservicesclient-lifecycle-system": [
    "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational",
  ],
  "iis-configuration": ["Microsoft-IIS-Configuration/Operational"],
};

const sysmonChannel = "microsoft-windows-sysmon/operational";

/**
 * Security's own events of what Sysmon tells better. They are not among the log sources unless a caller asks: their
 * fields have other names (`NewProcessName`, `ObjectName`), a rule that looks at `CommandLine` alone would find each
 * process twice where both are logged, and the answers that rules are held to were made without them.
 */
const auditCategories: Readonly<Record<string, readonly number[]>> = {
  process_creation: [4688],
  process_termination: [4689],
  network_connection: [5156],
  registry_event: [4657],
};

/** Every log source of Windows that is told from the channel alone. */
const byChannel: ReadonlyMap<string, readonly LogSource[]> = (() => {
  const made = new Map<string, LogSource[]>();
  for (const [service, channels] of Object.entries(serviceChannels))
    for (const channel of channels) {
      const key = channel.toLowerCase();
      const known = made.get(key) ?? [];
      known.push(Object.freeze({ product: "windows", service }));
      made.set(key, known);
    }
  return made;
})();

/** Categories by `channel event`. */
const byEvent: ReadonlyMap<string, readonly string[]> = (() => {
  const made = new Map<string, string[]>();
  const put = (channel: string, event: number, category: string): void => {
    const key = `${channel.toLowerCase()} ${event}`;
    made.set(key, [...(made.get(key) ?? []), category]);
  };
  for (const [category, events] of Object.entries(sysmonCategories))
    for (const event of events) put(sysmonChannel, event, category);
  for (const [category, [service, event]] of Object.entries(powershellCategories))
    for (const channel of serviceChannels[service] ?? []) put(channel, event, category);
  for (const channel of serviceChannels["windefend"] ?? [])
    for (const event of antivirusEvents) put(channel, event, "antivirus");
  return made;
})();

const auditByEvent: ReadonlyMap<number, string> = new Map(
  Object.entries(auditCategories).flatMap(([category, events]) => events.map((event) => [event, category] as const)),
);

/** Of a channel that no service is named for. */
const windows: readonly LogSource[] = Object.freeze([Object.freeze({ product: "windows" })]);

/** Answers already given, by channel as it is written; bounded, for a channel is a stranger's text. */
const answers = new Map<string, Map<number, readonly LogSource[]>>();
const auditAnswers = new Map<string, Map<number, readonly LogSource[]>>();
const channelsKept = 1024;
const eventsKept = 4096;

/**
 * The log sources of a Windows event: its service by the channel, its category by channel and event. One array per pair,
 * the same each time. Channels are compared without regard to case, as Windows does.
 *
 * @param audit also count the Security log's auditing as Sysmon's categories (4688 a process_creation); see above
 * @see https://github.com/SigmaHQ/sigma-specification/blob/main/appendix/sigma-appendix-taxonomy.md
 */
export const windowsLogSources = (channel: string, event: number, audit = false): readonly LogSource[] => {
  const kept = audit ? auditAnswers : answers;
  const known = kept.get(channel)?.get(event);
  if (known !== undefined) return known;
  const made = make(channel.toLowerCase(), event, audit);
  let events = kept.get(channel);
  if (events === undefined) {
    if (kept.size >= channelsKept) kept.clear();
    kept.set(channel, (events = new Map()));
  }
  if (events.size >= eventsKept) events.clear();
  events.set(event, made);
  return made;
};

/** By category and channel, so that pairs of one meaning are one array too. */
const made = new Map<string, readonly LogSource[]>();

const make = (channel: string, event: number, audit: boolean): readonly LogSource[] => {
  const services = byChannel.get(channel);
  if (services === undefined) return windows;
  const extra = audit && channel === "security" ? auditByEvent.get(event) : undefined;
  const categories = [...(byEvent.get(`${channel} ${event}`) ?? []), ...(extra === undefined ? [] : [extra])];
  const key = `${channel} ${categories.join(" ")}`;
  let sources = made.get(key);
  if (sources === undefined) {
    sources = Object.freeze(
      services.flatMap((service) => [
        service,
        ...categories.map((category) =>
          Object.freeze({ product: "windows", category, service: service.service ?? "" }),
        ),
      ]),
    );
    made.set(key, sources);
  }
  return sources;
};

const linuxAnswers = new Map<number, readonly LogSource[]>();
const linuxSysmon: LogSource = Object.freeze({ product: "linux", service: "sysmon" });

/** The log sources of an event of Sysmon for Linux: Sysmon's own numbers, of another product. */
export const linuxSysmonLogSources = (event: number): readonly LogSource[] => {
  const known = linuxAnswers.get(event);
  if (known !== undefined) return known;
  const categories = byEvent.get(`${sysmonChannel} ${event}`) ?? [];
  const sources = Object.freeze([
    linuxSysmon,
    ...categories.map((category) => Object.freeze({ product: "linux", category, service: "sysmon" })),
  ]);
  if (categories.length > 0) linuxAnswers.set(event, sources);
  return categories.length > 0 ? sources : linuxOther;
};
const linuxOther: readonly LogSource[] = Object.freeze([linuxSysmon]);

/** Every category and service that `windowsLogSources` may answer with, for those who check rules against them. */
export const windowsCategories: readonly string[] = [
  ...Object.keys(sysmonCategories),
  ...Object.keys(powershellCategories),
  "antivirus",
];
export const windowsServices: readonly string[] = Object.keys(serviceChannels);
