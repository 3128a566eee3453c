import { no, ok, type Result } from "#core/result.ts";
import type { Observable } from "./observable.ts";
import { longestUrl } from "./url.ts";

/** Only its path and query are read back; the name is reserved (RFC 6761), so nobody's. */
const nowhere = "http://path.invalid";

/**
 * A URL's path and query that is known bad on any host, serialised as a URL's is. It begins with one "/" (two would
 * name a host) and says more than "/".
 */
export const parsePath = (text: string): Result<Observable> => {
  if (text.length > longestUrl) return no("WGL_VALUE_LONG", { length: text.length, limit: longestUrl });
  if (text.charCodeAt(0) !== 47 || text.charCodeAt(1) === 47 || text.charCodeAt(1) === 92)
    return no("WGL_PATH", { value: text });
  const url = URL.parse(nowhere + text);
  const value = url === null ? "" : url.pathname + url.search + url.hash;
  if (value.length > longestUrl) return no("WGL_VALUE_LONG", { length: value.length, limit: longestUrl });
  return value.length > 1 && !value.startsWith("//") ? ok({ kind: "path", value }) : no("WGL_PATH", { value: text });
};
