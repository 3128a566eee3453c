import { WaglanError } from "#core/result.ts";
import { isManifest } from "#feeds/misp-rows.ts";
import { isObject, own } from "#misp/own.ts";
import { numeral } from "#misp/scalar.ts";
import { readUuid } from "#misp/uuid.ts";
import type { Fetching } from "#jobs/collect/feed.ts";
import type { MispDocumentRead, MispPlace } from "./misp.ts";

/** Bytes of one event; the largest public one has 40 MB. */
const largestBytes = 268_435_456;
/** Milliseconds for one answer: an event of a hundred thousand attributes takes an instance minutes. */
const deadlineMs = 600_000;
/** Events of one page of the index. */
const pageEvents = 500;
/** Pages after which an instance that never ends is left. */
const mostPages = 20_000;

type Get = Fetching["get"];

const getJson = async (
  get: Get,
  url: string,
  headers: Readonly<Record<string, string>>,
  secrets: readonly string[],
) => {
  const answer = await get(url, { purpose: "move-in:misp", maxBytes: largestBytes, deadlineMs, headers, secrets });
  if (answer.status !== 200) throw new WaglanError("WGL_MOVE_STATUS", { url: pathOf(url), status: answer.status });
  return answer.body;
};

const pathOf = (url: string): string => {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
};

const parsed = (body: Uint8Array, url: string): unknown => {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch (error) {
    throw new WaglanError("WGL_MOVE_STATUS", { url: pathOf(url), status: "200, and no JSON" }, { cause: error });
  }
};

/** A MISP feed at an address: its manifest, and only the events that changed since they were taken. */
export const mispFeedPlace = (get: Get, address: string): MispPlace => {
  const base = address.replace(/(?:\/manifest\.json|\/)?(?:[?#].*)?$/, "");
  return {
    place: pathOf(base),
    exported: false,
    documents: async function* (): AsyncGenerator<MispDocumentRead> {
      const url = `${base}/manifest.json`;
      const manifest = parsed(await getJson(get, url, {}, []), url);
      if (!isObject(manifest) || !isManifest(manifest))
        throw new WaglanError("WGL_MOVE_STATUS", { url: pathOf(url), status: "200, and no manifest" });
      const entries = Object.entries(manifest).flatMap(([key, entry]) => {
        const [uuid, stamp] = [readUuid(key), Number(numeral(own(entry, "timestamp")) ?? 0)];
        return uuid === undefined ? [] : [{ key: key.trim(), uuid, stamp }];
      });
      for (const { key, uuid, stamp } of entries.toSorted((a, b) => a.stamp - b.stamp))
        yield { name: uuid, uuid, stamp, body: () => getJson(get, `${base}/${key}.json`, {}, []) };
    },
  };
};

/**
 * An instance's own API: its index by pages, oldest change first, and of what is new or changed the event with all that is
 * deleted in it.
 *
 * @param key of a user who may see what is to be moved; sent to this host alone and shown nowhere
 * @see MISP automation API: GET /events/index, GET /events/view
 */
export const mispApiPlace = (get: Get, address: string, key: string): MispPlace => {
  const base = address.replace(/\/+$/, "");
  const headers = { authorization: key, accept: "application/json" };
  return {
    place: pathOf(base),
    exported: true,
    documents: async function* (): AsyncGenerator<MispDocumentRead> {
      for (let page = 1; page <= mostPages; page++) {
        const url = `${base}/events/index/page:${page}/limit:${pageEvents}/sort:timestamp/direction:asc`;
        const list = parsed(await getJson(get, url, headers, [key]), url);
        if (!Array.isArray(list))
          throw new WaglanError("WGL_MOVE_STATUS", { url: pathOf(url), status: "200, and no list of events" });
        const entries = list.flatMap((entry: unknown) => {
          const [uuid, stamp] = [readUuid(own(entry, "uuid")), Number(numeral(own(entry, "timestamp")) ?? 0)];
          return uuid === undefined ? [] : [{ uuid, stamp }];
        });
        for (const { uuid, stamp } of entries)
          yield {
            ...{ name: uuid, uuid, stamp },
            body: () => getJson(get, `${base}/events/view/${uuid}/deleted:1`, headers, [key]),
          };
        if (list.length < pageEvents) return;
      }
    },
  };
};
