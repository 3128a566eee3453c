import Type, { type Static } from "typebox";
import { purposes } from "#community/agreement.ts";
import { licences, paps, tlps } from "#core/marking.ts";
import { observableKinds } from "#core/observable.ts";

const Tlp = Type.Enum([...tlps]);
const Time = Type.String({ format: "date-time" });
const Names = Type.String();

/** A party we share with, and what went to it in the last 30 days. */
export const SharingParty = Type.Object(
  {
    id: Type.String(),
    key: Type.String(),
    name: Names,
    kind: Type.Enum(["member", "partner"]),
    /** Absent: nothing was signed, and nothing leaves. */
    agreement: Type.Optional(
      Type.Object({
        tlpMax: Tlp,
        papMax: Type.Enum([...paps]),
        anonymiseSources: Type.Boolean(),
        acceptsPii: Type.Boolean(),
        purposes: Type.Array(Type.Enum([...purposes])),
        from: Time,
        to: Type.Optional(Time),
        inForce: Type.Boolean(),
      }),
    ),
    responses: Type.Integer(),
    objects: Type.Integer(),
    last: Type.Optional(Time),
  },
  { $id: "SharingParty" },
);
export type SharingParty = Static<typeof SharingParty>;

export const SharingPartyList = Type.Object(
  { parties: Type.Array(Type.Ref("SharingParty")) },
  { $id: "SharingPartyList" },
);
export interface SharingPartyList {
  readonly parties: readonly SharingParty[];
}

const Handling = Type.Object({
  tlp: Tlp,
  pap: Type.Enum([...paps]),
  licence: Type.Enum(Object.keys(licences)),
});

/** One value on its way to a party: as we hold it, as it leaves, and why. */
export const PreviewValue = Type.Object(
  {
    id: Type.String(),
    kind: Type.Enum([...observableKinds]),
    value: Type.String(),
    does: Type.Enum(["leaves", "withheld", "aside"]),
    aside: Type.Optional(Type.Enum(["excluded", "own", "query", "faded", "format"])),
    held: Handling,
    note: Type.Optional(Handling),
    fields: Type.Array(
      Type.Object({
        field: Type.String(),
        held: Type.String(),
        sent: Type.Optional(Type.String()),
        does: Type.Enum(["kept", "changed", "removed"]),
        why: Type.String(),
      }),
    ),
    kept: Type.Array(
      Type.Object({
        feed: Type.String(),
        source: Type.String(),
        reasons: Type.Array(Type.Object({ bound: Type.String(), value: Type.String(), ceiling: Type.String() })),
      }),
    ),
    text: Type.Optional(Type.String()),
  },
  { $id: "PreviewValue" },
);
export type PreviewValue = Static<typeof PreviewValue>;

export const PreviewPage = Type.Object(
  {
    party: Type.Ref("SharingParty"),
    list: Type.String(),
    format: Type.String(),
    values: Type.Array(Type.Ref("PreviewValue")),
    next: Type.Optional(Type.String()),
  },
  { $id: "PreviewPage" },
);
export interface PreviewPage {
  readonly party: SharingParty;
  readonly list: string;
  readonly format: string;
  readonly values: readonly PreviewValue[];
  readonly next?: string;
}

/** What left, newest first. */
export const LedgerPage = Type.Object(
  {
    entries: Type.Array(
      Type.Object({
        at: Time,
        query: Type.String(),
        objects: Type.Integer(),
        contentHash: Type.String(),
      }),
    ),
    next: Type.Optional(Type.String()),
  },
  { $id: "LedgerPage" },
);
export type LedgerPage = Static<typeof LedgerPage>;

const ListName = Type.String({ maxLength: 64, pattern: "^[a-z0-9]+(?:-[a-z0-9]+)*$" });

/** A query under a name: /lists/NAME.txt is this list for this party. */
export const SavedListNew = Type.Object(
  { name: ListName, query: Type.String({ minLength: 1, maxLength: 1000, description: "addresses?label=bot" }) },
  { $id: "SavedListNew", additionalProperties: false },
);
export type SavedListNew = Static<typeof SavedListNew>;

const webhookEvents = ["alert", "list.changed", "recall"] as const;

export const WebhookNew = Type.Object(
  {
    url: Type.String({ minLength: 12, maxLength: 1000 }),
    events: Type.Array(Type.Enum([...webhookEvents]), { minItems: 1, uniqueItems: true }),
    algorithm: Type.Optional(Type.Enum(["v1", "v1a"])),
  },
  { $id: "WebhookNew", additionalProperties: false },
);
export type WebhookNew = Static<typeof WebhookNew>;

export const WebhookRow = Type.Object(
  {
    id: Type.String(),
    url: Type.String(),
    events: Type.Array(Type.Enum([...webhookEvents])),
    algorithm: Type.Enum(["v1", "v1a"]),
    made: Time,
    proven: Type.Optional(Time),
    disabled: Type.Optional(Time),
    why: Type.Optional(Type.String({ description: "Of what failed last, or `paused`: a person switched it off" })),
    failing: Type.Optional(Type.String({ format: "date-time", description: "Nothing arrived since" })),
    waiting: Type.Optional(Type.Integer({ description: "Messages on their way" })),
    /** What signatures are checked with; shown once, when it is made. */
    key: Type.Optional(Type.String()),
  },
  { $id: "WebhookRow" },
);
export type WebhookRow = Static<typeof WebhookRow>;

/** What a party has set up: its lists and its webhooks. */
export const SharingSetup = Type.Object(
  {
    lists: Type.Array(Type.Object({ name: Type.String(), query: Type.String(), made: Time })),
    webhooks: Type.Array(Type.Ref("WebhookRow")),
  },
  { $id: "SharingSetup" },
);
export interface SharingSetup {
  readonly lists: readonly { readonly name: string; readonly query: string; readonly made: string }[];
  readonly webhooks: readonly WebhookRow[];
}

/** Pausing keeps what waits; what happens meanwhile is not put aside. A test says nothing, and needs no ledger. */
export const webhookActs = ["pause", "resume", "test"] as const;

export const WebhookAct = Type.Object(
  { act: Type.Enum([...webhookActs]) },
  { $id: "WebhookAct", additionalProperties: false },
);
export type WebhookAct = Static<typeof WebhookAct>;

/** What was handed to a webhook, newest first. */
export const DeliveryList = Type.Object(
  {
    deliveries: Type.Array(
      Type.Object({
        id: Type.String({ description: "The webhook-id that the receiver saw" }),
        event: Type.Enum([...webhookEvents, "challenge", "test"]),
        at: Time,
        state: Type.Enum(["waiting", "sent", "failed"]),
        objects: Type.Integer(),
        attempts: Type.Integer(),
        last: Type.Optional(Type.String({ format: "date-time", description: "When it arrived or was given up" })),
        next: Type.Optional(Type.String({ format: "date-time", description: "Tried again then" })),
        problem: Type.Optional(Type.String()),
      }),
      { description: "At most 50" },
    ),
  },
  { $id: "DeliveryList" },
);
export type DeliveryList = Static<typeof DeliveryList>;

/** How many values a list would have for a party, decided by the code that sends. */
export const ListCount = Type.Object(
  {
    list: Type.String({ description: "As it is read: addresses?label=bot" }),
    format: Type.String(),
    leaves: Type.Integer(),
    unsaid: Type.Integer({ description: "They may have them, and this format cannot say them" }),
    withheld: Type.Optional(Type.Integer({ description: "For staff: values of the query that stay here" })),
    complete: Type.Boolean({ description: "False: the count was ended early, and there are more" }),
  },
  { $id: "ListCount" },
);
export type ListCount = Static<typeof ListCount>;
