import { Value } from "typebox/value";
import {
  type CareHistory,
  CareHistory as CareHistorySchema,
  ExclusionCheck,
  ExclusionEnd,
  ExclusionList,
  ExclusionNew,
  ExclusionRow,
  Judged,
  Verdict,
  VerdictPage,
  type VerdictRow,
} from "#api/indicator-care.ts";
import {
  type IndicatorDetail,
  IndicatorDetail as IndicatorDetailSchema,
  IndicatorPage,
  type IndicatorRow,
} from "#api/indicator.ts";
import {
  IntakeNew,
  IntakeReceipt,
  type RejectedPage,
  RejectedPage as RejectedPageSchema,
  RejectedRepair,
} from "#api/intake.ts";
import { ago, type Answered, type Asked, from } from "./fixture-answer.ts";
import { payload } from "./fixture.ts";

const value = (n: number, text: string, more: Partial<IndicatorRow> = {}): IndicatorRow => ({
  ...{ id: `i-${n}`, kind: "domain", value: text, way: "listed", standing: "block", score: 83, grade: "B2" },
  ...{ tlp: "amber", sources: 3, labels: ["loader", "Grey Heron"], firstSeen: ago(80_000), lastSeen: ago(40) },
  ...more,
});

const values: readonly IndicatorRow[] = [
  value(1, "198.51.100.77", { kind: "ipv4" }),
  value(2, "login-harbour.example", { standing: "alert", score: 44, tlp: "green" }),
  value(3, "9f3c41aa0b1e6f0d2a4c8e9b7d5f3a1c0e2b4d6f8a9c7e5d3b1f0a2c4e6d8b0e", {
    kind: "sha256",
    standing: "supports",
  }),
  value(4, payload, { kind: "path", standing: "faded", labels: [payload, payload] }),
  value(5, "old.example", { standing: "false", score: 0, labels: [] }),
];

const detailOf = (indicator: IndicatorRow): IndicatorDetail => ({
  indicator,
  claims: [
    {
      ...{ feed: "north", title: "Partner CERT “North Sea”", grade: "B2", says: ["command server"], tlp: "amber" },
      ...{ said: ago(4_000), lastSeen: ago(60), until: from(40_000), state: "stands", shadow: false },
    },
    {
      ...{ feed: "paste", title: payload, grade: "C3", says: [], tlp: "green" },
      ...{ said: ago(80_000), lastSeen: ago(70_000), state: "ended", shadow: true },
    },
  ],
  curve: {
    ...{ from: ago(80_000), until: from(30_000), halfLifeDays: 14, alertsAt: 30, blocksAt: 60 },
    points: [80_000, 40_000, 1, 0].map((minutes, n) => ({ at: ago(minutes), score: 40 + n * 14 })),
    marks: [{ at: ago(80_000), score: 46, grade: "C3" }],
    fallsBelow: { level: 60, at: from(9_000) },
  },
  origin: { asn: "AS64496", holder: payload, country: "HK" },
  ...{
    names: [],
    weaknesses: [],
    tied: [{ by: "around", values: [{ id: "i-2", kind: "domain", value: "a.example" }] }],
  },
  seen: {
    organisations: 2,
    findings: [
      {
        ...{
          id: "f-open-0",
          organisation: "Harbour Transport Department",
          asset: "203.0.113.24",
          severity: "critical",
        },
        ...{ state: "new", lastSeen: ago(30) },
      },
    ],
  },
  mayJudge: true,
});

const verdict = (n: number, more: Partial<VerdictRow> = {}): VerdictRow => ({
  ...{ indicator: `i-${n}`, kind: "domain", value: "cdn.example", tlp: "green", who: "Lo Wing-yan" },
  ...{ reason: "A shared host of a hosting company", at: ago(n * 60), findings: 3, parties: 2 },
  ...more,
});

const event = (more: Partial<CareHistory["events"][number]>): CareHistory["events"][number] => ({
  ...{ at: ago(500), act: "judged-false", who: "Lo Wing-yan", reason: "A shared host" },
  ...more,
});
const history: CareHistory = {
  events: [
    event({ about: { indicator: "i-1", kind: "ipv4", value: "198.51.100.77", tlp: "red" }, takenBack: 3 }),
    event({ act: "restored", about: { indicator: "i-2", kind: "domain", value: payload, tlp: "amber" }, restored: 1 }),
    event({ act: "excluded", exclusion: payload, entries: 41_000 }),
    { ...event({ act: "let-in", exclusion: "shop.example" }), reason: "its end came" },
  ],
};

const rejectedOf = (): RejectedPage["rows"] =>
  [
    { n: 4, row: 12, text: "010.1.1.1,bot", code: "WGL_IP" },
    { n: 3, row: 40, text: payload, code: "WGL_VALUE_UNKNOWN" },
    { n: 2, row: 41, text: '=HYPERLINK("x"),two', code: "WGL_VALUE_UNKNOWN" },
    { n: 1, row: 99, code: "WGL_CSV_QUOTE" },
  ].map((one) => ({ ...one, turn: 7, at: ago(8), part: "list.csv", says: `Cannot read "${one.text ?? ""}"` }));

/** Values, what was judged and put aside, what was brought in and refused; acts change it. */
export const newCare = () => {
  let verdicts = [verdict(1), verdict(2, { source: { id: "paste", title: payload }, tlp: "amber+strict" })];
  let exclusions: ExclusionRow[] = [
    { ...exclusion("x-1", "Public resolvers", "cidr", 1_200), until: from(9_000), findings: 2 },
    { ...exclusion("x-2", "our own network", "string", 1), value: "cdn.example" },
    exclusion("x-3", payload, "regex", 4),
  ];
  let rejected = rejectedOf();

  const judged = ({ path: [, id], body }: Asked): Answered => {
    if (!Value.Check(Verdict, body)) return { refused: "Cannot read the verdict", status: 422 };
    if (body.verdict === "restored") verdicts = verdicts.filter((one) => one.indicator !== id);
    return { schema: Judged, value: { weighed: 3, takenBack: 3, restored: 0 } };
  };

  const exclusionCalls = ({ path: [, id, part], method, query, body }: Asked): Answered => {
    if (id === "check") {
      const asked = (query.get("value") ?? "").replaceAll("[.]", ".");
      const known = exclusions.find((one) => one.value === asked);
      return {
        schema: ExclusionCheck,
        value: {
          ...{ kind: "domain", value: asked },
          ...(known === undefined ? {} : { excluded: { list: known.reason, exclusion: known.id } }),
        },
      };
    }
    if (part === "end" && Value.Check(ExclusionEnd, body)) {
      exclusions = exclusions.filter((one) => one.id !== id);
      return { done: true };
    }
    if (method === "POST" && Value.Check(ExclusionNew, body)) {
      const made = {
        ...exclusion(`x-${exclusions.length + 1}`, body.list?.name ?? body.reason, "string", 1),
        ...(body.value === undefined ? {} : { value: body.value }),
      };
      exclusions = [...exclusions, made];
      return { schema: ExclusionRow, value: made, status: 201 };
    }
    return {
      schema: ExclusionList,
      value: {
        ...{ exclusions, inForce: 41_204 },
        refused: [{ list: "some-list", count: 2, code: "WGL_CIDR", says: `Cannot read network "${payload}"` }],
      },
    };
  };

  const intake = ({ body }: Asked): Answered => {
    if (!Value.Check(IntakeNew, body)) return { refused: "Cannot read what was submitted", status: 422 };
    const left = new Set(body.without);
    const found = [
      { part: "text.txt", kind: "url", value: "https://login-harbour.example/a.php", labels: [], flags: [] },
      { part: "text.txt", kind: "ipv4", value: "198.51.100.24", labels: [payload], flags: [] },
      ...(body.also ?? []).map((one) => ({ part: "also", kind: "ipv4", value: one, labels: [], flags: [] })),
    ].filter((one) => !left.has(one.value));
    const taken = body.dryRun !== true;
    return {
      schema: IntakeReceipt,
      value: {
        ...{ taken, rows: 6, accepted: found.length, added: taken ? found.length : 0, changed: 0, withdrawn: 0 },
        ...{ reports: 0, advisories: 0, found },
        notTaken: [
          { part: "text.txt", row: 5, code: "WGL_TEXT_DOUBTFUL", says: "It may be a version", text: "1.2.3.4" },
          { part: "text.txt", row: 6, code: "WGL_IP", says: `Cannot read "${payload}"` },
        ],
      },
    };
  };

  const repair = ({ body }: Asked): Answered => {
    if (!Value.Check(RejectedRepair, body)) return { refused: "Cannot read the rows", status: 422 };
    const good = body.rows.filter((one) => one.text.includes("198.51.100."));
    const bad = body.rows.filter((one) => !good.includes(one));
    const taken = body.dryRun !== true;
    if (taken) rejected = rejected.filter((one) => !good.some(({ n }) => n === one.n));
    return {
      schema: IntakeReceipt,
      value: {
        ...{ taken, rows: body.rows.length, accepted: good.length, added: good.length, changed: 0, withdrawn: 0 },
        ...{ reports: 0, advisories: 0 },
        found: good.map(({ text }) => ({ part: "list.csv", kind: "ipv4", value: text, labels: [], flags: [] })),
        notTaken: bad.map(({ text }, n) => ({
          part: "list.csv",
          row: n,
          code: "WGL_IP",
          says: "Cannot read it",
          text,
        })),
      },
    };
  };

  return (asked: Asked): Answered => {
    const [first, id, third, fourth] = asked.path;
    if (first === "indicators" && third === "verdict") return judged(asked);
    if (first === "indicators" && id === undefined) {
      const text = asked.query.get("search")?.toLowerCase() ?? "";
      return { schema: IndicatorPage, value: { indicators: values.filter((one) => one.value.includes(text)) } };
    }
    const found = first === "indicators" ? values.find((one) => one.id === id) : undefined;
    if (found !== undefined) return { schema: IndicatorDetailSchema, value: detailOf(found) };
    if (!asked.staff) return undefined;
    if (first === "verdicts" && id === "history") return { schema: CareHistorySchema, value: history };
    if (first === "verdicts") return { schema: VerdictPage, value: { verdicts } };
    if (first === "exclusions") return exclusionCalls(asked);
    if (first === "intake") return intake(asked);
    if (first === "sources" && third === "rejected" && fourth === "repair") return repair(asked);
    if (first === "sources" && third === "rejected") return { schema: RejectedPageSchema, value: { rows: rejected } };
    return undefined;
  };
};

const exclusion = (id: string, name: string, type: string, entries: number): ExclusionRow => ({
  ...{ id, name, type, entries, who: "Lo Wing-yan", reason: name, at: ago(900) },
});
