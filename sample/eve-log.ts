import { inOrder, type Log, type Talk, type Timed } from "./log.ts";
import type { Random } from "./random.ts";

/**
 * Writes what happened as Suricata 7 does: one `eve.json`, an object a line, DNS answers in their detailed form.
 * @see https://docs.suricata.io/en/suricata-7.0.0/output/eve/eve-json-format.html
 */
export const eveLog = (rng: Random): Log => {
  const lines: Timed[] = [];
  const stamp = (time: number): string =>
    new Date(time).toISOString().replace("Z", `${String(rng.between(0, 999)).padStart(3, "0")}+0000`);
  const write = (type: string, talk: Talk, proto: string, rest: object): void => {
    const event = {
      timestamp: stamp(talk.time),
      flow_id: rng.between(100_000_000_000_000, 999_999_999_999_999),
      in_iface: "ens18",
      event_type: type,
      src_ip: talk.from,
      src_port: talk.fromPort,
      dest_ip: talk.to,
      dest_port: talk.toPort,
      proto,
      ...rest,
    };
    lines.push({ time: talk.time, line: JSON.stringify(event) });
  };
  return {
    flow: (flow) => {
      const pkts = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1200));
      write("flow", { ...flow, time: flow.time + flow.durationMs }, flow.proto.toUpperCase(), {
        app_proto: flow.app,
        flow: {
          pkts_toserver: pkts(flow.bytesOut),
          pkts_toclient: flow.bytesIn === 0 ? 0 : pkts(flow.bytesIn),
          bytes_toserver: flow.bytesOut,
          bytes_toclient: flow.bytesIn,
          start: stamp(flow.time),
          end: stamp(flow.time + flow.durationMs),
          age: Math.round(flow.durationMs / 1000),
          state: flow.bytesIn === 0 ? "new" : "closed",
          reason: "timeout",
          alerted: false,
        },
      });
    },
    dns: (question) => {
      const { name, answers } = question;
      const type = answers.some((ip) => ip.includes(":")) ? "AAAA" : "A";
      const id = rng.between(0, 65_535);
      write("dns", question, "UDP", { dns: { type: "query", id, rrname: name, rrtype: type, tx_id: 0, opcode: 0 } });
      const rows = answers.map((rdata) => ({ rrname: name, rrtype: type, ttl: 300, rdata }));
      write("dns", { ...question, time: question.time + rng.between(1, 40) }, "UDP", {
        dns: {
          version: 2,
          type: "answer",
          id,
          flags: "8180",
          qr: true,
          rd: true,
          ra: true,
          opcode: 0,
          rrname: name,
          rrtype: type,
          rcode: answers.length === 0 ? "NXDOMAIN" : "NOERROR",
          ...(answers.length === 0 ? {} : { answers: rows, grouped: { [type]: answers } }),
        },
      });
    },
    tls: (handshake) =>
      write("tls", handshake, "TCP", {
        tls: {
          subject: `CN=${handshake.name}`,
          issuerdn: "C=XX, O=Harbour Sample CA",
          sni: handshake.name,
          version: "TLS 1.3",
          ja3: { hash: rng.hex(32) },
        },
      }),
    http: (request) =>
      write("http", request, "TCP", {
        tx_id: 0,
        http: {
          hostname: request.host,
          url: request.url,
          http_user_agent: request.agent,
          http_content_type: "text/html",
          http_method: "GET",
          protocol: "HTTP/1.1",
          status: request.status,
          length: request.length,
          ...(request.cookie === undefined ? {} : { cookie: request.cookie }),
        },
      }),
    smtp: (mail) =>
      write("smtp", mail, "TCP", {
        tx_id: 0,
        smtp: {
          helo: mail.sender.slice(mail.sender.indexOf("@") + 1),
          mail_from: `<${mail.sender}>`,
          rcpt_to: [`<${mail.recipient}>`],
        },
        email: { status: "PARSE_DONE", from: mail.sender, to: [mail.recipient], subject: mail.subject },
      }),
    files: () => new Map([["eve.json", inOrder(lines)]]),
  };
};
