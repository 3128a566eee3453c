import type { LogSource } from "./format.ts";

/** Log sources made once for every combination, so that callers may compare them by identity. */
export class LogSourceSet {
  readonly #made = new Map<string, readonly LogSource[]>();

  /** One array per product and categories; without categories the product alone, without both nothing. */
  of(product: string | undefined, categories: readonly string[]): readonly LogSource[] {
    const key = `${product ?? ""} ${categories.join(" ")}`;
    let sources = this.#made.get(key);
    if (sources === undefined) {
      const own = product === undefined ? {} : { product };
      const all = categories.length > 0 ? categories.map((category) => ({ ...own, category })) : [own];
      sources = Object.freeze(
        product === undefined && categories.length === 0 ? [] : all.map((one) => Object.freeze(one)),
      );
      this.#made.set(key, sources);
    }
    return sources;
  }
}
