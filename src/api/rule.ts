import Type, { type Static } from "typebox";
import { tlps } from "#core/marking.ts";
import { severities } from "#core/severity.ts";
import type { Scorecard } from "./scorecard.ts";

const Time = Type.String({ format: "date-time" });

/**
 * How a rule stands:
 *   running   asked of telemetry              disabled  a person turned it, its folder or all off
 *   retired   its author did                  failing   a test beside it says that it does not do what it says
 *   double    another folder has its id       unready   a placeholder has no values, or what it names is not there
 */
export const ruleStandings = ["running", "disabled", "retired", "failing", "double", "unready"] as const;
export type RuleStanding = (typeof ruleStandings)[number];
/** Who hears it: shadow is staff alone; quiet has found nothing yet, and begins in shadow. */
export const ruleVoices = ["shadow", "speaks", "quiet"] as const;
export const ruleActs = ["enable", "disable", "speak", "hush"] as const;
export const ruleKinds = ["rule", "correlation", "filter"] as const;
export const ruleLevels = ["informational", "low", "medium", "high", "critical"] as const;

const Decided = Type.Object({
  on: Type.String({ description: "Rule, folder or * that was decided on" }),
  runs: Type.Boolean(),
  reason: Type.String(),
  who: Type.String(),
  at: Time,
});

export const RuleRow = Type.Object(
  {
    id: Type.String({ description: "In addresses; opaque for a rule without an id" }),
    rule: Type.String({ description: "Sigma id; of a rule without one its title" }),
    title: Type.String(),
    kind: Type.Enum([...ruleKinds]),
    level: Type.Optional(Type.Enum([...ruleLevels])),
    status: Type.Optional(Type.String()),
    folder: Type.String(),
    file: Type.String(),
    line: Type.Integer(),
    tactics: Type.Array(Type.String()),
    techniques: Type.Array(Type.String()),
    standing: Type.Enum([...ruleStandings]),
    voice: Type.Enum([...ruleVoices]),
    decided: Type.Optional(Decided),
    tested: Type.Enum(["passed", "failed", "none"]),
    hits: Type.Integer({ description: "In the last 30 days" }),
    tlp: Type.Enum([...tlps]),
  },
  { $id: "RuleRow" },
);
export type RuleRow = Static<typeof RuleRow>;

export const RuleProblem = Type.Object(
  {
    folder: Type.String(),
    file: Type.String(),
    line: Type.Integer(),
    column: Type.Integer(),
    code: Type.String(),
    says: Type.String(),
    refuses: Type.Boolean({ description: "The rule is left out because of it" }),
  },
  { $id: "RuleProblem" },
);
export type RuleProblem = Static<typeof RuleProblem>;

export const RulePage = Type.Object(
  {
    rules: Type.Array(Type.Ref("RuleRow")),
    next: Type.Optional(Type.String()),
    found: Type.Integer({ description: "Rules that were asked for" }),
    standings: Type.Record(Type.Enum([...ruleStandings]), Type.Integer(), { description: "Of all rules" }),
    folders: Type.Array(
      Type.Object({
        name: Type.String(),
        tlp: Type.Enum([...tlps]),
        rules: Type.Integer(),
        problems: Type.Integer(),
        kept: Type.Optional(
          Type.Boolean({ description: "Its files are wrong now; true: it is in force as it was before" }),
        ),
        decided: Type.Optional(Decided),
      }),
    ),
    tactics: Type.Array(Type.String(), { description: "Of all rules, in the order of the alphabet" }),
    all: Type.Optional(Decided),
    mayDecide: Type.Boolean(),
  },
  { $id: "RulePage" },
);
export interface RulePage extends Omit<Static<typeof RulePage>, "rules"> {
  readonly rules: readonly RuleRow[];
}

export const RuleDetail = Type.Object(
  {
    rule: Type.Ref("RuleRow"),
    text: Type.String({ description: "Its file" }),
    description: Type.Optional(Type.String()),
    author: Type.Optional(Type.String()),
    date: Type.Optional(Type.String()),
    licence: Type.Optional(Type.String()),
    references: Type.Array(Type.String()),
    falsePositives: Type.Array(Type.String()),
    logsource: Type.Optional(Type.String({ description: "product / category / service" })),
    problems: Type.Array(Type.Ref("RuleProblem"), { description: "Of its file, the tests beside it, and the set" }),
    tests: Type.Optional(Type.Object({ file: Type.String(), events: Type.Integer(), text: Type.String() })),
    days: Type.Array(Type.Object({ day: Type.String(), hits: Type.Integer() }), {
      description: "The last 30 days, oldest first",
    }),
    scorecard: Type.Optional(Type.Ref("Scorecard")),
    source: Type.String({ description: "Id of the source that stands behind its findings" }),
    acts: Type.Array(Type.Enum([...ruleActs])),
  },
  { $id: "RuleDetail" },
);
export interface RuleDetail extends Omit<Static<typeof RuleDetail>, "rule" | "problems" | "scorecard"> {
  readonly rule: RuleRow;
  readonly problems: readonly RuleProblem[];
  readonly scorecard?: Scorecard;
}

export const RuleAct = Type.Object(
  { act: Type.Enum([...ruleActs]), reason: Type.Optional(Type.String({ maxLength: 2000 })) },
  { $id: "RuleAct", additionalProperties: false },
);
export type RuleAct = Static<typeof RuleAct>;

export const RuleDecisionNew = Type.Object(
  {
    on: Type.String({
      minLength: 1,
      maxLength: 512,
      description: 'A folder inside a folder of rules, ending in "/"; or * for all',
    }),
    runs: Type.Boolean(),
    reason: Type.String({ minLength: 1, maxLength: 2000 }),
  },
  { $id: "RuleDecisionNew", additionalProperties: false },
);
export type RuleDecisionNew = Static<typeof RuleDecisionNew>;

export const RuleProblems = Type.Object(
  { problems: Type.Array(Type.Ref("RuleProblem")), count: Type.Integer() },
  { $id: "RuleProblems" },
);
export interface RuleProblems {
  readonly problems: readonly RuleProblem[];
  readonly count: number;
}

export const RuleTry = Type.Object(
  {
    rule: Type.String({ minLength: 1, maxLength: 262_144, description: "Sigma rules, correlations and filters" }),
    lines: Type.Optional(Type.String({ maxLength: 1_048_576, description: "Lines of a log; nothing is kept of them" })),
    format: Type.Optional(Type.String({ maxLength: 64, description: "Absent: told from the lines" })),
  },
  { $id: "RuleTry", additionalProperties: false },
);
export type RuleTry = Static<typeof RuleTry>;

export const RuleTried = Type.Object(
  {
    rules: Type.Array(
      Type.Object({
        rule: Type.String(),
        title: Type.String(),
        kind: Type.Enum([...ruleKinds]),
        matches: Type.Integer(),
      }),
    ),
    problems: Type.Array(Type.Ref("RuleProblem")),
    format: Type.Optional(Type.String()),
    records: Type.Integer(),
    rejected: Type.Array(Type.Object({ line: Type.Integer(), code: Type.String(), says: Type.String() })),
    matches: Type.Array(
      Type.Object({
        rule: Type.String(),
        title: Type.String(),
        severity: Type.Enum([...severities]),
        line: Type.Integer(),
        because: Type.Array(
          Type.Object({
            field: Type.Optional(Type.String()),
            wanted: Type.String(),
            value: Type.Optional(Type.String()),
          }),
        ),
      }),
      { description: "At most 200" },
    ),
    cut: Type.Boolean({ description: "There were more matches or lines than are looked at" }),
  },
  { $id: "RuleTried" },
);
export interface RuleTried extends Omit<Static<typeof RuleTried>, "problems"> {
  readonly problems: readonly RuleProblem[];
}
