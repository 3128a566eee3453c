import Type, { type Static } from "typebox";

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

/** Bytes of a warning list; as base64 a third more. */
export const exclusionFileAtMost = 64 * 1024 * 1024;

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
