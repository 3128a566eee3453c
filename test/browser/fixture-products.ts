import { OrganisationList } from "#api/community.ts";
import { type ProductMatchRow, ProductMatchPage, WeaknessPage, type WeaknessRow } from "#api/inventory.ts";
import type { Language } from "#words/language.ts";
import { ago, type Answered, type Asked } from "./fixture-answer.ts";
import { payload } from "./fixture.ts";

const members = ["o-transport", "o-hostile"] as const;
const names: Readonly<Record<(typeof members)[number], Readonly<Record<Language, string>>>> = {
  "o-transport": { en: "Harbour Transport Department", "zh-Hant-HK": "海港運輸署", "zh-Hans": "海港运输署" },
  "o-hostile": { en: payload, "zh-Hant-HK": payload, "zh-Hans": payload },
};
const named = (language: Language, id: (typeof members)[number]) => ({ id, name: names[id][language] });

const advisory = { id: "3f0a2d1c-0003-4000-8000-000000000001", feed: "CISA Known Exploited Vulnerabilities" };

const weaknesses = (language: Language): readonly WeaknessRow[] => [
  {
    ...{ weakness: "CVE-2026-10417", title: "Example VPN Authentication Bypass Vulnerability", advisory },
    ...{ priority: "act-now", exploited: true, exposed: true, urgent: true, epss: 0.94, due: ago(-60 * 24 * 9) },
    organisations: members.map((id) => ({ organisation: named(language, id), assets: 2, exposed: true })),
    ...{ organisationsTotal: 5, assets: 12, exposedAssets: 4, products: ["Example VPN"], productsTotal: 1 },
    since: ago(300),
  },
  {
    ...{ weakness: payload, title: payload, priority: "watch", exploited: false, exposed: false, urgent: false },
    organisations: [{ organisation: named(language, "o-hostile"), assets: 1, exposed: false }],
    ...{ organisationsTotal: 1, assets: 1, exposedAssets: 0, products: [payload], productsTotal: 4, cvss: 4.3 },
    ...{ since: ago(900), hidden: true },
  },
];

const matches = (language: Language, weakness: string): readonly ProductMatchRow[] =>
  members.map((id, at) => ({
    ...{
      organisation: named(language, id),
      weakness,
      title: weakness,
      asset: at === 0 ? "vpn.transport.example" : payload,
    },
    ...{ name: "VPN", version: "9.1", inventory: at === 0 ? "servers" : "@directory" },
    ...{ source: at === 0 ? "inventory" : "directory", priority: "act-now", certainty: "likely" },
    ...{ exposed: at === 0, exploited: true, since: ago(300), why: ["Known to be exploited", payload], advisory },
    ...(at === 0 ? { finding: "f-1" } : {}),
  }));

/** What organisations run, and what of it is weak: read alone. */
export const productsOf = ({ path, query, language }: Asked): Answered => {
  const [what, part] = path;
  if (what === "organisations" && part === undefined) {
    const organisations = members.map((id) => ({
      ...{ ...named(language, id), kind: "member" as const, languages: ["en"], zone: "Asia/Hong_Kong", shadow: false },
      ...{ since: ago(900), people: 2, assets: 5, sensors: 1 },
    }));
    return { schema: OrganisationList, value: { organisations } };
  }
  if (what !== "products") return undefined;
  if (part === "matches")
    return { schema: ProductMatchPage, value: { matches: matches(language, query.get("weakness") ?? "") } };
  const [wanted, exploited] = [query.get("weakness"), query.get("exploited") === "true"];
  const fits = weaknesses(language).filter(
    (one) => (wanted === null || one.weakness === wanted) && (!exploited || one.exploited),
  );
  return {
    schema: WeaknessPage,
    value: { found: fits.length, urgent: 1, organisations: members.length, weaknesses: fits },
  };
};
