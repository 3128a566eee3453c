import type { Seen, Where } from "#telemetry/format.ts";

type Kind = Seen["kind"];

/** Shapes met are forgotten beyond so many, and met anew. */
const shapesAtMost = 20_000;

/** A value more than those before it. */
interface Step {
  readonly shape: string;
  readonly next: Map<Kind, Map<Where, Step>>;
}

/**
 * What kind of value stands where in a record, of all its values in their order, as one word: "ipv4@source domain@dns-query".
 * Records of a log have few; one object a thread keeps those that it met, so that no text is made of a record that is like another.
 */
export class Shapes {
  #root: Step = { shape: "", next: new Map() };
  #met = 0;

  of(seen: readonly Pick<Seen, "kind" | "where">[]): string {
    if (this.#met > shapesAtMost) {
      this.#root = { shape: "", next: new Map() };
      this.#met = 0;
    }
    let step = this.#root;
    for (const { kind, where } of seen) {
      let wheres = step.next.get(kind);
      if (wheres === undefined) step.next.set(kind, (wheres = new Map()));
      let next = wheres.get(where);
      if (next === undefined) {
        const shape = `${step.shape === "" ? "" : `${step.shape} `}${kind}@${where}`;
        wheres.set(where, (next = { shape, next: new Map() }));
        this.#met++;
      }
      step = next;
    }
    return step.shape;
  }
}

/** Kind and place of each value of a record. */
export const partsOf = (shape: string): readonly { readonly kind: string; readonly where: string }[] =>
  shape === ""
    ? []
    : shape.split(" ").map((part) => {
        const at = part.indexOf("@");
        return { kind: part.slice(0, at), where: part.slice(at + 1) };
      });
