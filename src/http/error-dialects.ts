import type { ProblemDocument } from "#api/problem.ts";
import type { ErrorResource } from "#share/taxii-resource.ts";
import { taxiiType } from "#share/taxii-media.ts";

/** How errors are written below a path whose protocol has a shape of its own for them. */
interface Dialect {
  readonly below: string;
  readonly type: string;
  /** @param url the path that was asked */
  readonly write: (document: ProblemDocument, url: string) => object;
}

const dialects: readonly Dialect[] = [
  // TAXII 2.1 §3.6.1 Error Message
  {
    below: "/taxii2",
    type: taxiiType,
    write: ({ title, detail, request, code, status }): ErrorResource => ({
      title,
      description: detail,
      error_id: request,
      error_code: code,
      http_status: String(status),
    }),
  },
  // MISP: what PyMISP unwraps; `errors` and `saved` are what it looks for after an act
  {
    below: "/misp",
    type: "application/json; charset=utf-8",
    write: ({ title, detail, code, request }, url) => ({
      saved: false,
      name: title,
      message: detail ?? title,
      url,
      errors: detail ?? title,
      code,
      request,
    }),
  },
];

/** The dialect of this path, also where no route is: a client of a protocol reads nothing else. */
export const dialectOf = (url: string): Dialect | undefined => {
  const path = url.split("?", 1)[0] ?? "";
  return dialects.find(({ below }) => path === below || path.startsWith(`${below}/`));
};
