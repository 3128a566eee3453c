import Type, { type Static } from "typebox";
import { tlps } from "#core/marking.ts";
import { observableKinds } from "#core/observable.ts";
import { exclusionFileAtMost } from "./file-limits.ts";

const Time = Type.String({ format: "date-time" });
const Reason = Type.String({ minLength: 1, maxLength: 2000, description: "Why, for whoever asks later" });
const Lines = { minLength: 1, maxLength: 8192 } as const;

export const Verdict = Type.Object(
  {
    verdict: Type.Enum(["false", "restored"], {
      description:
        "false: it is no threat, and what rests on it is taken back; restored: everything stands as it stood",
    }),
    source: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: "Only this source's claim; else the value itself" }),
    ),
    reason: Reason,
  },
  { $id: "Verdict", additionalProperties: false },
);
export type Verdict = Static<typeof Verdict>;

export const Judged = Type.Object(
  {
    weighed: Type.Integer({ description: "Findings that rest on it" }),
    takenBack: Type.Integer({
      description: "Of them closed, since nothing else speaks for them; those told are told so",
    }),
    restored: Type.Integer(),
  },
  { $id: "Judged" },
);
export type Judged = Static<typeof Judged>;

export const ExclusionNew = Type.Object(
  {
    value: Type.Optional(Type.String({ ...Lines, description: "One value: an address, a network, a name, a hash …" })),
    list: Type.Optional(
      Type.Object(
        {
          name: Type.String({
            minLength: 1,
            maxLength: 120,
            pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$",
            description: "Its file's name, such as public-dns-v4.json; a list of the same name is replaced",
          }),
          base64: Type.String({
            minLength: 1,
            maxLength: Math.ceil(exclusionFileAtMost / 3) * 4,
            description: "A MISP warning list, JSON, perhaps gzipped",
          }),
        },
        { additionalProperties: false },
      ),
    ),
    reason: Reason,
    until: Type.Optional(Time),
  },
  { $id: "ExclusionNew", additionalProperties: false },
);
export type ExclusionNew = Static<typeof ExclusionNew>;

export const ExclusionEnd = Type.Object({ reason: Reason }, { $id: "ExclusionEnd", additionalProperties: false });
export type ExclusionEnd = Static<typeof ExclusionEnd>;

export const ExclusionRow = Type.Object(
  {
    id: Type.String(),
    name: Type.String({ description: "The list's name; of one value, why it was put aside" }),
    value: Type.Optional(Type.String()),
    type: Type.String({ description: "Of its entries, as MISP says it: cidr, string, hostname, substring, regex" }),
    entries: Type.Integer(),
    who: Type.String(),
    reason: Type.String(),
    at: Time,
    until: Type.Optional(Time),
    findings: Type.Optional(
      Type.Integer({ description: "Findings that something it names would speak for, set aside now" }),
    ),
  },
  { $id: "ExclusionRow" },
);
export type ExclusionRow = Static<typeof ExclusionRow>;

export const ExclusionList = Type.Object(
  {
    exclusions: Type.Array(Type.Ref("ExclusionRow")),
    inForce: Type.Integer({ description: "Entries in force, those of the configured folder included" }),
    refused: Type.Array(
      Type.Object({ list: Type.String(), count: Type.Integer(), code: Type.String(), says: Type.String() }),
      { description: "Entries that cannot be used, by list, with the first one's reason" },
    ),
  },
  { $id: "ExclusionList" },
);
export interface ExclusionList extends Omit<Static<typeof ExclusionList>, "exclusions"> {
  readonly exclusions: readonly ExclusionRow[];
}

/** Whether a value would be kept out, and by which list; asked in any writing, defanged too. */
export const ExclusionCheck = Type.Object(
  {
    kind: Type.Enum([...observableKinds]),
    value: Type.String({ description: "Canonical" }),
    excluded: Type.Optional(
      Type.Object({
        list: Type.String({ description: "The list's name or its range's, or why the value was put aside" }),
        exclusion: Type.Optional(Type.String({ description: "Id of the exclusion that can be ended here" })),
      }),
    ),
  },
  { $id: "ExclusionCheck" },
);
export type ExclusionCheck = Static<typeof ExclusionCheck>;

const Value = {
  indicator: Type.String(),
  kind: Type.Enum([...observableKinds]),
  value: Type.String(),
  tlp: Type.Enum([...tlps]),
};
const Source = Type.Optional(
  Type.Object({ id: Type.String(), title: Type.String() }, { description: "Only its claim; absent: the value itself" }),
);

/** A verdict in force. */
export const VerdictRow = Type.Object(
  {
    ...Value,
    source: Source,
    who: Type.String(),
    reason: Type.String(),
    at: Time,
    findings: Type.Integer({ description: "Findings it set aside" }),
    parties: Type.Integer({ description: "Parties asked to remove the value since" }),
  },
  { $id: "VerdictRow" },
);
export type VerdictRow = Static<typeof VerdictRow>;

export const VerdictPage = Type.Object(
  { verdicts: Type.Array(Type.Ref("VerdictRow")), next: Type.Optional(Type.String()) },
  { $id: "VerdictPage" },
);
export interface VerdictPage {
  readonly verdicts: readonly VerdictRow[];
  readonly next?: string;
}

export const careActNames = ["judged-false", "restored", "excluded", "let-in"] as const;

/** What was decided about values and exclusions, newest first, as the evidence has it. */
export const CareHistory = Type.Object(
  {
    events: Type.Array(
      Type.Object({
        at: Time,
        act: Type.Enum([...careActNames]),
        about: Type.Optional(Type.Object(Value)),
        exclusion: Type.Optional(Type.String({ description: "Name of the list, or the value" })),
        entries: Type.Optional(Type.Integer()),
        source: Source,
        who: Type.Optional(Type.String({ description: "Absent: its end had come" })),
        reason: Type.String(),
        takenBack: Type.Optional(Type.Integer({ description: "Findings closed by it" })),
        restored: Type.Optional(Type.Integer({ description: "Findings that stand again by it" })),
      }),
    ),
    next: Type.Optional(Type.String()),
  },
  { $id: "CareHistory" },
);
export type CareHistory = Static<typeof CareHistory>;
