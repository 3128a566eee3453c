import Type, { type Static } from "typebox";
import { assetWorths } from "#community/asset.ts";
import { certainties } from "#core/grade.ts";
import { tlps } from "#core/marking.ts";
import { rsitTypes } from "#core/rsit.ts";
import { severities } from "#core/severity.ts";
import { answers } from "#incidents/answer.ts";
import { findingActs, findingStates, verdicts } from "#incidents/state.ts";
import { directions, wheres } from "#telemetry/format.ts";
import { NamedLabel } from "./named-label.ts";

const Time = Type.String({ format: "date-time" });
const Id = Type.String({ minLength: 1, maxLength: 64 });

export const FindingRow = Type.Object(
  {
    id: Id,
    ref: Type.String({ description: "Short reference people read out: F-7K2Q9D" }),
    organisation: Type.Object({ id: Id, name: Type.String() }),
    title: Type.String({ description: "One line in the reader's language" }),
    problem: Type.Object({ type: Type.Enum(Object.keys(rsitTypes)), about: Type.String() }),
    severity: Type.Enum([...severities]),
    certainty: Type.Enum([...certainties]),
    grade: Type.String({ pattern: "^[A-F][1-6]$" }),
    asset: Type.String({ description: "Canonical, e.g. 203.0.113.24 or vpn.transport.example" }),
    state: Type.Enum([...findingStates]),
    shadow: Type.Boolean({ description: "Staff only, until a person lets it speak" }),
    snoozedUntil: Type.Optional(Time),
    undeliverable: Type.Boolean(),
    firstSeen: Time,
    lastSeen: Time,
    count: Type.Integer({ minimum: 1, description: "Hits so far" }),
    due: Type.Optional(Time),
    tlp: Type.Enum([...tlps]),
    incident: Type.Optional(Type.Object({ id: Id, ref: Type.String() })),
    risk: Type.Object(
      {
        score: Type.Integer({ minimum: 0, maximum: 100 }),
        severity: Type.Enum([...severities]),
        certainty: Type.Enum([...certainties]),
        worth: Type.Enum([...assetWorths]),
      },
      { description: "What is at stake, 0 to 100: severity × certainty × worth of the asset" },
    ),
    muted: Type.Optional(
      Type.Enum(["silence", "finding"], {
        description: "What holds it back: it is kept and counted, and tells nobody",
      }),
    ),
    verdict: Type.Optional(Type.Enum([...verdicts], { description: "What staff judged it to be" })),
  },
  { $id: "FindingRow" },
);
export type FindingRow = Static<typeof FindingRow>;

export const findingViews = ["open", "snoozed", "suppressed", "muted", "shadow", "closed"] as const;

export const FindingPage = Type.Object(
  {
    findings: Type.Array(Type.Ref("FindingRow")),
    next: Type.Optional(Type.String({ description: "Give as cursor to read on; absent at the end" })),
    counts: Type.Object({
      open: Type.Integer(),
      snoozed: Type.Integer(),
      suppressed: Type.Integer(),
      muted: Type.Integer({ description: "Held back by a silence or by another finding" }),
      shadow: Type.Integer(),
      closed: Type.Integer(),
    }),
    groups: Type.Array(
      Type.Object({
        organisation: Type.Object({ id: Id, name: Type.String() }),
        findings: Type.Integer(),
        critical: Type.Integer(),
        oldest: Time,
      }),
    ),
    lastClosed: Type.Optional(Time),
  },
  { $id: "FindingPage" },
);
export interface FindingPage extends Omit<Static<typeof FindingPage>, "findings"> {
  readonly findings: readonly FindingRow[];
}

/** One step of the because-chain: what was seen, why it is known bad, why it is yours, what else fits. */
export const Because = Type.Object(
  {
    step: Type.Enum(["seen", "known-bad", "yours", "also"]),
    text: Type.String(),
    source: Type.String(),
    grade: Type.Optional(Type.String()),
    at: Type.Optional(Time),
    evidence: Type.Optional(
      Type.Object(
        {
          kind: Type.Enum(["hit", "claim", "rule", "behaviour"]),
          id: Type.String({ description: "Of the hit, or of the source whose claim, rule or behaviour it is" }),
          takenBack: Type.Optional(
            Type.Enum(["false", "withdrawn", "excluded", "here"], {
              description: "It speaks for the finding no more; here: a person took it back for this finding",
            }),
          ),
        },
        { description: "What the step rests on; taking it back weighs the finding and its incident again" },
      ),
    ),
  },
  { $id: "Because" },
);

export const FindingDetail = Type.Object(
  {
    finding: Type.Ref("FindingRow"),
    because: Type.Array(Type.Ref("Because")),
    evidence: Type.Array(
      Type.Object({
        time: Time,
        file: Type.String(),
        line: Type.Integer(),
        text: Type.String(),
        match: Type.String({ description: "The part of text to underline" }),
        where: Type.Enum([...wheres]),
        direction: Type.Enum([...directions]),
      }),
    ),
    evidenceTotal: Type.Integer(),
    instances: Type.Array(Type.Object({ key: Type.String(), firstSeen: Time, lastSeen: Time, count: Type.Integer() })),
    sources: Type.Array(
      Type.Object({
        feed: Type.String(),
        title: Type.String(),
        grade: Type.String(),
        labels: Type.Array(Type.String()),
        firstSeen: Time,
        lastSeen: Time,
      }),
    ),
    names: Type.Array(NamedLabel, {
      description: "What it is about, the words of its sources and the techniques of its hits, where they are names",
    }),
    history: Type.Array(
      Type.Object({
        at: Time,
        who: Type.String({ description: "A person's name, or waglan" }),
        what: Type.String({ description: "In the reader's language" }),
        note: Type.Optional(Type.String()),
      }),
    ),
    answers: Type.Array(
      Type.Object({
        at: Time,
        who: Type.String(),
        answer: Type.Enum([...answers]),
        note: Type.Optional(Type.String()),
      }),
    ),
    steps: Type.Array(Type.Object({ what: Type.String(), who: Type.String(), when: Type.String() }), {
      description: "What to do, in the reader's language",
    }),
    alert: Type.Optional(
      Type.Object({
        ref: Type.String(),
        version: Type.Integer(),
        at: Time,
        due: Type.Optional(Time),
        deliveries: Type.Array(
          Type.Object({
            to: Type.String(),
            channel: Type.String(),
            state: Type.Enum(["waiting", "sent", "failed"]),
            at: Type.Optional(Time),
          }),
        ),
      }),
    ),
    audience: Type.Array(
      Type.Object({
        name: Type.String(),
        role: Type.String(),
        channel: Type.String(),
        languages: Type.Array(Type.String()),
      }),
      { description: "Who is told, or would be" },
    ),
    acts: Type.Array(Type.Enum([...findingActs]), { description: "What this viewer may do now" }),
    mayAnswer: Type.Boolean(),
    mutedBy: Type.Optional(Type.Object({ id: Id, ref: Type.String(), title: Type.String() })),
    mutes: Type.Integer({ description: "Findings that it holds back" }),
    mayTakeBack: Type.Boolean({ description: "This viewer may take a step back" }),
  },
  { $id: "FindingDetail" },
);
export interface FindingDetail extends Omit<Static<typeof FindingDetail>, "finding" | "because"> {
  readonly finding: FindingRow;
  readonly because: readonly Static<typeof Because>[];
}

export const FindingAct = Type.Object(
  {
    act: Type.Enum([...findingActs]),
    until: Type.Optional(Time),
    reason: Type.Optional(Type.String({ maxLength: 2000 })),
  },
  { $id: "FindingAct", additionalProperties: false },
);
export type FindingActBody = Static<typeof FindingAct>;

export const FindingAnswer = Type.Object(
  { answer: Type.Enum([...answers]), note: Type.Optional(Type.String({ maxLength: 2000 })) },
  { $id: "FindingAnswer", additionalProperties: false },
);
export type FindingAnswerBody = Static<typeof FindingAnswer>;

/** A step of the because-chain is taken back for this finding, or stands again. */
export const FindingStep = Type.Object(
  {
    kind: Type.Enum(["hit", "claim", "rule", "behaviour"]),
    id: Type.String({ minLength: 1, maxLength: 100 }),
    stands: Type.Boolean({ description: "false: taken back; true: it stands again" }),
    reason: Type.Optional(Type.String({ maxLength: 2000 })),
  },
  { $id: "FindingStep", additionalProperties: false },
);
export type FindingStepBody = Static<typeof FindingStep>;
