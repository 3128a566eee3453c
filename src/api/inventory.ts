import Type, { type Static } from "typebox";
import { assetWorths } from "#community/asset.ts";
import { certainties } from "#core/grade.ts";
import { inventoryFormats } from "#intel/inventory/item.ts";
import { priorities } from "#intel/priority.ts";

const Time = Type.String({ format: "date-time" });
const Named = Type.Object({ id: Type.String(), name: Type.String() });

const RowProblem = Type.Object({
  code: Type.String(),
  says: Type.String({ description: "In the reader's language" }),
  at: Type.String({ description: 'Where: "row 12", "/components/3"' }),
});

const counts = {
  items: Type.Integer({ description: "Components in it now" }),
  repeated: Type.Integer({ description: "Rows that say the same as one before" }),
  rejected: Type.Integer({ description: "Rows that could not be taken" }),
  problemCount: Type.Integer(),
};

export const InventoryReceipt = Type.Object(
  {
    name: Type.String(),
    format: Type.Enum([...inventoryFormats]),
    ...counts,
    added: Type.Integer({ description: "New since the version before" }),
    removed: Type.Integer({ description: "Ended with this version" }),
    problems: Type.Array(RowProblem, { description: "The first 100" }),
  },
  { $id: "InventoryReceipt" },
);
export type InventoryReceipt = Static<typeof InventoryReceipt>;

const Version = Type.Object({
  from: Time,
  to: Type.Optional(Time),
  who: Type.String(),
  file: Type.String(),
  format: Type.Enum([...inventoryFormats]),
  ...counts,
  added: Type.Integer(),
  removed: Type.Integer(),
});

/** Who says what runs: somebody brought a list, or the community's directory names it among an organisation's assets. */
const Source = Type.Enum(["inventory", "directory"]);

export const InventoryRow = Type.Object(
  { name: Type.String(), source: Source, ended: Type.Optional(Time), version: Version },
  { $id: "InventoryRow" },
);
export type InventoryRow = Static<typeof InventoryRow>;

export const InventoryList = Type.Object(
  {
    organisation: Named,
    inventories: Type.Array(Type.Ref("InventoryRow")),
    writable: Type.Boolean({ description: "The reader may bring and end inventories here" }),
  },
  { $id: "InventoryList" },
);
export interface InventoryList {
  readonly organisation: Static<typeof Named>;
  readonly inventories: readonly InventoryRow[];
  readonly writable: boolean;
}

export const ComponentRow = Type.Object(
  {
    asset: Type.String(),
    vendor: Type.String(),
    name: Type.String(),
    version: Type.String(),
    cpes: Type.Array(Type.String()),
    purl: Type.Optional(Type.String()),
    exposed: Type.Boolean(),
    worth: Type.Optional(Type.Enum([...assetWorths])),
    at: Type.String(),
    from: Time,
    to: Type.Optional(Time),
    weaknesses: Type.Integer({ description: "Known to the reader" }),
  },
  { $id: "ComponentRow" },
);
export type ComponentRow = Static<typeof ComponentRow>;

export const InventoryDetail = Type.Object(
  {
    inventory: Type.Ref("InventoryRow"),
    problems: Type.Array(RowProblem, { description: "The first 100 of the version that stands" }),
    versions: Type.Array(Version, { description: "Newest first, at most 50" }),
    components: Type.Array(Type.Ref("ComponentRow")),
    next: Type.Optional(Type.String()),
  },
  { $id: "InventoryDetail" },
);
export interface InventoryDetail {
  readonly inventory: InventoryRow;
  readonly problems: readonly Static<typeof RowProblem>[];
  readonly versions: readonly Static<typeof Version>[];
  readonly components: readonly ComponentRow[];
  readonly next?: string;
}

export const ProductMatchRow = Type.Object(
  {
    organisation: Named,
    weakness: Type.String({ description: "A CVE id; an advisory's own id where it names none" }),
    title: Type.String(),
    asset: Type.String(),
    name: Type.String(),
    version: Type.String(),
    inventory: Type.String({ description: "Its name; of the directory an address of its own" }),
    source: Source,
    priority: Type.Enum([...priorities]),
    certainty: Type.Enum([...certainties]),
    exposed: Type.Boolean(),
    exploited: Type.Boolean(),
    since: Time,
    why: Type.Array(Type.String(), { description: "In the reader's language" }),
    advisory: Type.Optional(Type.Object({ id: Type.String(), feed: Type.String() })),
    finding: Type.Optional(Type.String()),
    hidden: Type.Optional(Type.Boolean({ description: "Staff alone: every source of it is hidden from the member" })),
  },
  { $id: "ProductMatchRow" },
);
export type ProductMatchRow = Static<typeof ProductMatchRow>;

export const ProductRow = Type.Object(
  {
    product: Type.String({ description: "Names the family: ask for its matches by it" }),
    name: Type.String(),
    versions: Type.Array(Type.String(), { description: "At most 5" }),
    assets: Type.Integer(),
    weaknesses: Type.Integer(),
    exploited: Type.Integer({ description: "Of these, known to be exploited" }),
    exposed: Type.Boolean(),
    urgent: Type.Boolean({ description: "Exposed and exploited" }),
    matches: Type.Array(Type.Ref("ProductMatchRow"), { description: "The 3 most pressing" }),
  },
  { $id: "ProductRow" },
);
export interface ProductRow extends Omit<Static<typeof ProductRow>, "matches"> {
  readonly matches: readonly ProductMatchRow[];
}

export const ProductPage = Type.Object(
  {
    organisation: Named,
    components: Type.Integer({ description: "All that its inventories hold" }),
    urgent: Type.Integer({ description: "Products exposed and exploited" }),
    waiting: Type.Boolean({ description: "Some of it is still being compared" }),
    products: Type.Array(Type.Ref("ProductRow")),
    next: Type.Optional(Type.String()),
  },
  { $id: "ProductPage" },
);
export interface ProductPage {
  readonly organisation: Static<typeof Named>;
  readonly components: number;
  readonly urgent: number;
  readonly waiting: boolean;
  readonly products: readonly ProductRow[];
  readonly next?: string;
}

export const ProductMatchPage = Type.Object(
  { matches: Type.Array(Type.Ref("ProductMatchRow")), next: Type.Optional(Type.String()) },
  { $id: "ProductMatchPage" },
);
export interface ProductMatchPage {
  readonly matches: readonly ProductMatchRow[];
  readonly next?: string;
}

export const WeaknessRow = Type.Object(
  {
    weakness: Type.String({ description: "A CVE id; an advisory's own id where it names none" }),
    title: Type.String(),
    advisory: Type.Optional(Type.Object({ id: Type.String(), feed: Type.String() })),
    priority: Type.Enum([...priorities], { description: "Of the most pressing match" }),
    exploited: Type.Boolean({ description: "Known to be exploited (KEV)" }),
    exposed: Type.Boolean({ description: "On something that strangers reach" }),
    urgent: Type.Boolean({ description: "Exploited, and on something that strangers reach" }),
    epss: Type.Optional(Type.Number({ description: "Probability of exploitation in 30 days" })),
    cvss: Type.Optional(Type.Number({ description: "Highest that counts" })),
    due: Type.Optional(Time),
    organisations: Type.Array(Type.Object({ organisation: Named, assets: Type.Integer(), exposed: Type.Boolean() }), {
      description: "Of those that the reader reads the findings of: most pressing first, at most 3",
    }),
    organisationsTotal: Type.Integer(),
    assets: Type.Integer(),
    exposedAssets: Type.Integer(),
    products: Type.Array(Type.String(), { description: "At most 3" }),
    productsTotal: Type.Integer(),
    since: Time,
    hidden: Type.Optional(Type.Boolean({ description: "Staff alone: every source of it is hidden from the members" })),
  },
  { $id: "WeaknessRow" },
);
export type WeaknessRow = Static<typeof WeaknessRow>;

export const WeaknessPage = Type.Object(
  {
    found: Type.Integer({ description: "Weaknesses on all pages" }),
    urgent: Type.Integer({ description: "Of these, exploited and on something that strangers reach" }),
    organisations: Type.Integer({ description: "That any of them touches" }),
    weaknesses: Type.Array(Type.Ref("WeaknessRow")),
    next: Type.Optional(Type.String()),
  },
  { $id: "WeaknessPage" },
);
export interface WeaknessPage extends Omit<Static<typeof WeaknessPage>, "weaknesses"> {
  readonly weaknesses: readonly WeaknessRow[];
}

export const AffectedList = Type.Object(
  {
    organisations: Type.Array(
      Type.Object({
        organisation: Named,
        assets: Type.Array(Type.String(), { description: "At most 10, most pressing first" }),
        assetsTotal: Type.Integer(),
        exposed: Type.Boolean(),
        certainty: Type.Enum([...certainties], { description: "Of the surest match" }),
        weaknesses: Type.Array(Type.String(), { description: "At most 10" }),
      }),
    ),
  },
  { $id: "AffectedList" },
);
export type AffectedList = Static<typeof AffectedList>;
