import { bothEvidence, noEvidence, type PriorityEvidence } from "#intel/priority.ts";

/** What all sources say of one weakness together. */
export interface Weakness {
  readonly title: string;
  readonly evidence: PriorityEvidence;
  /** KEV: the day by which US federal agencies must have acted. */
  readonly due?: number;
}

/** What one source says of the weaknesses it is about. */
export interface WeaknessSaid {
  /** CVE ids; the advisory's own id where it names none. */
  readonly ids: readonly string[];
  readonly title: string;
  readonly evidence: PriorityEvidence;
  readonly due?: number;
}

const noWeakness: Weakness = { title: "", evidence: noEvidence };

/** Gathers what is said of weaknesses; the order of `add` changes nothing. */
export class Weaknesses {
  readonly #own = new Map<string, Weakness>();
  /** Of documents about several CVEs, whose scores nobody can tell apart: used where nothing else is said. */
  readonly #shared = new Map<string, Weakness>();

  add({ ids, title, evidence, due: wanted }: WeaknessSaid): void {
    const table = ids.length > 1 ? this.#shared : this.#own;
    for (const id of ids) {
      const before = table.get(id) ?? noWeakness;
      const due = earlier(wanted, before.due);
      table.set(id, {
        title: betterTitle(id, before.title, title),
        evidence: bothEvidence(before.evidence, evidence),
        ...(due === undefined ? {} : { due }),
      });
    }
  }

  of(id: string): Weakness {
    const own = this.#own.get(id) ?? noWeakness;
    const shared = this.#shared.get(id);
    if (shared === undefined) return own;
    const { title, evidence } = own;
    const silent = evidence.cvss === 0 && !evidence.exploited;
    return {
      ...own,
      title: title === "" || title === id ? shared.title : title,
      evidence: silent ? bothEvidence(evidence, shared.evidence) : evidence,
    };
  }
}

const earlier = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;

/** One that says more than the id; of two the shorter, so that the order of reading changes nothing. */
const betterTitle = (id: string, a: string, b: string): string => {
  const said = [a, b].filter((title) => title !== "" && title !== id);
  return said.sort((x, y) => x.length - y.length || (x < y ? -1 : 1))[0] ?? (a === "" ? b : a);
};
