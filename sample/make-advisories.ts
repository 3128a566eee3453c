import { gzipSync } from "node:zlib";
import type { Random } from "./random.ts";
import { weaknesses } from "./story.ts";

const day = 86_400_000;
const hour = 3_600_000;
const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
const { vpn, pump, viewer, panel, mail } = weaknesses;

/** A catalogue of exploited vulnerabilities, in the shape of CISA's KEV. */
export const exploited = (now: number): string => {
  const entry = (
    ...[cveID, vendorProject, product, weakness, daysAgo, ransomware, cwe]: readonly [
      ...[
        cve: string,
        vendor: string,
        product: string,
        weakness: string,
        daysAgo: number,
        ransomware: boolean,
        cwe: string,
      ],
    ]
  ): object => ({
    ...{ cveID, vendorProject, product, vulnerabilityName: `${vendorProject} ${product} ${weakness} Vulnerability` },
    dateAdded: dateOf(now - daysAgo * day),
    shortDescription: `${vendorProject} ${product} has a weakness of the kind “${weakness.toLowerCase()}” that attackers use without signing in.`,
    requiredAction:
      "Update as the maker says; where that is impossible, take it off the network and look for signs of use.",
    dueDate: dateOf(now + (21 - daysAgo) * day),
    knownRansomwareCampaignUse: ransomware ? "Known" : "Unknown",
    notes: `https://advisories.example/${vendorProject.toLowerCase()}/${cveID.toLowerCase()}`,
    cwes: [cwe],
  });
  const vulnerabilities = [
    entry(vpn.cve, "Example", "VPN", "Authentication Bypass", 1, true, "CWE-288"),
    entry("CVE-2026-08840", "Copperline", "Branch Router", "Command Injection", 6, false, "CWE-77"),
    entry("CVE-2025-31120", "Lantern", "Mail Server", "Deserialization", 40, true, "CWE-502"),
    entry("CVE-2024-27002", "Softhaven", "Office Suite", "Use After Free", 300, false, "CWE-416"),
  ];
  return `${JSON.stringify(
    {
      title: "Catalogue of known exploited vulnerabilities: sample of Harbour City, nothing in it exists",
      catalogVersion: dateOf(now).replaceAll("-", "."),
      ...{ dateReleased: new Date(now - day / 2).toISOString(), count: vulnerabilities.length, vulnerabilities },
    },
    null,
    1,
  )}\n`;
};

/** Scores of the day, in the shape of FIRST's EPSS. */
export const exploitScores = (now: number, rng: Random): Uint8Array => {
  const scores = new Map<string, number>(Object.values(weaknesses).map(({ cve, epss }) => [cve, epss]));
  // most of what is published is never used
  for (let n = 0; n < 60; n++) scores.set(`CVE-2025-${rng.between(50_000, 59_999)}`, rng.next() ** 6);
  const rows = [...scores].sort(([a], [b]) => (a < b ? -1 : 1));
  const rank = (score: number): number => rows.filter(([, other]) => other <= score).length / rows.length;
  return new Uint8Array(
    gzipSync(
      [
        `#model_version:v2026.03.14,score_date:${dateOf(now)}T00:00:00+0000`,
        "cve,epss,percentile",
        ...rows.map(([cve, score]) => `${cve},${score.toFixed(5)},${rank(score).toFixed(5)}`),
        "",
      ].join("\n"),
    ),
  );
};

/** Two CSAF 2.0 advisories of a maker of pump controllers, a document a line. */
export const controllerAdvisories = (now: number): string => {
  const document = (of: {
    readonly n: number;
    readonly cve: string;
    readonly title: string;
    readonly cwe: { readonly id: string; readonly name: string };
    readonly daysAgo: number;
    readonly summary: string;
    readonly says: string;
    readonly vector: string;
    readonly score: number;
    readonly severity: string;
    readonly fix: string;
  }): object => {
    const id = `TWC-2026-00${of.n}`;
    const [first, last] = [now - (of.daysAgo + 3) * day, now - of.daysAgo * day].map((time) =>
      new Date(time).toISOString(),
    );
    const page = `https://psirt.tidewater-controls.example/${id.toLowerCase()}`;
    return {
      document: {
        ...{ category: "csaf_security_advisory", csaf_version: "2.0", lang: "en", title: of.title },
        distribution: { tlp: { label: "WHITE" } },
        publisher: {
          ...{ category: "vendor", name: "Tidewater Controls PSIRT" },
          namespace: "https://psirt.tidewater-controls.example",
        },
        notes: [{ category: "summary", title: "Summary", text: of.summary }],
        references: [{ category: "self", summary: "This advisory", url: `${page}.html` }],
        tracking: {
          ...{ id, status: "final", version: "2", initial_release_date: first, current_release_date: last },
          revision_history: [
            { date: first, number: "1", summary: "First version." },
            { date: last, number: "2", summary: "Firmware 4.8 is out." },
          ],
        },
      },
      product_tree: {
        branches: [
          {
            ...{ category: "vendor", name: "Tidewater Controls" },
            branches: [
              {
                ...{ category: "product_name", name: "TW-400 pump controller" },
                branches: [
                  {
                    ...{ category: "product_version_range", name: "vers:generic/<4.8" },
                    product: { name: "TW-400 pump controller before 4.8", product_id: "TW400-OLD" },
                  },
                  {
                    ...{ category: "product_version", name: "4.8" },
                    product: { name: "TW-400 pump controller 4.8", product_id: "TW400-48" },
                  },
                ],
              },
            ],
          },
        ],
      },
      vulnerabilities: [
        {
          ...{ cve: of.cve, cwe: of.cwe, notes: [{ category: "description", title: "What is wrong", text: of.says }] },
          product_status: { known_affected: ["TW400-OLD"], fixed: ["TW400-48"] },
          remediations: [
            { category: "vendor_fix", details: of.fix, product_ids: ["TW400-OLD"], url: `${page}.html` },
            {
              ...{ category: "mitigation", product_ids: ["TW400-OLD"] },
              details: "Let nobody but the engineering station reach TCP port 44818 of the controller.",
            },
          ],
          scores: [
            {
              products: ["TW400-OLD"],
              cvss_v3: {
                ...{ version: "3.1", vectorString: of.vector, baseScore: of.score, baseSeverity: of.severity },
              },
            },
          ],
        },
      ],
    };
  };
  return [
    document({
      ...{ n: 7, cve: pump.cve, title: "TW-400 pump controller runs programs that anybody sends", daysAgo: 2 },
      cwe: { id: "CWE-306", name: "Missing Authentication for Critical Function" },
      summary: "Whoever reaches the controller over the network may load a program into it and start and stop pumps.",
      says: "The service for engineering stations asks for no password when a session begins with an old protocol version.",
      ...{ vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", score: 9.8, severity: "CRITICAL" },
      fix: "Load firmware 4.8 and switch old protocol versions off.",
    }),
    document({
      ...{ n: 9, cve: panel.cve, title: "TW-400 web panel stops when asked for a long address", daysAgo: 5 },
      cwe: { id: "CWE-770", name: "Allocation of Resources Without Limits or Throttling" },
      summary: "The panel for looking at a controller stops until it is started again. Pumps run on.",
      says: "A request line of more than 64 kilobytes fills the memory of the panel.",
      ...{ vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", score: 7.5, severity: "HIGH" },
      fix: "Load firmware 4.8.",
    }),
  ]
    .map((one) => `${JSON.stringify(one)}\n`)
    .join("");
};

interface Item {
  readonly id: string;
  readonly title: string;
  /** Paragraphs of plain text. */
  readonly says: readonly string[];
  readonly hoursAgo: number;
  readonly labels: readonly string[];
}

/** The city's own CERT writes to its members, in Traditional Chinese: RSS 2.0. */
export const cityAdvisories = (now: number): string => {
  // "A26-11-19-3": two of one day differ by their number
  const alertId = (hoursAgo: number, nth: number): string => `A${dateOf(now - hoursAgo * hour).slice(2)}-${nth}`;
  return rss(now, "海港城電腦保安事故協調中心 保安通報", "zh-HK", "https://cert.example/alerts", [
    {
      ...{ id: alertId(9, 3), hoursAgo: 9, labels: ["極高危", "VPN"] },
      title: `極高危保安警報：Example VPN 身份認證繞過漏洞 (${vpn.cve})`,
      says: [
        `Example VPN 9.1 及之前版本存在編號 ${vpn.cve} 的漏洞，攻擊者毋須登入即可進入內部網絡。勒索軟件組織正利用此漏洞。`,
        "請立即更新至 9.2，並檢查上月以來的登入紀錄。未能即時更新者，應先停用對外的登入頁面。",
      ],
    },
    {
      ...{ id: alertId(31, 2), hoursAgo: 31, labels: ["高危", "工業控制系統"] },
      title: `工業控制系統保安警報：TW-400 水泵控制器漏洞 (${pump.cve})`,
      says: [
        "控制器接受任何人經網絡送出的程式，可令水泵啟動或停止。",
        "使用該型號的部門請限制 TCP 44818 埠的連線，並安排更新至 4.8 版。",
      ],
    },
    {
      ...{ id: alertId(55, 1), hoursAgo: 55, labels: ["提示", "釣魚"] },
      title: "提防假冒稅務署及運輸署的退款及罰款電郵",
      says: ["近日出現假冒部門的電郵，附有串錯字的網址。請勿輸入密碼或信用卡資料，並把電郵交給本中心。"],
    },
  ]);
};

/** The neighbours across the strait, in English. */
export const straitAdvisories = (now: number): string =>
  rss(now, "Strait Republic CERT advisories", "en", "https://strait-cert.example/advisories", [
    {
      ...{ id: "SR-2026-118", hoursAgo: 14, labels: ["critical"] },
      title: `Example VPN: authentication bypass in the wild (${vpn.cve})`,
      says: [
        "For a month we have seen log-ins without a second factor. Forty organisations here have been told.",
        "Update to 9.2, end all sessions, and change the passwords of whoever signed in since.",
      ],
    },
    {
      ...{ id: "SR-2026-117", hoursAgo: 38, labels: ["important", "healthcare"] },
      title: `Softhaven PACS viewer opens crafted studies as code (${viewer.cve})`,
      says: ["A study sent to a reading room may run programs on the workstation that shows it. Update to 4.3."],
    },
    {
      ...{ id: "SR-2026-115", hoursAgo: 80, labels: ["moderate"] },
      title: `Ferryline mail gateway shows the names of its mailboxes (${mail.cve})`,
      says: ["Answers differ for names that exist. No password is shown. The next regular update ends it."],
    },
  ]);

// RSS 2.0
const rss = (now: number, title: string, language: string, place: string, items: readonly Item[]): string =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<rss version="2.0">',
    `<channel><title>${title}</title><link>${place}/</link><language>${language}</language>`,
    `<description>Sample of Harbour City: nothing in it exists</description>`,
    ...items.map(({ id, title: says, says: paragraphs, hoursAgo, labels }) =>
      [
        `<item><guid isPermaLink="false">${id}</guid><title>${says}</title>`,
        `<link>${place}/${id.toLowerCase()}.html</link>`,
        `<pubDate>${new Date(now - hoursAgo * hour).toUTCString()}</pubDate>`,
        ...labels.map((label) => `<category>${label}</category>`),
        `<description><![CDATA[${paragraphs.map((one) => `<p>${one}</p>`).join("")}]]></description></item>`,
      ].join("\n"),
    ),
    "</channel></rss>",
    "",
  ].join("\n");
