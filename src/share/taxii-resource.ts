import { type Micros, printMicros } from "./taxii-date.ts";
import { stixType, taxiiType } from "./taxii-media.ts";

/** @see TAXII 2.1 §4.1.1 Discovery Resource */
export interface DiscoveryResource {
  readonly title: string;
  readonly description?: string;
  readonly contact?: string;
  readonly default: string;
  readonly api_roots: readonly string[];
}

/** @see TAXII 2.1 §4.2.1 API Root Resource */
export const apiRootResource = (title: string, largest: number, description?: string): object => ({
  title,
  ...(description === undefined ? {} : { description }),
  versions: [taxiiType],
  max_content_length: largest,
});

/** @see TAXII 2.1 §5.2.1 Collection Resource */
export interface CollectionResource {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly alias?: string;
  readonly can_read: boolean;
  readonly can_write: boolean;
  readonly media_types: readonly string[];
}

/** What became of one object of a POST. @see TAXII 2.1 §4.3.1 Status Resource, status-details */
export interface StatusDetail {
  readonly id: string;
  readonly version: string;
  readonly message?: string;
}

/** @see TAXII 2.1 §4.3.1 Status Resource */
export const statusResource = (
  id: string,
  at: Micros,
  successes: readonly StatusDetail[],
  failures: readonly StatusDetail[],
): object => ({
  id,
  status: "complete",
  request_timestamp: printMicros(at),
  total_count: successes.length + failures.length,
  success_count: successes.length,
  ...(successes.length === 0 ? {} : { successes }),
  failure_count: failures.length,
  ...(failures.length === 0 ? {} : { failures }),
  pending_count: 0,
});

/** @see TAXII 2.1 §3.6.1 Error Message */
export interface ErrorResource {
  readonly title: string;
  readonly description: string;
  readonly error_id: string;
  readonly error_code: string;
  readonly http_status: string;
}

/** Three views of one page. @see TAXII 2.1 §3.7 Envelope, §5.3.1 Manifest, §5.8.1 Versions */
export const taxiiViews = ["objects", "manifest", "versions"] as const;
export type TaxiiView = (typeof taxiiViews)[number];

/** One object of a page, as its `Released` says it. */
export interface PageObject {
  readonly addedAt: Micros;
  readonly id: string;
  /** As its author wrote it; the moment of arrival for objects without versions (TAXII 2.1 §3.4). */
  readonly version: string;
  readonly spec: string;
  /** JSON, byte for byte as it came. */
  readonly body: string;
}

/**
 * The body of a page. Nothing found is `{}`; `more` is true exactly when another page would hold something.
 * Objects are put in as the text they came in: nothing of them is written anew.
 */
export const printPage = (view: TaxiiView, page: readonly PageObject[], next: string | undefined): string => {
  if (page.length === 0) return "{}";
  const rest = next === undefined ? '"more":false,' : `"more":true,"next":${JSON.stringify(next)},`;
  switch (view) {
    case "objects":
      return `{${rest}"objects":[${page.map(({ body }) => body).join(",")}]}`;
    case "manifest":
      return `{${rest}"objects":[${page.map((one) => JSON.stringify(manifestRecord(one))).join(",")}]}`;
    case "versions":
      return `{${rest}"versions":${JSON.stringify(page.map(({ version }) => version))}}`;
  }
};

const manifestRecord = ({ id, addedAt, version, spec }: PageObject): object => ({
  id,
  date_added: printMicros(addedAt),
  version,
  media_type: stixType(spec),
});

/** Of the first and last object of this page, whatever the view; none without objects. @see TAXII 2.1 §1.6.9 Custom Headers */
export const dateHeaders = (page: readonly PageObject[]): Readonly<Record<string, string>> => {
  const [first, last] = [page[0], page.at(-1)];
  return first === undefined || last === undefined
    ? {}
    : { "x-taxii-date-added-first": printMicros(first.addedAt), "x-taxii-date-added-last": printMicros(last.addedAt) };
};
