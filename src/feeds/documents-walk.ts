import type { Walk, WalkStart } from "./feed.ts";
import { jsonField } from "./json.ts";

/**
 * Several documents of one publisher, each asked for only when it changed since it was last taken (RFC 9110 §13.1.2
 * If-None-Match). What did not change does not come, so the feed gives parts.
 *
 * @param documents addresses relative to the feed's own, which ends in a slash; a feed whose address is itself a document
 *                  (an operator's copy) asks for that and nothing else
 */
export const documentsWalk = (documents: readonly string[]): ((start: WalkStart) => Walk) =>
  function* ({ url, cursor }: WalkStart): Walk {
    const seen: Record<string, string> = {};
    for (const address of url.endsWith("/") ? documents.map((one) => new URL(one, url).href) : [url]) {
      const tag = jsonField(cursor, address);
      const known = typeof tag === "string" ? tag : undefined;
      const answer = yield known === undefined
        ? { ask: address }
        : { ask: address, headers: { "if-none-match": known }, expects: [304] };
      if (answer === undefined) throw new Error("waglan is wrong: a walk asked and was not answered");
      const next = answer.headers["etag"] ?? (answer.status === 304 ? known : undefined);
      if (next !== undefined) seen[address] = next;
      if (answer.status !== 304) yield { take: answer.body, name: nameOf(address) };
    }
    return seen;
  };

/** "https://…/enterprise-attack.json?x" → "enterprise-attack.json" */
const nameOf = (address: string): string => new URL(address).pathname.replace(/^.*\//, "");
