import { createHash } from "node:crypto";
import { jsonField } from "#feeds/json.ts";

/** Versions of objects remembered in one conversation, in two generations; a server that repeats itself does so soon. */
const remembered = 100_000;
/** Of the last moment, remembered from turn to turn; more would come again and be merged again, which changes nothing. */
const latestAtMost = 5000;

/** Tells an object's version that was met before: of this turn, and of the moment the last one ended with. */
export class Seen {
  #young = new Set<string>();
  #old: ReadonlySet<string>;
  #latest: string[];
  #page: string[] = [];

  constructor(latest: readonly string[]) {
    this.#old = new Set(latest);
    this.#latest = [...latest];
  }

  isNew(object: unknown): boolean {
    const key = keyOf(object);
    if (key === undefined) return true;
    this.#page.push(key);
    if (this.#young.has(key) || this.#old.has(key)) return false;
    this.#young.add(key);
    if (this.#young.size >= remembered) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    return true;
  }

  /** The page is over; `moved`: its last object is younger than all before it. */
  reach(moved: boolean): void {
    if (moved) this.#latest = [];
    this.#latest = [...new Set([...this.#latest, ...this.#page])].slice(-latestAtMost);
    this.#page = [];
  }

  /** What may have been added in the last moment that was reached. */
  latest(): readonly string[] {
    return this.#latest;
  }
}

/** 64 bits of its id and version: an object without an id is always new. */
const keyOf = (object: unknown): string | undefined => {
  const id = jsonField(object, "id");
  if (typeof id !== "string") return undefined;
  const version = jsonField(object, "modified") ?? jsonField(object, "created") ?? "";
  return createHash("sha256")
    .update(`${id} ${String(version)}`)
    .digest("base64url")
    .slice(0, 11);
};
