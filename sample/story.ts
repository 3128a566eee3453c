/**
 * What happens in Harbour City on the sample's day: who is who on the network, what is bad, what is only noise, and what
 * waglan must have found in the evening. Feeds, telemetry and the walk test all read it from here.
 *
 * Address plan (nothing here can belong to anybody):
 *   203.0.113.0/24, 192.0.2.0/24   members, in /28 and /29      RFC 5737 TEST-NET-3 and -1
 *   198.51.100.0 – .127            the hostile world             RFC 5737 TEST-NET-2
 *   198.51.100.128 – .254          the harmless world: news, updates, time, backup
 *   2001:db8:bad::/48              hostile                       RFC 3849
 *   2001:db8:cafe::/48             harmless
 *   10.20.0.0/16 …                 inside the departments        RFC 1918
 */

/** A sensor of the story, as `community.yaml` declares it. */
export interface Site {
  readonly organisation: string;
  readonly sensor: string;
  readonly format: "suricata-eve" | "zeek";
  /** Inside addresses begin with it: "10.20". */
  readonly inside: string;
  /** The site's own resolver, mail server and public web server. */
  readonly resolver: string;
  readonly mail: string;
  readonly web: string;
  readonly domain: string;
  /** Desks that browse; a day's lines grow with it. */
  readonly desks: number;
}

export const sites: readonly Site[] = [
  site("transport", "htd-edge-1", "suricata-eve", "10.20", "203.0.113.20", "transport.example", 260),
  site("hospital", "cht-core-1", "zeek", "10.30", "203.0.113.66", "hospital.example", 210),
  site("drainage", "dwa-edge-1", "suricata-eve", "10.40", "203.0.113.132", "drainage.example", 90),
  site("library", "pls-edge-1", "suricata-eve", "10.50", "203.0.113.36", "library.example", 120),
  site("revenue", "rev-edge-1", "suricata-eve", "10.60", "203.0.113.52", "revenue.example", 170),
  site("education", "edb-edge-1", "suricata-eve", "10.70", "203.0.113.84", "education.example", 200),
];

function site(
  organisation: string,
  sensor: string,
  format: Site["format"],
  inside: string,
  web: string,
  domain: string,
  desks: number,
): Site {
  const mail = web.replace(/\d+$/, (last) => String(Number(last) + 2));
  return { organisation, sensor, format, inside, resolver: `${inside}.0.2`, mail, web, domain, desks };
}

/** The bot: one desk of the transport department calls home every five minutes. */
export const bot = {
  organisation: "transport",
  host: "10.20.4.31",
  everySeconds: 300,
  c2: { ip: "198.51.100.77", port: 443, domain: "cdn-telemetry.skiff-cloud.example", family: "qakbot" },
} as const;

/** Look-alike sites of the phishing wave. Their addresses stand in no list: shared hosting, as usual. */
export const lookalikes = [
  { domain: "revenue-harb0ur.example", ip: "198.51.100.20", path: "/refund/login", tls: true },
  { domain: "transp0rt.example", ip: "198.51.100.21", path: "/parking-fine/pay?ref=HC4471", tls: false },
  { domain: "harbour-staff-sso.example", ip: "198.51.100.22", path: "/auth/session", tls: true },
] as const;

/** Who clicked: department, desk, which look-alike, minutes after the wave began. */
export const clicks = [
  { organisation: "revenue", host: "10.60.3.14", lookalike: 0, afterMinutes: 6 },
  { organisation: "revenue", host: "10.60.3.77", lookalike: 0, afterMinutes: 11 },
  { organisation: "revenue", host: "10.60.5.9", lookalike: 2, afterMinutes: 48 },
  { organisation: "transport", host: "10.20.2.58", lookalike: 1, afterMinutes: 17 },
  { organisation: "transport", host: "10.20.6.12", lookalike: 2, afterMinutes: 95 },
  { organisation: "library", host: "10.50.1.40", lookalike: 2, afterMinutes: 23 },
  { organisation: "education", host: "10.70.2.91", lookalike: 1, afterMinutes: 31 },
  { organisation: "education", host: "10.70.4.18", lookalike: 0, afterMinutes: 64 },
  { organisation: "hospital", host: "10.30.7.33", lookalike: 2, afterMinutes: 40 },
] as const;

/**
 * A small print shop's public server, taken over weeks ago: it stands in a list of command servers, and in a list of
 * scanners besides. The shop has no sensor.
 */
export const listedOwn = { organisation: "kingfisher", ip: "192.0.2.130", port: 8080, family: "emotet" } as const;

/** Listed scanners that knock on everybody's public servers, all day. */
export const scanners: readonly string[] = Array.from({ length: 44 }, (_, i) => `198.51.100.${80 + i}`);

/** Harmless places that a careless list names and a warninglist takes out again. */
export const innocents = {
  time: { ip: "198.51.100.223", domain: "time.harbour-observatory.example" },
  updates: { ip: "198.51.100.180", domain: "updates.softhaven.example" },
  resolver: { ip: "198.51.100.153", domain: "dns.open-resolver.example" },
} as const;

/** The nightly backup of the transport department: tens of gigabytes to a place no list names. */
export const backup = {
  organisation: "transport",
  host: "10.20.0.12",
  to: { ip: "198.51.100.210", domain: "vault.safekeep.example" },
  localHour: 2,
  flows: 14,
  bytesEach: 2_948_000_000,
} as const;

/**
 * What a scanning service reports of the city's networks, a day's files, by report type. Strangers stand in the same
 * files: nobody here owns their addresses.
 */
export const reported = {
  /** The pumping works' router answers with a login, in a network that its owner calls critical. */
  telnet: { organisation: "drainage", ip: "192.0.2.70", port: 23, host: "gate-3.drainage.example" },
  /** Remote desktop for everybody, over IPv6. */
  rdp: { organisation: "government", ip: "2001:db8:100:2::2f", port: 3389, host: "print-2.gov.example" },
  /** Called a name that researchers took over. */
  sinkhole: { organisation: "hygiene", ip: "203.0.113.195", port: 50_231, family: "pikabot" },
  /** The gateway whose weakness the catalogue of exploited ones names. */
  vulnerable: { organisation: "transport", ip: "203.0.113.21", port: 443, host: "vpn.transport.example" },
  strangers: ["198.51.100.135", "203.0.113.250", "2001:db8:cafe:77::5"],
} as const;

/** Weaknesses that are spoken of today, and how soon each wants work when everything said of it is put together. */
export const weaknesses = {
  /** Exploited, by ransomware too: in the catalogue, in two CERTs' lists, and at a member's own gateway. */
  vpn: { cve: "CVE-2026-10417", epss: 0.94317, priority: "act-now" },
  /** Nobody says "exploited": as grave as it gets, and very likely soon. */
  pump: { cve: "CVE-2026-20518", epss: 0.62204, priority: "act-now" },
  viewer: { cve: "CVE-2025-48811", epss: 0.18342, priority: "soon" },
  panel: { cve: "CVE-2026-20533", epss: 0.02117, priority: "planned" },
  mail: { cve: "CVE-2026-30101", epss: 0.00041, priority: "watch" },
} as const;

/** A neighbour's event calls a harmless place bad: a page of a school fetches its fonts there. An analyst says so, and it is taken back. */
export const misjudged = {
  organisation: "education",
  domain: "glyphs.opentype-library.example",
  ip: "198.51.100.233",
  host: "10.70.3.51",
  reason: "A library of fonts that many pages use; the lure only copied one that used it too.",
} as const;

/** What the neighbour's event says besides: of it the green may go on to partners, the amber may not. */
export const neighbour = {
  green: ["marathon-bib-pickup.example", "harbour-run-results.example", "runner-medal-shop.example"],
  amber: ["timing-chip-sync.example"],
} as const;

/** What the partner overseas posts by TAXII: in shadow, until a person lets the sender speak. */
export const posted = {
  green: ["pier-permit-renewal.example", "ferry-quote-login.example"],
  amber: ["customs-prearrival-form.example", "berth-booking-desk.example", "bunker-invoice-portal.example"],
} as const;

/** One thing waglan must have found: organisation by its key in `community.yaml`, problem as `core/rsit.ts` has it. */
export interface ExpectedFinding {
  readonly organisation: string;
  readonly problem: "infected-system" | "phishing" | "c2-server" | "vulnerable-system";
  /** Malware family, service or CVE, or "" as in `ProblemClass.about`. */
  readonly about: string;
  /** Values that the finding's hits stand on. */
  readonly values: readonly string[];
}

/** Whose a reported address is, and that the finding stands on it. */
function told(of: {
  readonly organisation: string;
  readonly ip: string;
}): Pick<ExpectedFinding, "organisation" | "values"> {
  return { organisation: of.organisation, values: [of.ip] };
}

/** One thing that happens on the day and must not become a finding. */
export interface Harmless {
  readonly values: readonly string[];
  readonly why: string;
}

export const expected: { readonly findings: readonly ExpectedFinding[]; readonly mustNotAlert: readonly Harmless[] } = {
  findings: [
    {
      organisation: bot.organisation,
      problem: "infected-system",
      about: bot.c2.family,
      values: [bot.c2.ip, bot.c2.domain],
    },
    ...["revenue", "transport", "library", "education", "hospital"].map((organisation) => ({
      organisation,
      problem: "phishing" as const,
      about: "",
      values: [
        ...new Set(clicks.filter((c) => c.organisation === organisation).map((c) => lookalikes[c.lookalike].domain)),
      ],
    })),
    {
      organisation: listedOwn.organisation,
      problem: "c2-server",
      about: listedOwn.family,
      values: [listedOwn.ip],
    },
    { ...told(reported.telnet), problem: "vulnerable-system", about: "telnet" },
    { ...told(reported.rdp), problem: "vulnerable-system", about: "rdp" },
    { ...told(reported.sinkhole), problem: "infected-system", about: reported.sinkhole.family },
    { ...told(reported.vulnerable), problem: "vulnerable-system", about: weaknesses.vpn.cve.toLowerCase() },
    // told, and taken back in the evening
    {
      organisation: misjudged.organisation,
      problem: "infected-system",
      about: "",
      values: [misjudged.domain],
    },
  ],
  mustNotAlert: [
    { values: scanners, why: "listed scanners knock on public servers from outside: background" },
    { values: Object.values(innocents.time), why: "a time server in a careless list, excluded by a warninglist" },
    { values: Object.values(innocents.updates), why: "an update server in a careless list, excluded by a warninglist" },
    {
      values: Object.values(innocents.resolver),
      why: "a public resolver in a careless list, excluded by a warninglist",
    },
    { values: reported.strangers, why: "addresses in a report that nobody here owns" },
    { values: Object.values(backup.to), why: "the nightly backup: many bytes to a place no list names" },
  ],
};
