import type { AdvisoryDetail, AdvisoryPage, AdvisoryRow } from "#api/advisory.ts";
import type { Language } from "#words/language.ts";
import { payload } from "./fixture.ts";

const start = Date.now();
const ago = (hours: number): string => new Date(start - hours * 3_600_000).toISOString();
const city = { id: "city-advisories", title: "Harbour City alerts" };
const maker = { id: "maker-csaf", title: payload };

const likely: Readonly<Record<Language, string>> = {
  en: "The chance of use within 30 days is 62% (EPSS).",
  "zh-Hant-HK": "30 日內被利用的機率為 62%（EPSS）",
  "zh-Hans": "30 天内被利用的概率为 62%（EPSS）",
};

/** An advisory of each priority, in two scripts; the last is withdrawn, and hostile in every field. */
const rowsIn = (language: Language): readonly AdvisoryRow[] => [
  row(1, "act-now", "極高危保安警報：Example VPN 身份認證繞過漏洞", {
    ...{ feed: city, language: "zh-HK", cves: ["CVE-2026-10417"], epss: 0.943, kind: "news" },
  }),
  row(2, "soon", "A pump controller runs programs that anybody sends", {
    ...{ cves: ["CVE-2026-20518", "CVE-2026-20533", "CVE-2026-20534"], cvss: 9.8, epss: 0.622 },
    ...{ products: ["Tidewater Controls TW-400"], productsTotal: 7, tlp: "green" },
    reasons: [{ code: "epss", says: likely[language] }],
  }),
  row(3, "planned", "A panel stops when asked for a long address", { cvss: 7.5, epss: 0.0004 }),
  row(4, "watch", payload, {
    ...{ key: payload, feed: maker, cves: [payload], products: [payload], productsTotal: 1, withdrawn: true },
    reasons: [{ code: "exploit", says: payload }],
  }),
];

const row = (
  n: number,
  priority: AdvisoryRow["priority"],
  title: string,
  more: Partial<AdvisoryRow> = {},
): AdvisoryRow => ({
  ...{ id: `adv-${n}`, feed: { id: "maker-csaf", title: "Tidewater Controls" }, key: `TWC-2026-00${n}` },
  ...{ kind: "advisory", title, priority, reasons: [], cves: [], products: [], productsTotal: 0 },
  ...{ updated: ago(n * 7), withdrawn: false, tlp: "clear" },
  ...more,
});

export const advisoriesOf = (language: Language, asked: URLSearchParams): AdvisoryPage => {
  const [priority, search] = [asked.get("priority"), asked.get("search")?.toLowerCase() ?? ""];
  return {
    advisories: rowsIn(language).filter(
      (one) =>
        (priority === null || one.priority === priority) &&
        `${one.title} ${one.cves.join(" ")}`.toLowerCase().includes(search),
    ),
  };
};

export const advisoryOf = (language: Language, id: string): AdvisoryDetail | undefined => {
  const advisory = rowsIn(language).find((one) => one.id === id);
  return (
    advisory && {
      advisory,
      ...{ summary: `What is wrong.\n\n${advisory.title}`, action: "Load firmware 4.8.\nSwitch old protocols off." },
      ...{ url: "https://maker.example/advisory/7.html", version: "2", published: ago(90), firstSeen: ago(80) },
      cwes: ["CWE-306"],
      affected: [
        { vendor: "Tidewater Controls", product: "TW-400", versions: ["<4.8"], status: "affected" },
        { vendor: "Tidewater Controls", product: "TW-400", versions: [], status: "fixed" },
        { vendor: "", product: payload, versions: [payload], status: "investigating" },
      ],
      references: ["https://maker.example/advisory/7.html", payload],
      names: [],
      claims: [
        claim(advisory, {
          scores: [{ version: "3.1", vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", score: 9.8, by: payload }],
        }),
        claim(advisory, {
          ...{ id: "record-1", feed: { id: "cisa-kev", title: "Known exploited" }, title: "", labels: [payload] },
          exploited: { since: ago(60), due: ago(-300), ransomware: true },
          epss: { probability: 0.622, percentile: 0.98 },
        }),
      ],
      versions: [{ at: ago(20), updated: ago(21), version: "2", changed: advisory.title }],
    }
  );
};

type Claim = AdvisoryDetail["claims"][number];
const claim = (of: AdvisoryRow, more: Partial<Claim>): Claim => ({
  ...{ id: of.id, feed: of.feed, key: of.key, title: of.title, cves: of.cves, scores: [], labels: [] },
  ...{ updated: of.updated, withdrawn: of.withdrawn, tlp: of.tlp },
  ...more,
});
