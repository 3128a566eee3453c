import Type, { type Static } from "typebox";
import { tlps } from "#core/marking.ts";
import { priorities } from "#intel/priority.ts";
import { NamedLabel } from "./named-label.ts";

const Time = Type.String({ format: "date-time" });

const advisoryKinds = ["advisory", "vulnerability", "news"] as const;
const productStatuses = ["affected", "fixed", "investigating", "not-affected"] as const;
const reasonCodes = ["exploited", "ransomware", "exploit", "epss", "cvss"] as const;

const Reason = Type.Object({
  code: Type.Enum([...reasonCodes]),
  says: Type.String({ description: "In the reader's language" }),
});

export const AdvisoryRow = Type.Object(
  {
    id: Type.String(),
    feed: Type.Object({ id: Type.String(), title: Type.String() }),
    key: Type.String({ description: "The publisher's own id: ICSA-24-030-01, CVE-2024-3400" }),
    kind: Type.Enum([...advisoryKinds]),
    title: Type.String({ description: "As the publisher wrote it" }),
    language: Type.Optional(Type.String()),
    priority: Type.Enum([...priorities], {
      description: "From all sources the reader may know of: exploitation, EPSS, CVSS, ransomware, public exploits",
    }),
    reasons: Type.Array(Reason),
    cves: Type.Array(Type.String()),
    products: Type.Array(Type.String(), { description: "Vendor and product of what is affected; at most 5" }),
    productsTotal: Type.Integer(),
    cvss: Type.Optional(Type.Number({ description: "Highest that counts" })),
    epss: Type.Optional(Type.Number({ description: "Probability of exploitation in 30 days" })),
    updated: Time,
    withdrawn: Type.Boolean(),
    tlp: Type.Enum([...tlps]),
  },
  { $id: "AdvisoryRow" },
);
export type AdvisoryRow = Static<typeof AdvisoryRow>;

export const AdvisoryPage = Type.Object(
  {
    advisories: Type.Array(Type.Ref("AdvisoryRow")),
    next: Type.Optional(Type.String({ description: "Give as cursor to read on; absent at the end" })),
  },
  { $id: "AdvisoryPage" },
);
export interface AdvisoryPage {
  readonly advisories: readonly AdvisoryRow[];
  readonly next?: string;
}

const Claim = Type.Object({
  id: Type.String(),
  feed: Type.Object({ id: Type.String(), title: Type.String() }),
  key: Type.String(),
  title: Type.String(),
  cves: Type.Array(Type.String(), { description: "At most 20" }),
  exploited: Type.Optional(
    Type.Object({ since: Type.Optional(Time), due: Type.Optional(Time), ransomware: Type.Boolean() }),
  ),
  epss: Type.Optional(Type.Object({ probability: Type.Number(), percentile: Type.Number() })),
  scores: Type.Array(
    Type.Object({ version: Type.String(), vector: Type.String(), score: Type.Number(), by: Type.String() }),
  ),
  labels: Type.Array(Type.String()),
  updated: Time,
  withdrawn: Type.Boolean(),
  tlp: Type.Enum([...tlps]),
});

export const AdvisoryDetail = Type.Object(
  {
    advisory: Type.Ref("AdvisoryRow"),
    summary: Type.String(),
    action: Type.Optional(Type.String()),
    url: Type.Optional(Type.String()),
    version: Type.Optional(Type.String()),
    published: Type.Optional(Time),
    firstSeen: Time,
    cwes: Type.Array(Type.String()),
    affected: Type.Array(
      Type.Object({
        vendor: Type.String(),
        product: Type.String(),
        versions: Type.Array(Type.String()),
        status: Type.Enum([...productStatuses]),
      }),
      { description: "At most 500" },
    ),
    references: Type.Array(Type.String()),
    names: Type.Array(NamedLabel, { description: "What its sources' words mean, where they are names" }),
    claims: Type.Array(Claim, {
      description: "What each source says of its CVEs, this one first; they stand side by side and none is merged",
    }),
    versions: Type.Array(
      Type.Object({
        at: Time,
        updated: Time,
        version: Type.Optional(Type.String()),
        changed: Type.String({ description: "In the reader's language" }),
      }),
    ),
  },
  { $id: "AdvisoryDetail" },
);
export interface AdvisoryDetail extends Omit<Static<typeof AdvisoryDetail>, "advisory"> {
  readonly advisory: AdvisoryRow;
}
