import { Value } from "typebox/value";
import {
  type CollectionDetail,
  CollectionDetail as CollectionDetailSchema,
  CollectionList,
  CollectionNew,
  CollectionRights,
  CollectionRow,
} from "#api/collection.ts";
import {
  DeliveryList,
  type LedgerPage,
  LedgerPage as LedgerPageSchema,
  ListCount,
  PreviewPage,
  type PreviewValue,
  SavedListNew,
  SharingPartyList,
  type SharingParty,
  SharingSetup,
  WebhookAct,
  WebhookNew,
  WebhookRow,
} from "#api/sharing.ts";
import { TokenList, TokenMade, TokenNew, type TokenRow } from "#api/token.ts";
import type { Language } from "#words/language.ts";
import { ago, type Answered, type Asked, from } from "./fixture-answer.ts";
import { payload } from "./fixture.ts";

const names: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  "o-transport": { en: "Harbour Transport Department", "zh-Hant-HK": "海港運輸署", "zh-Hans": "海港运输署" },
  "o-strait": {
    en: "Strait Republic CERT",
    "zh-Hant-HK": "海峽共和國電腦緊急應變中心",
    "zh-Hans": "海峡共和国应急中心",
  },
  "o-hostile": { en: payload, "zh-Hant-HK": payload, "zh-Hans": payload },
};

const partyIn = (language: Language, id: string): SharingParty => ({
  ...{ id, key: id, name: names[id]?.[language] ?? id, kind: id === "o-strait" ? "partner" : "member" },
  ...(id === "o-hostile"
    ? {}
    : {
        agreement: {
          ...{ tlpMax: "green", papMax: "green", anonymiseSources: true, acceptsPii: false, purposes: ["blocking"] },
          ...{ from: ago(500_000), inForce: true },
        },
      }),
  ...{ responses: 214, objects: 61_200, last: ago(12) },
});

const preview: PreviewValue = {
  ...{ id: "i-1", kind: "ipv4", value: "198.51.100.77", does: "leaves" },
  held: { tlp: "amber", pap: "green", licence: "own" },
  note: { tlp: "green", pap: "green", licence: "own" },
  fields: [
    { field: "value", held: "198.51.100.77", sent: "198.51.100.77", does: "kept", why: "must" },
    { field: "sources", held: payload, sent: "", does: "changed", why: "anonymous" },
    { field: "account", held: "svc-backup", does: "removed", why: "personal" },
  ],
  kept: [
    { feed: "x", source: payload, reasons: [{ bound: "licence", value: "non-commercial", ceiling: "community" }] },
  ],
  text: JSON.stringify({ type: "indicator", name: payload }),
};

const ledger: LedgerPage = {
  entries: [
    { at: ago(3), query: "/lists/addresses.txt?grade=B2&tlp=green", objects: 1_204, contentHash: "4be109c7aa77d25a10" },
    { at: ago(64), query: "/lists/domains.rpz?label=bot", objects: 60, contentHash: "c09c7aa77d25a104be" },
    { at: ago(90), query: "webhook recall", objects: 1, contentHash: "d25a104be09c7aa77" },
  ],
};

/** What parties have set up and what collections there are; each fixture has its own, and acts change it. */
export const newSharing = () => {
  const lists = [
    { name: "edge-addresses", query: "addresses?grade=B2&tlp=green", made: ago(9_000) },
    { name: "bot-domains", query: "domains?label=bot", made: ago(400) },
  ];
  const webhook = (id: string, url: string, more: Partial<WebhookRow>): WebhookRow => ({
    ...{ id, url, events: ["alert", "recall"], algorithm: "v1", made: ago(9_000), waiting: 0 },
    ...more,
  });
  let webhooks: WebhookRow[] = [
    webhook("w-1", "https://soc.transport.example/hooks", { proven: ago(8_999) }),
    webhook("w-2", "https://siem.transport.example/in", { disabled: ago(30), why: "paused", algorithm: "v1a" }),
    webhook("w-3", `https://hook.example/?${payload.slice(0, 60)}`, {
      ...{ proven: ago(500), failing: ago(40), why: "HTTP 503", waiting: 3 },
    }),
    webhook("w-4", "https://new.transport.example/", { waiting: 1 }),
  ];
  let tokens: TokenRow[] = [token("t-1", "Edge firewall, Kwun Tong", ago(3)), token("t-2", payload, undefined)];
  let collections: CollectionRow[] = [
    collection(
      "3f0a2d1c-0001-4000-8000-000000000001",
      "intel",
      "Shared intelligence",
      ["members", "partners"],
      ["members"],
    ),
    collection("3f0a2d1c-0002-4000-8000-000000000002", "inbox", payload, ["organisation:o-strait"], ["group:hidden"]),
  ];

  const sharing = ({ path: [, party, part, id, more], method, body, language, staff }: Asked): Answered => {
    if (party === undefined)
      return staff
        ? { schema: SharingPartyList, value: { parties: Object.keys(names).map((one) => partyIn(language, one)) } }
        : { refused: "Not for you", status: 403 };
    if (!staff && party !== "o-transport") return undefined;
    if (part === "preview")
      return {
        schema: PreviewPage,
        value: { party: partyIn(language, party), list: "all", format: "stix.json", values: [preview, preview] },
      };
    if (part === "ledger") return { schema: LedgerPageSchema, value: ledger };
    if (part === "setup") return { schema: SharingSetup, value: { lists, webhooks } };
    if (part === "count")
      return {
        schema: ListCount,
        value: {
          ...{ list: "addresses", format: "txt", leaves: 1_204, unsaid: 2, complete: true },
          ...(staff ? { withheld: 60 } : {}),
        },
      };
    if (part === "lists" && method === "POST" && Value.Check(SavedListNew, body)) {
      if (lists.some((one) => one.name === body.name)) return { refused: `${body.name} is taken`, status: 409 };
      lists.push({ ...body, made: ago(0) });
      return { schema: SavedListNew, value: body, status: 201 };
    }
    if (part === "lists" && method === "DELETE") {
      lists.splice(
        lists.findIndex((one) => one.name === id),
        1,
      );
      return { done: true };
    }
    if (part !== "webhooks") return undefined;
    if (method === "POST" && id === undefined && Value.Check(WebhookNew, body)) {
      const made = webhook(`w-${webhooks.length + 1}`, body.url, {
        ...{ events: body.events, algorithm: body.algorithm ?? "v1", waiting: 1 },
      });
      webhooks = [...webhooks, made];
      return { schema: WebhookRow, value: { ...made, key: "whsec_aGFyYm91ci1saWdodA==" }, status: 201 };
    }
    if (method === "DELETE") {
      webhooks = webhooks.filter((one) => one.id !== id);
      return { done: true };
    }
    if (more === "deliveries")
      return {
        schema: DeliveryList,
        value: {
          deliveries: Array.from({ length: 7 }, (_, n) => ({
            ...{ id: `m-${n}`, at: ago(n * 30), objects: n, attempts: n + 1 },
            ...(n === 0
              ? { event: "test", state: "waiting", next: from(5), problem: payload }
              : n === 1
                ? { event: "recall", state: "failed", last: ago(20), problem: "HTTP 410" }
                : { event: "alert", state: "sent", last: ago(n * 30) }),
          })),
        },
      };
    if (more === "acts" && Value.Check(WebhookAct, body)) {
      webhooks = webhooks.map((one) => {
        if (one.id !== id || body.act === "test") return one;
        const { disabled: _, why: __, ...rest } = one;
        return body.act === "pause" ? { ...rest, disabled: ago(0), why: "paused" } : rest;
      });
      return { schema: WebhookRow, value: webhooks.find((one) => one.id === id) };
    }
    return undefined;
  };

  const tokenCalls = ({ path: [, id], method, body }: Asked): Answered => {
    if (method === "GET") return { schema: TokenList, value: { tokens } };
    if (method === "POST" && Value.Check(TokenNew, body)) {
      const made = token(`t-${tokens.length + 1}`, body.title, undefined);
      tokens = [...tokens, made];
      return { schema: TokenMade, value: { secret: "wgl_cv2t3nbh_P3LudoJyBQGmyw4bsu", token: made }, status: 201 };
    }
    tokens = tokens.map((one) => (one.id === id ? { ...one, revoked: ago(0) } : one));
    return { done: true };
  };

  const collectionCalls = ({ path: [, id, part], method, body, language }: Asked): Answered => {
    if (method === "GET" && id === undefined) return { schema: CollectionList, value: { collections } };
    if (method === "POST" && id === undefined && Value.Check(CollectionNew, body)) {
      const made = collection(
        `3f0a2d1c-000${collections.length + 1}-4000-8000-000000000003`,
        body.alias,
        body.title,
        [],
        [],
      );
      collections = [...collections, made];
      return { schema: CollectionRow, value: made, status: 201 };
    }
    if (part === "rights" && Value.Check(CollectionRights, body)) {
      const { readers, writers } = body;
      collections = collections.map((one) => (one.id === id ? { ...one, readers, writers } : one));
    }
    const found = collections.find((one) => one.id === id);
    if (found === undefined) return undefined;
    if (part === "rights") return { schema: CollectionRow, value: found };
    const choices = [
      { audience: "members", name: "All members" },
      { audience: "partners", name: "All partners" },
      ...Object.keys(names).map((one) => ({ audience: `organisation:${one}`, name: names[one]?.[language] ?? one })),
    ];
    const named = (audience: string) => choices.find((one) => one.audience === audience) ?? { audience, name: "" };
    const detail: CollectionDetail = {
      collection: found,
      readers: found.readers.map(named),
      writers: found.writers.map(named),
      senders: [
        { objects: 12, shadow: 0, last: ago(60) },
        { organisation: { id: "o-hostile", name: payload }, objects: 3, shadow: 3, last: ago(5) },
      ],
      activity: [
        { party: { id: "o-strait", name: names["o-strait"]?.[language] ?? "" }, reads: 41, objects: 512, last: ago(2) },
      ],
      choices,
    };
    return { schema: CollectionDetailSchema, value: detail };
  };

  return (asked: Asked): Answered => {
    if (asked.path[0] === "sharing") return sharing(asked);
    if (asked.path[0] === "tokens" && !asked.staff) return tokenCalls(asked);
    if (asked.path[0] === "collections" && asked.staff) return collectionCalls(asked);
    return undefined;
  };
};

const token = (id: string, title: string, lastUsed: string | undefined): TokenRow => ({
  ...{ id, prefix: "cv2t3nbh", kind: "party", title, organisation: { id: "o-transport", name: "" } },
  ...{ permissions: ["lists.read"], made: ago(9_000), until: from(400_000) },
  ...(lastUsed === undefined ? {} : { lastUsed }),
});

const collection = (id: string, alias: string, title: string, readers: string[], writers: string[]): CollectionRow => ({
  ...{ id, alias, title, readers, writers, tlp: "amber", pap: "clear", licence: "own", purpose: "detection" },
  ...{ url: `https://waglan.example/taxii2/waglan/collections/${id}/`, objects: 12, lastAdded: ago(60), reads: 41 },
  lastRead: ago(2),
});
