import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import Type from "typebox";
import { no, ok, problem, type Result } from "#core/result.ts";
import type { TaxiiAnswer } from "#jobs/acts/port.ts";
import type { TaxiiQuery } from "#share/taxii-filter.ts";
import { acceptsTaxii, takesTaxii, taxiiBody, taxiiBodyAtMost, taxiiType } from "#share/taxii-media.ts";
import type { TaxiiView } from "#share/taxii-resource.ts";
import { type Answer, type Asked, type Route, route } from "#http/route.ts";

const Id = Type.String({ minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9-]+$" });
const CollectionPath = Type.Object({ collection: Id });
const StatusPath = Type.Object({ status: Id });
/** STIX 2.1 §2.9: a type of at most 250 characters, "--" and a UUID. */
const ObjectPath = Type.Object({
  collection: Id,
  object: Type.String({ minLength: 1, maxLength: 288, pattern: "^[A-Za-z0-9-]+$" }),
});

/** Envelopes in memory at once: 4 × 16 MiB; who comes when all are taken is told to come back. */
const envelopesAtOnce = 4;

const root = "/taxii2/waglan";
const one = `${root}/collections/:collection`;

/**
 * TAXII 2.1 (OASIS Standard, 10 June 2021), §4 and §5. Paths end in a slash there; without it they work too, since clients
 * and firewalls of every kind drop it.
 */
export const taxiiRoutes = (): readonly Route[] => {
  let inHand = 0;
  const shared = { basic: true, gives: [taxiiType], enter: refuseType } as const;
  const read = { ...shared, method: "GET", who: "indicators.read" } as const;
  const view =
    (which: TaxiiView) =>
    async (asked: PageAsked): Promise<Answer> =>
      page(asked, which);

  return [
    route({
      ...read,
      url: "/taxii2/",
      does: "TAXII 2.1 discovery (§4.1)",
      handle: async ({ acts, viewer, ask, query }) => noQuery(query) ?? answer(await acts.taxii.discovery(viewer, ask)),
    }),
    route({
      ...read,
      url: `${root}/`,
      does: "The api root (§4.2)",
      handle: async ({ acts, viewer, ask, query }) => noQuery(query) ?? answer(await acts.taxii.root(viewer, ask)),
    }),
    route({
      ...read,
      url: `${root}/status/:status/`,
      does: "What became of the objects of a POST (§4.3)",
      params: StatusPath,
      handle: async ({ acts, viewer, ask, params, query }) =>
        noQuery(query) ?? answer(await acts.taxii.status(viewer, params.status, ask)),
    }),
    route({
      ...read,
      url: `${root}/collections/`,
      does: "Collections you may read or write (§5.1)",
      handle: async ({ acts, viewer, ask, query }) =>
        noQuery(query) ?? answer(await acts.taxii.collections(viewer, ask)),
    }),
    route({
      ...read,
      url: `${one}/`,
      does: "A collection, by id or alias (§5.2)",
      params: CollectionPath,
      handle: async ({ acts, viewer, ask, params, query }) =>
        noQuery(query) ?? answer(await acts.taxii.collection(viewer, params.collection, ask)),
    }),
    route({
      ...read,
      url: `${one}/manifest/`,
      does: "What is in a collection (§5.3)",
      params: CollectionPath,
      handle: view("manifest"),
    }),
    route({
      ...read,
      url: `${one}/objects/`,
      does: "Objects of a collection (§5.4)",
      params: CollectionPath,
      handle: view("objects"),
    }),
    route({
      ...shared,
      method: "POST",
      url: `${one}/objects/`,
      who: "objects.write",
      does: "Add objects; answers when they are committed (§5.5)",
      params: CollectionPath,
      takes: [taxiiBody],
      packed: true,
      bodyLimit: taxiiBodyAtMost,
      status: 202,
      enter: (headers) => {
        const type = takesTaxii(headers["content-type"]);
        const refused = refuseType(headers) ?? (type.ok ? undefined : { problem: type.problem });
        if (refused) return refused;
        if (inHand >= envelopesAtOnce)
          return { problem: problem("WGL_HTTP_BUSY", { seconds: 1 }), headers: { "retry-after": "1" } };
        inHand++;
        return () => {
          inHand--;
        };
      },
      handle: async ({ acts, viewer, ask, params, query, body, headers }) => {
        const refused = noQuery(query);
        if (refused) return refused;
        const bytes = await unpack(body, headers["content-encoding"]);
        if (!bytes.ok) return { problem: bytes.problem };
        return answer(await acts.taxii.add(viewer, params.collection, bytes.value, ask));
      },
    }),
    route({
      ...read,
      url: `${one}/objects/:object/`,
      does: "One object (§5.6)",
      params: ObjectPath,
      handle: view("objects"),
    }),
    route({
      ...shared,
      method: "DELETE",
      url: `${one}/objects/:object/`,
      who: "objects.write",
      does: "Delete an object you added: its last version unless match[version] says which (§5.7)",
      params: ObjectPath,
      handle: async ({ acts, viewer, ask, params, query }) =>
        answer(await acts.taxii.remove(viewer, { ...params, query: query as TaxiiQuery }, ask)),
    }),
    route({
      ...read,
      url: `${one}/objects/:object/versions/`,
      does: "Versions of an object (§5.8)",
      params: ObjectPath,
      handle: view("versions"),
    }),
  ].flatMap((declared) => [declared, { ...declared, url: declared.url.slice(0, -1), hidden: true as const }]);
};

type PageAsked = Pick<Asked, "acts" | "ask" | "query"> & {
  readonly viewer: Parameters<Asked["acts"]["taxii"]["page"]>[0];
  readonly params: { readonly collection: string; readonly object?: string };
};

const page = async ({ acts, viewer, ask, params, query }: PageAsked, view: TaxiiView): Promise<Answer> =>
  answer(
    await acts.taxii.page(
      viewer,
      {
        collection: params.collection,
        view,
        query: query as TaxiiQuery,
        ...(params.object === undefined ? {} : { object: params.object }),
      },
      ask,
    ),
  );

const answer = (result: Result<TaxiiAnswer>): Answer =>
  result.ok
    ? {
        body: Buffer.from(result.value.body.buffer, result.value.body.byteOffset, result.value.body.byteLength),
        headers: result.value.headers,
        ...(result.value.status === undefined ? {} : { status: result.value.status }),
      }
    : { problem: result.problem };

/** 406 before anything is read or done. */
const refuseType: NonNullable<Route["enter"]> = (headers) => {
  const accepted = acceptsTaxii(headers.accept);
  return accepted.ok ? undefined : { problem: accepted.problem };
};

/** Where nothing can be asked for, a question is a mistake that nobody would notice. */
const noQuery = (query: unknown): Answer | undefined => {
  const [name] = Object.keys(query ?? {});
  return name === undefined ? undefined : { problem: problem("WGL_HTTP_EXTRA", { name }) };
};

/** @returns WGL_BATCH_ENCODING, WGL_BATCH_GZIP (400), WGL_HTTP_LARGE (413) */
const unpack = async (body: unknown, encoding: string | undefined): Promise<Result<Uint8Array>> => {
  if (!Buffer.isBuffer(body)) return no("WGL_HTTP_JSON");
  const named = (encoding ?? "identity").trim().toLowerCase();
  if (named === "identity") return ok(body);
  if (named !== "gzip" && named !== "x-gzip") return no("WGL_BATCH_ENCODING", { encoding: named });
  try {
    return ok(await inflate(body, { maxOutputLength: taxiiBodyAtMost }));
  } catch (error) {
    const large = error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    return large ? no("WGL_HTTP_LARGE", { limit: taxiiBodyAtMost }) : no("WGL_BATCH_GZIP");
  }
};

const inflate = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip);
