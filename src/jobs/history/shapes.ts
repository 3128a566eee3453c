import type { Seen, Where } from "#telemetry/format.ts";

type Kind = Seen["kind"];

/** Steps are forgotten beyond so many, and taken anew. */
const stepsAtMost = 20_000;

/** Records of more values are seldom like another: a text of theirs is made each time, and no step is kept of it. */
const valuesAtMost = 64;

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
  #steps = 0;

  of(seen: readonly Pick<Seen, "kind" | "where">[]): string {
    if (seen.length > valuesAtMost) return seen.map(partOf).join(" ");
    if (this.#steps > stepsAtMost) {
      this.#root = { shape: "", next: new Map() };
      this.#steps = 0;
    }
    let step = this.#root;
    for (const one of seen) {
      const { kind, where } = one;
      let wheres = step.next.get(kind);
      if (wheres === undefined) step.next.set(kind, (wheres = new Map()));
      let next = wheres.get(where);
      if (next === undefined) {
        const shape = step.shape === "" ? partOf(one) : `${step.shape} ${partOf(one)}`;
        wheres.set(where, (next = { shape, next: new Map() }));
        this.#steps++;
      }
      step = next;
    }
    return step.shape;
  }
}

const partOf = ({ kind, where }: Pick<Seen, "kind" | "where">): string => `${kind}@${where}`;

/** Kind and place of each value of a record. */
export const partsOf = (shape: string): readonly { readonly kind: string; readonly where: string }[] =>
  shape === ""
    ? []
    : shape.split(" ").map((part) => {
        const at = part.indexOf("@");
        return { kind: part.slice(0, at), where: part.slice(at + 1) };
      });
