import type { FindingDetail, FindingPage, FindingRow } from "#api/finding.ts";
import type { Light, Me } from "#api/session.ts";
import type { SourceDetail, SourceRow } from "#api/source.ts";
import type { Status } from "#api/status.ts";
import type { Language } from "#words/language.ts";

/** The moment at which the fixture's clock starts; a minute of the portal's clock is a minute of the machine's. */
const start = Date.now();
const ago = (minutes: number): string => new Date(start - minutes * 60_000).toISOString();
const from = (minutes: number): string => new Date(start + minutes * 60_000).toISOString();

/** Stands in every field a stranger can fill; shown as these letters or the portal is broken. */
export const payload = `<img src=x onerror="alert(1)"><script>alert(2)</script>{{7*7}}"'\u202e`;

type Words = Readonly<Record<Language, string>>;
const say = (en: string, hant: string, hans: string): Words => ({ en, "zh-Hant-HK": hant, "zh-Hans": hans });

const organisations = [
  { id: "o-transport", name: say("Harbour Transport Department", "海港運輸署", "海港运输署"), short: "transport" },
  { id: "o-water", name: say("Drainage and Water Authority", "渠務及水務局", "渠务及水务局"), short: "water" },
  { id: "o-hospital", name: say("Civic Hospital Trust", "市立醫院信託", "市立医院信托"), short: "hospital" },
  { id: "o-terminal", name: say("Tsing Bay Container Terminal", "青灣貨櫃碼頭", "青湾货柜码头"), short: "tsingbay" },
  { id: "o-library", name: say("Public Library Service", "公共圖書館處", "公共图书馆处"), short: "library" },
  { id: "o-parks", name: say("Parks and Beaches Office", "公園及泳灘辦事處", "公园及海滩办事处"), short: "parks" },
] as const;

interface Kind {
  readonly title: Words;
  readonly type: string;
  readonly about: string;
  readonly severity: FindingRow["severity"];
  readonly asset: string;
}

const kinds: readonly Kind[] = [
  {
    title: say(
      "Shadow copies deleted, 41 GB sent out",
      "刪除陰影副本後，向外傳出 41 GB",
      "删除卷影副本后，向外传出 41 GB",
    ),
    type: "data-leak",
    about: "",
    severity: "critical",
    asset: "203.0.113.24",
  },
  {
    title: say(
      "Command server called every 300 seconds",
      "每 300 秒連線至已知控制伺服器",
      "每 300 秒连接已知控制服务器",
    ),
    type: "infected-system",
    about: "emotet",
    severity: "high",
    asset: "198.51.100.14",
  },
  {
    title: say("Web server named in a phishing list", "網站伺服器列於釣魚名單", "网站服务器被列入钓鱼名单"),
    type: "phishing",
    about: "",
    severity: "high",
    asset: "vpn.SHORT.example",
  },
  {
    title: say(
      "Exploited VPN flaw open to the internet",
      "互聯網可觸及已被利用的 VPN 漏洞",
      "互联网可触及已被利用的 VPN 漏洞",
    ),
    type: "vulnerable-system",
    about: "cve-2026-0001",
    severity: "critical",
    asset: "vpn.SHORT.example",
  },
  {
    title: say("Outdated mail gateway, patch in KEV list", "電郵閘道過時，漏洞列於 KEV", "邮件网关过时，漏洞列于 KEV"),
    type: "vulnerable-system",
    about: "",
    severity: "medium",
    asset: "mx1.SHORT.example",
  },
  {
    title: say("Time server answers control queries", "時間伺服器回應控制查詢", "时间服务器回应控制查询"),
    type: "vulnerable-system",
    about: "ntp",
    severity: "low",
    asset: "2001:db8:7::140",
  },
  {
    title: say("Address in a spam list", "地址列於濫發名單", "地址被列入垃圾邮件名单"),
    type: "spam",
    about: "",
    severity: "info",
    asset: "203.0.113.66",
  },
];

const openStates = [
  "new",
  "notified",
  "seen",
  "acknowledged",
  "fixing",
  "fix-claimed",
  "reopened",
  "not-ours",
] as const;
const grades = ["B2", "A1", "C3", "B3", "A2", "F6"] as const;
const certainties = ["almost-certain", "likely", "possible", "unknown"] as const;

interface Held {
  row: Omit<FindingRow, "organisation" | "title">;
  readonly organisation: (typeof organisations)[number];
  readonly title: Words;
  view: keyof FindingPage["counts"];
  readonly history: { at: string; who: string; what: Words; note?: string }[];
  readonly answers: FindingDetail["answers"][number][];
}

const make = (i: number, view: Held["view"], state: FindingRow["state"]): Held => {
  const organisation = organisations[i % organisations.length] ?? organisations[0];
  const kind = kinds[(i * 5 + Math.floor(i / 7)) % kinds.length] ?? kinds[0];
  if (!kind) throw new Error("no kinds");
  const hostile = i === 1;
  return {
    organisation,
    title: hostile ? say(payload, payload, payload) : kind.title,
    view,
    row: {
      id: `f-${view}-${i}`,
      ref: `F-${(20_419 + i * 37).toString(36).toUpperCase().padStart(6, "0")}`,
      problem: { type: kind.type, about: kind.about },
      severity: kind.severity,
      certainty: certainties[i % certainties.length] ?? "likely",
      risk: {
        ...{ score: (i * 13) % 101, severity: kind.severity, worth: "normal" as const },
        certainty: certainties[i % certainties.length] ?? "likely",
      },
      grade: grades[i % grades.length] ?? "B2",
      asset: hostile ? payload.slice(0, 40) : kind.asset.replace("SHORT", organisation.short),
      state,
      shadow: view === "shadow",
      ...(view === "snoozed" ? { snoozedUntil: from(900 + i * 60) } : {}),
      undeliverable: i === 3,
      firstSeen: ago(120 + i * 61),
      lastSeen: ago(3 + i),
      count: 1 + i * 3,
      ...(state === "gone" ? {} : { due: from(42 + (i % 9) * 55 - (i % 4 === 3 ? 190 : 0)) }),
      tlp: i % 6 === 4 ? "amber+strict" : "amber",
      ...(i === 0 ? { incident: { id: "i-1", ref: "INC-0093" } } : {}),
    },
    history: [
      { at: ago(90 + i), who: "waglan", what: say("found it", "發現此事", "发现此事") },
      ...(i % 3 === 0
        ? []
        : [
            {
              at: ago(80 + i),
              who: hostile ? payload : "Lo Wing-yan",
              what: say("let it speak", "准予發出", "准予发出"),
              note: hostile ? payload : "seen on two sensors",
            },
          ]),
    ],
    answers:
      i % 5 === 1
        ? [
            {
              at: ago(30),
              who: hostile ? payload : "Chan Hoi-ki",
              answer: "acknowledged",
              note: hostile ? payload : "Unplugging it now.",
            },
          ]
        : [],
  };
};

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** A community of the fixture: every reset starts the same one again. */
export const newFindings = (open: number): Held[] => [
  ...range(open).map((i) => make(i, "open", openStates[i % openStates.length] ?? "new")),
  ...range(4).map((i) => make(i, "shadow", "new")),
  ...range(3).map((i) => make(i, "snoozed", "acknowledged")),
  ...range(2).map((i) => make(i, "suppressed", "suppressed")),
  ...range(5).map((i) => make(i, "closed", i % 2 === 0 ? "gone" : "false")),
];
export type { Held };

export const rowOf = (held: Held, language: Language): FindingRow => ({
  ...held.row,
  organisation: { id: held.organisation.id, name: held.organisation.name[language] },
  title: held.title[language],
});

const weight = { critical: 0, high: 1, medium: 2, low: 3, info: 4 } as const;

interface Asked {
  readonly view: keyof FindingPage["counts"];
  readonly organisation?: string;
  readonly severity?: string;
  readonly search?: string;
  readonly start: number;
  readonly limit: number;
}

export const pageOf = (findings: readonly Held[], asked: Asked, language: Language, mine?: string): FindingPage => {
  const visible = findings.filter((held) => mine === undefined || (held.organisation.id === mine && !held.row.shadow));
  const fits = visible
    .filter((held) => held.view === asked.view)
    .filter((held) => asked.organisation === undefined || held.organisation.id === asked.organisation)
    .filter((held) => asked.severity === undefined || held.row.severity === asked.severity)
    .filter(
      (held) =>
        asked.search === undefined ||
        `${held.title[language]} ${held.row.asset} ${held.row.ref}`.toLowerCase().includes(asked.search.toLowerCase()),
    );
  const place = (held: Held): number => organisations.findIndex((each) => each.id === held.organisation.id);
  const sorted = fits.toSorted((a, b) => place(a) - place(b) || weight[a.row.severity] - weight[b.row.severity]);
  const count = (view: Held["view"]): number => visible.filter((held) => held.view === view).length;
  const groups = organisations.flatMap((organisation) => {
    const own = fits.filter((held) => held.organisation.id === organisation.id);
    const oldest = own.map((held) => held.row.firstSeen).sort()[0];
    return oldest === undefined
      ? []
      : [
          {
            organisation: { id: organisation.id, name: organisation.name[language] },
            findings: own.length,
            critical: own.filter((held) => held.row.severity === "critical").length,
            oldest,
          },
        ];
  });
  const end = asked.start + asked.limit;
  return {
    findings: sorted.slice(asked.start, end).map((held) => rowOf(held, language)),
    ...(end < sorted.length ? { next: String(end) } : {}),
    counts: {
      open: count("open"),
      snoozed: count("snoozed"),
      suppressed: count("suppressed"),
      muted: count("muted"),
      shadow: count("shadow"),
      closed: count("closed"),
    },
    groups,
    lastClosed: ago(44),
  };
};

const because = {
  seen: say(
    "41.2 GB from 203.0.113.24 to 198.51.100.77",
    "203.0.113.24 向 198.51.100.77 傳出 41.2 GB",
    "203.0.113.24 向 198.51.100.77 传出 41.2 GB",
  ),
  seenSource: say("Sensor HTD-edge-1", "感應器 HTD-edge-1", "传感器 HTD-edge-1"),
  bad: say("A command server of the botnet Emotet", "殭屍網絡 Emotet 的控制伺服器", "僵尸网络 Emotet 的控制服务器"),
  badSource: say("3 sources; best", "3 個來源，最佳", "3 个来源，最佳"),
  yours: say("203.0.113.0/24 belongs to the department", "203.0.113.0/24 屬該部門", "203.0.113.0/24 属于该部门"),
  yoursSource: say(
    "Ownership proven by DNS, 2 Nov",
    "擁有權經 DNS 記錄證實，11 月 2 日",
    "所有权经 DNS 记录证实，11 月 2 日",
  ),
  also: say("Two more departments called the same server", "另有兩個部門連線同一伺服器", "另有两个部门连接同一服务器"),
  alsoSource: say("Findings of the last 24 hours", "過去 24 小時的發現", "过去 24 小时的发现"),
};

export const detailOf = (held: Held, language: Language, staff: boolean): FindingDetail => {
  const hostile = held.row.id.endsWith("-1");
  const told = held.row.state !== "new" && !held.row.shadow;
  const text = (words: Words): string => (hostile ? payload : words[language]);
  return {
    finding: rowOf(held, language),
    because: [
      { step: "seen", text: text(because.seen), source: text(because.seenSource), at: held.row.lastSeen },
      { step: "known-bad", text: text(because.bad), source: text(because.badSource), grade: held.row.grade },
      { step: "yours", text: text(because.yours), source: text(because.yoursSource) },
      { step: "also", text: text(because.also), source: text(because.alsoSource) },
    ],
    evidence: range(3).map((i) => ({
      time: ago(20 + i),
      file: hostile ? payload : "eve.json.gz",
      line: 48_112 + i * 17,
      text: `{"timestamp":"${ago(20 + i)}","event_type":"flow","src_ip":"203.0.113.24","src_port":${50_000 + i},"dest_ip":"198.51.100.77","dest_port":443,"proto":"TCP","bytes_toserver":41203884032${hostile ? `,"x":"${payload}"` : ""}}`,
      match: "198.51.100.77",
      where: "destination" as const,
      direction: "outbound" as const,
    })),
    evidenceTotal: 6,
    names: [],
    instances: range(2).map((i) => ({
      key: hostile ? payload : `203.0.113.24:${50_000 + i}`,
      firstSeen: ago(200),
      lastSeen: ago(20 + i),
      count: 3 + i,
    })),
    sources: [
      {
        feed: "abusech-feodo",
        title: text(say("Feodo Tracker", "Feodo Tracker", "Feodo Tracker")),
        grade: "B2",
        labels: [hostile ? payload : "emotet"],
        firstSeen: ago(9_000),
        lastSeen: ago(70),
      },
      {
        feed: "ipsum",
        title: text(say("ipsum", "ipsum", "ipsum")),
        grade: "C3",
        labels: ["level 6"],
        firstSeen: ago(20_000),
        lastSeen: ago(300),
      },
    ],
    history: held.history.map((event) => ({
      at: event.at,
      who: event.who,
      what: hostile ? payload : event.what[language],
      ...(event.note === undefined ? {} : { note: event.note }),
    })),
    answers: held.answers,
    steps: [
      {
        what: text(
          say(
            "Isolate the host: pull the network cable or disable the switch port, do not switch it off",
            "隔離主機：拔除網絡線或停用交換機埠，不要關機",
            "隔离主机：拔除网线或停用交换机端口，不要关机",
          ),
        ),
        who: text(say("System administrator", "系統管理員", "系统管理员")),
        when: text(say("now", "立即", "立即")),
      },
      {
        what: text(say("Keep memory and disk images", "保留記憶體及磁碟映像", "保留内存及磁盘映像")),
        who: text(say("System administrator", "系統管理員", "系统管理员")),
        when: text(say("within 1 h", "1 小時內", "1 小时内")),
      },
      {
        what: text(say("Change the passwords used on it", "更換曾在該機使用的密碼", "更换曾在该机使用的密码")),
        who: text(say("Account administrator", "帳戶管理員", "账户管理员")),
        when: text(say("today", "今日", "今天")),
      },
    ],
    ...(told
      ? {
          alert: {
            ref: "WG-2026-1187",
            version: 1,
            at: ago(60),
            ...(held.row.due === undefined ? {} : { due: held.row.due }),
            deliveries: [
              { to: hostile ? payload : "Chan Hoi-ki", channel: "mail", state: "sent" as const, at: ago(60) },
              {
                to: "Duty officer",
                channel: "mail",
                state: held.row.undeliverable ? ("failed" as const) : ("waiting" as const),
              },
            ],
          },
        }
      : {}),
    audience: [
      {
        name: hostile ? payload : "Chan Hoi-ki",
        role: text(say("security contact", "保安聯絡人", "安全联系人")),
        channel: text(say("e-mail", "電郵", "电子邮件")),
        languages: ["zh-Hant-HK", "en"],
      },
    ],
    acts: staff ? actsOf(held) : [],
    mayAnswer: !staff,
    ...{ mutes: 0, mayTakeBack: staff },
  };
};

const actsOf = (held: Held): FindingDetail["acts"] =>
  held.view === "shadow"
    ? ["release", "suppress", "note", "false"]
    : held.view === "snoozed"
      ? ["wake", "note", "false"]
      : held.view === "open"
        ? ["acknowledge", "snooze", "suppress", "accept-risk", "note", "false"]
        : ["reopen", "note"];

export const sources = (language: Language): readonly SourceRow[] => {
  const t = (words: Words): string => words[language];
  const base = {
    publisher: "abuse.ch",
    voice: "alert",
    licence: "CC0-1.0",
    tlp: "clear",
    grade: "B2",
    shadow: false,
    everyMinutes: 15,
    lastTurn: ago(8),
    lastGood: ago(8),
    nextTurn: from(7),
    indicators: 4_812,
    reports: 0,
    advisories: 0,
    last: { rows: 512, accepted: 510, rejected: 2, added: 12, changed: 3, delisted: 4 },
  } as const;
  return [
    { ...base, id: "abusech-feodo", title: "Feodo Tracker", state: "healthy" },
    {
      ...base,
      id: "spamhaus-drop",
      title: "Spamhaus DROP",
      publisher: "Spamhaus",
      licence: "spamhaus-drop",
      state: "late",
      reason: t(
        say(
          "Missed 3 turns; last answer 6 h ago",
          "錯過 3 次收集；上次回應在 6 小時前",
          "错过 3 次收集；上次响应在 6 小时前",
        ),
      ),
      grade: "A2",
      everyMinutes: 720,
      indicators: 1_306,
    },
    {
      ...base,
      id: "ipsum",
      title: "ipsum",
      publisher: "stamparm",
      voice: "corroborate",
      licence: "Unlicense",
      state: "held",
      grade: "C3",
      reason: t(
        say(
          "287 104 rows, usually 120 000 to 135 000; waits for a person",
          "287 104 行，平常為 120 000 至 135 000 行；待人審閱",
          "287 104 行，平常为 120 000 至 135 000 行；待人工审核",
        ),
      ),
      indicators: 128_440,
    },
    {
      ...base,
      id: "maltrail-static",
      title: "maltrail static trails",
      publisher: "maltrail",
      licence: "MIT",
      state: "quarantined",
      reason: t(
        say(
          "The answer was an HTML page; earlier knowledge is kept",
          "回應是 HTML 網頁；之前的情報保留",
          "响应是 HTML 网页；之前的情报保留",
        ),
      ),
      indicators: 1_852_460,
    },
    {
      ...base,
      id: "partner-stix",
      title: payload,
      publisher: payload,
      voice: "context",
      licence: "unknown",
      tlp: "amber",
      state: "failing",
      reason: payload,
      shadow: true,
      indicators: 0,
      reports: 0,
      advisories: 0,
    },
    {
      id: "warninglists",
      title: "MISP warninglists",
      publisher: "MISP",
      voice: "context",
      licence: "CC0-1.0",
      tlp: "clear",
      grade: "A1",
      shadow: false,
      state: "never",
      everyMinutes: 1_440,
      indicators: 0,
      reports: 0,
      advisories: 0,
    },
  ];
};

export const sourceDetail = (source: SourceRow): SourceDetail => ({
  source,
  turns: range(12).map((i) => ({
    at: ago(8 + i * 15),
    state: i === 0 ? source.state : "healthy",
    ...(i === 0 && source.reason !== undefined ? { reason: source.reason } : {}),
    bytes: 41_203 + i * 977,
    rows: 512 + i,
    accepted: 510 + i,
    rejected: 2,
    added: 12,
    changed: 3,
    delisted: 4,
    ...(i === 1 ? { expired: 27 } : {}),
    tookMs: 310 + i,
  })),
  rejected: range(4).map((i) => ({
    at: ago(8),
    part: i === 0 ? payload.slice(0, 40) : "ipblocklist.csv",
    row: 12 + i * 40,
    code: "WGL_IP",
    says: i === 0 ? `Cannot read IP address "${payload}"` : `Cannot read IP address "010.1.1.${i}"`,
  })),
  scorecard: {
    ...{
      at: ago(300),
      live: 4_812,
      alone: 1_204,
      leadHours: 5.5,
      confirmed: 18,
      disputed: 3,
      falseFindings: 1,
      benign: 2,
      duplicates: 1,
    },
    ...{ verdicts: 2, cases: 22, casesWanted: 10, trust: 0.95, suggestedGrade: "B", silentHours: 0.1 },
    rejectedShare: 0.0039,
    overlaps: [
      { id: "ipsum", title: "ipsum", shared: 2_906, share: 0.6039, leadHours: 26.4 },
      { id: "partner-stix", title: payload, shared: 41, share: 0.0085, leadHours: -3 },
      { id: "spamhaus-drop", title: "Spamhaus DROP", shared: 2, share: 0.0004 },
    ],
  },
  acts:
    source.state === "held"
      ? ["accept-held", "discard-held", "collect"]
      : source.shadow
        ? ["speak", "collect"]
        : ["collect", "hush"],
});

export const light: Light = {
  community: {
    en: "Harbour City CERT",
    "zh-Hant-HK": "海港市電腦保安事故協調中心",
    "zh-Hans": "海港市计算机安全事件协调中心",
  },
  zone: "Asia/Hong_Kong",
  collecting: true,
  matching: true,
  alerting: true,
  sample: [
    { name: "analyst@cert.example", password: "sample", who: "Lo Wing-yan, analyst" },
    { name: "hoiki@transport.example", password: "sample", who: "Chan Hoi-ki, Harbour Transport" },
  ],
};

export const meOf = (staff: boolean, language: Language): Me => ({
  name: staff ? "Lo Wing-yan" : "Chan Hoi-ki",
  language: "en",
  staff,
  organisations: staff ? [] : [{ id: "o-transport", name: organisations[0].name[language] }],
  permissions: staff
    ? [
        ...["findings.read", "findings.decide", "sources.read", "sources.decide", "sources.write", "indicators.read"],
        ...["community.read", "community.write", "releases.read"],
      ]
    : ["findings.read", "findings.answer", "indicators.read", "own.read", "own.write"],
  community: light.community[language],
  zone: light.zone,
  now: new Date().toISOString(),
});

export const status: Status = {
  sources: { healthy: 41, total: 43 },
  sensors: { heard: 6, total: 7 },
  lastEvent: ago(0.05),
  indicators: 1_990_000,
  history: { on: true, says: "history is on" },
  mail: { waiting: 0, failed: 0 },
  alarms: [
    {
      ...{ about: "sensor", id: "s-edge", name: payload, state: "silent", since: ago(60 * 30) },
      says: `${payload}: no event since yesterday`,
    },
    { ...{ about: "source", id: "ipsum", name: "ipsum", state: "held", since: ago(60 * 20) }, says: payload },
  ],
};
