import Type, { type Static } from "typebox";
import { rsitTypes } from "#core/rsit.ts";
import { severities } from "#core/severity.ts";
import { incidentStates } from "#incidents/correlate.ts";
import { incidentActs } from "#incidents/state.ts";
import { tactics } from "#incidents/tactics.ts";
import type { Because, FindingRow } from "./finding.ts";

const Time = Type.String({ format: "date-time" });
const Id = Type.String({ minLength: 1, maxLength: 64 });

export const ChainStep = Type.Object(
  {
    tactic: Type.Enum([...tactics]),
    first: Time,
    last: Time,
    hits: Type.Integer(),
  },
  { $id: "ChainStep" },
);

export const IncidentRow = Type.Object(
  {
    id: Id,
    ref: Type.String({ description: "Short reference people read out: INC-7C1F0E" }),
    title: Type.String({ description: "One line in the reader's language, of its worst finding" }),
    problem: Type.Object({ type: Type.Enum(Object.keys(rsitTypes)), about: Type.String() }),
    state: Type.Optional(
      Type.Enum([...incidentStates], { description: "Staff's; an organisation sees the states of its findings" }),
    ),
    risk: Type.Integer({
      minimum: 0,
      maximum: 100,
      description: "Of its findings together, and its tactics; 0: nothing is open",
    }),
    severity: Type.Enum([...severities], { description: "Its worst finding's" }),
    organisations: Type.Array(Type.Object({ id: Id, name: Type.String() })),
    chain: Type.Array(Type.Ref("ChainStep"), {
      description: "ATT&CK tactics in the order in which they were first seen",
    }),
    findings: Type.Integer(),
    open: Type.Integer({ description: "Findings that want somebody's eye" }),
    muted: Type.Integer({ description: "… that another finding or a silence holds back" }),
    hits: Type.Integer(),
    firstSeen: Time,
    lastSeen: Time,
  },
  { $id: "IncidentRow" },
);
export interface IncidentRow extends Omit<Static<typeof IncidentRow>, "chain"> {
  readonly chain: readonly Static<typeof ChainStep>[];
}

export const incidentViews = ["open", "muted", "closed"] as const;

export const IncidentPage = Type.Object(
  {
    incidents: Type.Array(Type.Ref("IncidentRow")),
    next: Type.Optional(Type.String({ description: "Give as cursor to read on; absent at the end" })),
    counts: Type.Object({ open: Type.Integer(), muted: Type.Integer(), closed: Type.Integer() }),
  },
  { $id: "IncidentPage" },
);
export interface IncidentPage extends Omit<Static<typeof IncidentPage>, "incidents"> {
  readonly incidents: readonly IncidentRow[];
}

export const IncidentDetail = Type.Object(
  {
    incident: Type.Ref("IncidentRow"),
    findings: Type.Array(Type.Ref("FindingRow"), { description: "Most at stake first; at most 200" }),
    because: Type.Array(
      Type.Object({
        finding: Id,
        ref: Type.String(),
        title: Type.String(),
        steps: Type.Array(Type.Ref("Because")),
      }),
      { description: "Of its worst findings, each step with its evidence; at most 8" },
    ),
    entities: Type.Array(
      Type.Object({
        kind: Type.Enum(["host", "address", "domain", "account", "indicator"]),
        value: Type.String(),
        findings: Type.Integer(),
        hits: Type.Integer(),
        risk: Type.Integer({ description: "0 to 100: of the findings that share it" }),
        first: Time,
        last: Time,
      }),
      { description: "What ties it; most at stake first, at most 60" },
    ),
    quiet: Type.Array(
      Type.Object({
        source: Type.String(),
        title: Type.String(),
        asset: Type.String(),
        severity: Type.Enum([...severities]),
        hits: Type.Integer(),
        last: Time,
      }),
      { description: "What detectors saw of it that may not speak by themselves; at most 50" },
    ),
    others: Type.Optional(
      Type.Integer({
        description: "How many other organisations met the same: rounded down to fives, told from five on",
      }),
    ),
    acts: Type.Array(Type.Enum([...incidentActs])),
  },
  { $id: "IncidentDetail" },
);
export interface IncidentDetail extends Omit<Static<typeof IncidentDetail>, "incident" | "findings" | "because"> {
  readonly incident: IncidentRow;
  readonly findings: readonly FindingRow[];
  readonly because: readonly {
    readonly finding: string;
    readonly ref: string;
    readonly title: string;
    readonly steps: readonly Static<typeof Because>[];
  }[];
}

export const IncidentAct = Type.Object(
  { act: Type.Enum([...incidentActs]), reason: Type.Optional(Type.String({ maxLength: 2000 })) },
  { $id: "IncidentAct", additionalProperties: false },
);
export type IncidentActBody = Static<typeof IncidentAct>;
