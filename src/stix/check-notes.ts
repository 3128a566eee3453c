import type { ErrorCode } from "#core/errors.ts";
import { type Problem, problem } from "#core/result.ts";

/** What came of checking one object: nothing is thrown and nothing stops at the first. */
export interface Checked {
  /** Breaches of a MUST, each with a JSON pointer in `at`. Empty: valid. */
  readonly problems: readonly Problem[];
  /** Departures from a SHOULD, and what is deprecated. */
  readonly warnings: readonly Problem[];
}

/** How an object is to be looked at. */
export interface CheckOptions {
  /** What STIX 2.1 does not define (properties, types, extensions): taken, the default, or a problem. */
  readonly custom?: "take" | "refuse";
  /** Custom types and extensions that `custom: "refuse"` takes all the same. */
  readonly known?: ReadonlySet<string>;
  /** Somebody is still writing it: `id`, `created`, `modified` and `spec_version` may be missing. */
  readonly draft?: boolean;
}

type Said = Readonly<Record<string, string | number>>;

/** Problems, and warnings, kept of one object; a hostile one could make millions. */
const most = 200;

/** Collects while an object is walked. */
export class CheckNotes {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  readonly refuseCustom: boolean;
  readonly known: ReadonlySet<string>;
  readonly draft: boolean;
  /** Keys of the observable container that is being walked: references inside may name them. */
  container: ReadonlySet<string> | undefined;
  /** A top-level property extension may have put any property here. */
  anyProperty = false;
  /** The object is a cyber-observable: its `_bin` and `_hex` properties hold what their names say. */
  observable = false;

  constructor(options: CheckOptions) {
    this.refuseCustom = options.custom === "refuse";
    this.known = options.known ?? none;
    this.draft = options.draft === true;
  }

  must(code: ErrorCode, params: Said, at: string): void {
    put(this.problems, code, params, at);
  }

  should(code: ErrorCode, params: Said, at: string): void {
    put(this.warnings, code, params, at);
  }

  /** What the specification does not define. */
  custom(property: string, at: string): void {
    if (this.refuseCustom) this.must("WGL_STIX_CUSTOM", { property }, at);
    else this.should("WGL_STIX_CUSTOM", { property }, at);
  }
}

const none: ReadonlySet<string> = new Set();

const put = (to: Problem[], code: ErrorCode, params: Said, at: string): void => {
  if (to.length < most) to.push(problem(code, params, at));
  else if (to.length === most) to.push(problem("WGL_STIX_MORE", { limit: most }));
};

/** A step of a JSON pointer, RFC 6901 §3. */
export const step = (key: string | number): string =>
  typeof key === "number" || !/[~/]/.test(key) ? `/${key}` : `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** An object of JSON, its own properties only. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Looks at one value. `at` is the JSON pointer of what holds it and `key` its place there, so that nothing is put together
 * for values that are right. `root` is the whole object.
 */
export type Check = (value: unknown, at: string, key: string | number, notes: CheckNotes, root: Fields) => void;

/** Looks at what the properties of one object demand of each other. */
export type RuleCheck = (object: Fields, at: string, notes: CheckNotes) => void;
