import Type from "typebox";
import {
  DeliveryList,
  LedgerPage,
  ListCount,
  PreviewPage,
  SavedListNew,
  SharingPartyList,
  SharingSetup,
  WebhookAct,
  WebhookNew,
  WebhookRow,
} from "#api/sharing.ts";
import { problem } from "#core/result.ts";
import { answered, type Route, route } from "#http/route.ts";
import { formatIds, isFormat } from "#share/formats/list-formats.ts";
import { Cursor } from "./path.ts";

const Id = Type.String({ minLength: 1, maxLength: 64 });
const PartyPath = Type.Object({ party: Id });
const word = Type.Optional(Type.String({ minLength: 1, maxLength: 500 }));
const listAsked = {
  list: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  format: Type.Optional(Type.Enum([...formatIds])),
  ...{ kind: word, feed: word, label: word, grade: word, score: word, tlp: word, since: word },
};
const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 200 }));
const ListPath = Type.Object({ party: Id, name: Type.String({ minLength: 1, maxLength: 64 }) });
const WebhookPath = Type.Object({ party: Id, id: Id });

/** What leaves to whom: the parties, what each would receive and why, what it received, and what it set up. */
export const sharingRoutes: readonly Route[] = [
  route({
    method: "GET",
    url: "/api/v1/sharing",
    who: "releases.read",
    does: "Parties we share with, the ceilings of their agreements, and what left in the last 30 days",
    gives: SharingPartyList,
    handle: async ({ acts, viewer, ask }) => answered(await acts.sharingParties(viewer, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/sharing/:party/preview",
    who: "releases.read",
    does: "What this party would receive, value by value: as we hold it, as it leaves, and why; made by the code that sends",
    params: PartyPath,
    query: Type.Object(
      {
        ...listAsked,
        cursor: Type.Optional(Cursor),
        limit: Limit,
      },
      { additionalProperties: false },
    ),
    gives: PreviewPage,
    handle: async ({ acts, viewer, ask, params, query }) => {
      const { list = "all", format = "stix.json", cursor, limit = 50, ...words } = query;
      if (!isFormat(format)) return { problem: problem("WGL_ABSENT") };
      const asked = { list, format, words, limit, ...(cursor === undefined ? {} : { cursor }) };
      return answered(await acts.sharingPreview(viewer, params.party, asked, ask));
    },
  }),
  route({
    method: "GET",
    url: "/api/v1/sharing/:party/ledger",
    who: ["releases.read", "own.write"],
    does: "What left to this party, newest first, each answer with the hash of its body",
    params: PartyPath,
    query: Type.Object({ cursor: Type.Optional(Cursor), limit: Limit }, { additionalProperties: false }),
    gives: LedgerPage,
    handle: async ({ acts, viewer, ask, params, query: { cursor, limit = 50 } }) =>
      answered(
        await acts.sharingLedger(viewer, params.party, { limit, ...(cursor === undefined ? {} : { cursor }) }, ask),
      ),
  }),
  route({
    method: "GET",
    url: "/api/v1/sharing/:party/setup",
    who: ["releases.read", "own.write"],
    does: "Lists and webhooks that this party has",
    params: PartyPath,
    gives: SharingSetup,
    handle: async ({ acts, viewer, ask, params }) => answered(await acts.sharingSetup(viewer, params.party, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/sharing/:party/count",
    who: ["releases.read", "own.write"],
    does: "How many values a list would have for this party; counted by the code that sends",
    params: PartyPath,
    query: Type.Object(listAsked, { additionalProperties: false }),
    gives: ListCount,
    handle: async ({ acts, viewer, ask, params, query }) => {
      const { list = "all", format = "txt", ...words } = query;
      if (!isFormat(format)) return { problem: problem("WGL_ABSENT") };
      return answered(await acts.listCount(viewer, params.party, { list, format, words }, ask));
    },
  }),
  route({
    method: "POST",
    url: "/api/v1/sharing/:party/lists",
    who: ["community.write", "own.write"],
    does: "Saves a query under a name of this party: /lists/NAME.txt",
    params: PartyPath,
    body: SavedListNew,
    gives: SavedListNew,
    status: 201,
    handle: async ({ acts, viewer, ask, params, body }) =>
      answered(await acts.saveList(viewer, params.party, body, ask)),
  }),
  route({
    method: "DELETE",
    url: "/api/v1/sharing/:party/lists/:name",
    who: ["community.write", "own.write"],
    does: "Forgets a saved list",
    params: ListPath,
    gives: undefined,
    status: 204,
    handle: async ({ acts, viewer, ask, params }) =>
      answered(await acts.dropList(viewer, params.party, params.name, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/sharing/:party/webhooks",
    who: ["community.write", "own.write"],
    does: "Registers a webhook: a challenge is sent there, and nothing else until it was answered",
    params: PartyPath,
    body: WebhookNew,
    gives: WebhookRow,
    status: 201,
    handle: async ({ acts, viewer, ask, params, body }) =>
      answered(await acts.makeWebhook(viewer, params.party, body, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/sharing/:party/webhooks/:id/deliveries",
    who: ["releases.read", "own.write"],
    does: "What was handed to a webhook, newest first, and how it went",
    params: WebhookPath,
    gives: DeliveryList,
    handle: async ({ acts, viewer, ask, params }) =>
      answered(await acts.webhookDeliveries(viewer, params.party, params.id, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/sharing/:party/webhooks/:id/acts",
    who: ["community.write", "own.write"],
    does: "Pause a webhook, let it go on, or send it a test",
    params: WebhookPath,
    body: WebhookAct,
    gives: WebhookRow,
    handle: async ({ acts, viewer, ask, params, body }) =>
      answered(await acts.doWebhook(viewer, params.party, params.id, body, ask)),
  }),
  route({
    method: "DELETE",
    url: "/api/v1/sharing/:party/webhooks/:id",
    who: ["community.write", "own.write"],
    does: "Takes a webhook away, with what still waits for it",
    params: WebhookPath,
    gives: undefined,
    status: 204,
    handle: async ({ acts, viewer, ask, params }) =>
      answered(await acts.dropWebhook(viewer, params.party, params.id, ask)),
  }),
];
