import type { Random } from "./random.ts";
import { reported, weaknesses } from "./story.ts";
import { zip } from "./zip.ts";

const hour = 3_600_000;

/**
 * What a scanning service sends a national CERT each morning, in the shape of Shadowserver's reports: a zip of a CSV a
 * report type, all about addresses of the city, and of some that nobody here owns.
 *
 * @param now milliseconds since 1970
 */
export const reportsOfTheDay = (now: number, rng: Random): Uint8Array => {
  const date = new Date(now).toISOString().slice(0, 10);
  const files = new Map<string, string>();
  const put = (type: string, columns: readonly string[], rows: readonly Cells[]): void =>
    void files.set(
      `${date}-${type}-harbour_city.csv`,
      [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ""))].map(line).join("\n") + "\n",
    );
  const seen = (): string =>
    new Date(now - rng.between(3, 20) * hour - rng.between(0, hour)).toISOString().slice(0, 19).replace("T", " ");
  const { telnet, rdp, sinkhole, vulnerable } = reported;
  const [four, unowned, six] = reported.strangers;

  const answers = (ip: string, port: number, severity: string, more: Cells): Cells => ({
    ...{ timestamp: seen(), severity, ip, protocol: "tcp", port: String(port) },
    ...{ asn: "64500", geo: "HC", region: "HARBOUR", city: "HARBOUR CITY", sector: "Government" },
    ...more,
  });
  put(
    "scan_telnet",
    [...service, "banner"],
    [
      answers(telnet.ip, telnet.port, "high", {
        hostname: telnet.host,
        tag: "telnet",
        banner: "TidewaterOS 4|gate-3 login:",
      }),
      answers(four, 23, "high", { tag: "telnet", banner: "login:" }),
      answers(unowned, 2323, "high", { tag: "telnet-alt", banner: "Welcome|login:" }),
    ],
  );
  put(
    "scan6_rdp",
    [...service, "rdp_protocol", "cert_subject"],
    [
      answers(rdp.ip, rdp.port, "high", {
        hostname: rdp.host,
        tag: "rdp",
        rdp_protocol: "RDP",
        cert_subject: "CN=PRINT-2",
      }),
      answers(six, 3389, "high", { tag: "rdp", rdp_protocol: "RDP", cert_subject: "CN=DESK" }),
    ],
  );
  put(
    "scan_http_vulnerable",
    [...service, "http_code", "server", "build_branch"],
    [
      answers(vulnerable.ip, vulnerable.port, "critical", {
        ...{ hostname: vulnerable.host, tag: `ssl-vpn;${weaknesses.vpn.cve.toLowerCase()}` },
        ...{ http_code: "200", server: "example-vpn", build_branch: "9.1" },
      }),
    ],
  );
  put("event4_sinkhole", event, [
    ...[0, 1].map((n) => ({
      ...{ timestamp: seen(), severity: "critical", protocol: "tcp" },
      ...{ src_ip: sinkhole.ip, src_port: String(sinkhole.port + 17 * n), src_asn: "64500", src_geo: "HC" },
      ...{ dst_ip: "198.51.100.230", dst_port: "443", dst_asn: "64496", dst_geo: "XX" },
      ...{ infection: sinkhole.family, family: sinkhole.family, tag: sinkhole.family },
      ...{ public_source: "takedown-2026", ssl_servername: "q.sinkholed-names.example" },
    })),
    {
      ...{ timestamp: seen(), severity: "critical", protocol: "tcp", src_ip: four, src_port: "40112" },
      ...{ src_asn: "64499", src_geo: "XX", dst_ip: "198.51.100.230", dst_port: "443", infection: "flubot" },
    },
  ]);
  return zip(files, now);
};

type Cells = Readonly<Record<string, string>>;

const service = [
  ...["timestamp", "severity", "ip", "protocol", "port", "hostname", "tag"],
  ...["asn", "geo", "region", "city", "naics", "hostname_source", "sector"],
];
const event = [
  ...["timestamp", "severity", "protocol", "src_ip", "src_port", "src_asn", "src_geo", "src_hostname"],
  ...["dst_ip", "dst_port", "dst_asn", "dst_geo", "public_source", "infection", "family", "tag", "ssl_servername"],
];

const line = (cells: readonly string[]): string => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",");
