import { inOrder, type Log, type Talk, type Timed } from "./log.ts";
import type { Random } from "./random.ts";

/**
 * Writes what happened as Zeek 7 does: a tab-separated log a protocol, each with its header.
 * @see https://docs.zeek.org/en/master/log-formats.html
 */
export const zeekLog = (rng: Random): Log => {
  const lines = new Map<string, Timed[]>();
  const uid = (): string => `C${rng.hex(16)}`;
  const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(6);
  const write = (log: keyof typeof columns, talk: Talk, rest: readonly (string | number | undefined)[]): void => {
    const row = [seconds(talk.time), uid(), talk.from, talk.fromPort, talk.to, talk.toPort, ...rest];
    const text = row.map((value) => (value === undefined || value === "" ? "-" : String(value))).join("\t");
    const all = lines.get(log) ?? [];
    if (all.length === 0) lines.set(log, all);
    all.push({ time: talk.time, line: text });
  };
  return {
    flow: (flow) =>
      write("conn", flow, [
        flow.proto,
        flow.app === "failed" ? undefined : flow.app === "tls" ? "ssl" : flow.app,
        flow.bytesIn === 0 ? undefined : seconds(flow.durationMs),
        flow.bytesIn === 0 ? undefined : flow.bytesOut,
        flow.bytesIn === 0 ? undefined : flow.bytesIn,
        flow.bytesIn === 0 ? "S0" : "SF",
      ]),
    dns: (question) =>
      write("dns", question, [
        "udp",
        question.name,
        question.answers.some((ip) => ip.includes(":")) ? "AAAA" : "A",
        question.answers.length === 0 ? "NXDOMAIN" : "NOERROR",
        question.answers.join(","),
      ]),
    tls: (handshake) => write("ssl", handshake, ["TLSv13", handshake.name, "T", rng.hex(32)]),
    http: (request) =>
      write("http", request, [
        "GET",
        request.host,
        request.url,
        request.agent,
        request.status,
        request.length,
        undefined,
        undefined,
      ]),
    smtp: (mail) => write("smtp", mail, [mail.sender, mail.recipient, mail.subject]),
    files: () =>
      new Map([...lines].map(([log, rows]) => [`${log}.log`, header(log as keyof typeof columns) + inOrder(rows)])),
  };
};

const ends = "ts:time uid:string id.orig_h:addr id.orig_p:port id.resp_h:addr id.resp_p:port";
const columns = {
  conn: `${ends} proto:enum service:string duration:interval orig_bytes:count resp_bytes:count conn_state:string`,
  dns: `${ends} proto:enum query:string qtype_name:string rcode_name:string answers:vector[string]`,
  ssl: `${ends} version:string server_name:string established:bool ja3:string`,
  http: `${ends} method:string host:string uri:string user_agent:string status_code:count response_body_len:count username:string password:string`,
  smtp: `${ends} mailfrom:string rcptto:set[string] subject:string`,
} as const;

const header = (log: keyof typeof columns): string => {
  const pairs = columns[log].split(" ").map((column) => column.split(":"));
  return [
    "#separator \\x09",
    "#set_separator\t,",
    "#empty_field\t(empty)",
    "#unset_field\t-",
    `#path\t${log}`,
    `#fields\t${pairs.map(([name]) => name).join("\t")}`,
    `#types\t${pairs.map(([, type]) => type).join("\t")}`,
    "",
  ].join("\n");
};
