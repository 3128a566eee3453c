import type { AlertInput } from "#alerts/alert-input.ts";
import { answerUrls } from "#alerts/answer-link.ts";
import { type Instant, parseInstant } from "#core/instant.ts";

const at = (text: string): Instant => {
  const time = parseInstant(text);
  if (!time.ok) throw new Error(text);
  return time.value;
};

/** A file server that talks to a command server: the alert of VISUAL's sheets 03 and 10b. */
export const sampleAlert: AlertInput = {
  reference: "WG-2026-1187",
  version: 1,
  finding: "F-7K2Q9D",
  sender: { en: "Harbour City CERT", "zh-Hant-HK": "海港城電腦保安事故協調中心", "zh-Hans": "海港城网络安全应急中心" },
  organisation: { en: "Harbour Transport Department", "zh-Hant-HK": "海港運輸署", "zh-Hans": "海港运输署" },
  recipient: "Chan Hoi-ki",
  audience: "it",
  problem: { type: "infected-system", about: "emotet" },
  story: "contacted",
  severity: "critical",
  certainty: "almost-certain",
  sources: [
    { title: "Harbour tracker", grade: { source: "B", statement: 2 } },
    { title: "lists.bad-hosts.example", grade: { source: "C", statement: 3 } },
  ],
  asset: {
    observable: { kind: "ipv4", value: "203.0.113.24" },
    name: "fileserver-02",
    proof: "dns",
    since: at("2026-11-02T02:00:00Z"),
  },
  hostile: [{ kind: "domain", value: "update.bad.example" }],
  instances: [
    {
      time: at("2026-11-19T07:02:11Z"),
      where: "tls-sni",
      direction: "outbound",
      source: { address: "203.0.113.24", port: 51234 },
      destination: { address: "198.51.100.77", port: 443 },
      value: "update.bad.example",
    },
    {
      time: at("2026-11-19T16:30:00Z"),
      where: "destination",
      direction: "outbound",
      source: { address: "203.0.113.24", port: 51240 },
      destination: { address: "2001:db8::7", port: 8443 },
      value: "2001:db8::7",
    },
  ],
  evidence: [
    {
      file: "eve.json",
      line: 48_213,
      text: '{"src_ip":"203.0.113.24","dest_ip":"198.51.100.77","tls":{"sni":"update.bad.example"},"url":"https://update.bad.example/gate.php?u=a@b.example"}',
    },
  ],
  firstSeen: at("2026-11-19T07:02:11Z"),
  lastSeen: at("2026-11-19T16:30:00Z"),
  count: 1412,
  zone: "Asia/Hong_Kong",
  due: at("2026-11-19T17:44:00Z"),
  tlp: "amber+strict",
  answers: answerUrls("https://portal.cert.example", "T0ken"),
  verify: { phone: "2555 0142", code: "潮 4719" },
  portal: "https://portal.cert.example/findings/F-7K2Q9D",
  contacts: "https://portal.cert.example/contacts",
};
