import Type from "typebox";
import { problem } from "#core/result.ts";
import { type Answer, type Asked, type Route, route } from "#http/route.ts";
import { mispPath } from "./misp-paths.ts";

/** The largest public event is 30 MB; what is larger comes in parts. */
const mispBodyAtMost = 64 * 1024 * 1024;
/** Large bodies in memory at once; who comes when all are taken is told to come back. */
const bodiesAtOnce = 4;
/** Bytes from which a body counts as large. */
const large = 1024 * 1024;

const Query = Type.Record(Type.String(), Type.Unknown());
const jsonType = "application/json";
const answers = [
  jsonType,
  ...["text/plain; charset=utf-8", "text/csv; charset=utf-8", "application/xml; charset=utf-8"],
  ...["text/dns; charset=utf-8", "text/tab-separated-values; charset=utf-8"],
];

/**
 * MISP's API. Its paths are CakePHP's (controller, action, parameters, "name:value"), of any length, so that one route for
 * each method leads to the table of `misp-paths.ts`. The key stands alone in Authorization, as all of MISP's clients send it.
 *
 * @see MISP OpenAPI; MISP core format (draft-dulaunoy-misp-core-format)
 */
export const mispRoutes = (): readonly Route[] => {
  let inHand = 0;
  const shared = { url: "/misp/*", bareKey: true, gives: answers } as const;
  const read = { ...shared, who: "indicators.read", query: Query, handle: answer } as const;
  return [
    route({ ...read, method: "GET", does: "MISP: read and search (PyMISP, OpenCTI, feeds)" }),
    route({
      ...read,
      method: "POST",
      does: "MISP: search by body, add, edit, delete, publish, tag, sight",
      takes: [jsonType],
      bodyMayBeEmpty: true,
      bodyLimit: mispBodyAtMost,
      enter: (headers) => {
        if (Number(headers["content-length"] ?? large) < large) return undefined;
        if (inHand >= bodiesAtOnce)
          return { problem: problem("WGL_HTTP_BUSY", { seconds: 1 }), headers: { "retry-after": "1" } };
        inHand++;
        return () => {
          inHand--;
        };
      },
    }),
    route({ ...read, method: "DELETE", does: "MISP: delete" }),
  ];
};

const answer = async ({ acts, viewer, params, query, body, method }: MispAsked): Promise<Answer> => {
  const path = mispPath((params as { readonly "*"?: string })["*"] ?? "");
  if (path.writes && method === "GET")
    return { problem: problem("WGL_HTTP_METHOD", { method, allow: "POST" }), headers: { allow: "POST" } };
  const members = typeof body === "object" && body !== null && !Array.isArray(body) ? body : {};
  const result = await acts.misp(viewer, path.act, {
    params: path.params,
    input: { ...(query as object), ...path.named, ...members },
    body,
  });
  if (!result.ok) return { problem: result.problem };
  const { status, type, headers, body: text } = result.value;
  return {
    body: Buffer.from(text),
    type: type ?? jsonType,
    ...(status === undefined ? {} : { status }),
    ...(headers === undefined ? {} : { headers }),
  };
};

type MispAsked = Pick<Asked<"indicators.read">, "acts" | "viewer" | "params" | "query" | "body" | "method">;
