import {
  CollectionAct,
  CollectionActed,
  CollectionDetail,
  CollectionList,
  CollectionNew,
  CollectionRights,
  CollectionRow,
} from "#api/collection.ts";
import { answered, type Route, route } from "#http/route.ts";
import { IdPath } from "./path.ts";

/** Staff's side of TAXII: which collections there are, and who may use them. */
export const collectionRoutes: readonly Route[] = [
  route({
    method: "GET",
    url: "/api/v1/collections",
    who: "community.read",
    does: "Collections that parties read and write by TAXII, with their rights",
    gives: CollectionList,
    handle: async ({ acts, viewer, ask }) => answered(await acts.collections(viewer, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/collections",
    who: "community.write",
    does: "Make a collection",
    body: CollectionNew,
    gives: CollectionRow,
    status: 201,
    handle: async ({ acts, viewer, body, ask }) => answered(await acts.makeCollection(viewer, body, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/collections/:id",
    who: "community.read",
    does: "A collection: who sent what, who reads it, whom it may be opened to",
    params: IdPath,
    gives: CollectionDetail,
    handle: async ({ acts, viewer, params, ask }) => answered(await acts.collection(viewer, params.id, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/collections/:id/rights",
    who: "community.write",
    does: "Say anew who may read and write a collection",
    params: IdPath,
    body: CollectionRights,
    gives: CollectionRow,
    handle: async ({ acts, viewer, params, body, ask }) =>
      answered(await acts.collectionRights(viewer, params.id, body, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/collections/:id/acts",
    who: "sources.decide",
    does: "Let a sender in shadow speak",
    params: IdPath,
    body: CollectionAct,
    gives: CollectionActed,
    handle: async ({ acts, viewer, params, body, ask }) =>
      answered(await acts.doCollection(viewer, params.id, body, ask)),
  }),
];
