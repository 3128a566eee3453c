import { type Change, joinTied, type OpenIncident, type PotentialIncident, tiesOf } from "./correlate.ts";
import type { Finding } from "./finding.ts";

/** What findings that joined one after the other made of the open incidents, to be written at once. */
export interface Told {
  /** Opened or extended, as they are now, in the order in which they first were; those taken in later among them. */
  readonly incidents: readonly PotentialIncident[];
  /** By id of an incident that was taken in: the one that has its findings now. */
  readonly absorbed: ReadonlyMap<string, string>;
  /** By id of a finding: its incident. */
  readonly joined: ReadonlyMap<string, string>;
}

/**
 * Open incidents by their ties. A finding looks at the incidents that share one of its ties, where `correlate` looks at
 * all; what comes out is the same. Incidents need no more of their ties than those that the findings to come have.
 */
export class Stories {
  readonly #known = new Map<string, PotentialIncident>();
  readonly #byTie = new Map<string, Set<string>>();
  readonly #told = new Set<string>();
  readonly #absorbed = new Map<string, string>();
  readonly #joined = new Map<string, string>();

  constructor(open: readonly OpenIncident[]) {
    for (const { ties, ...incident } of open) {
      this.#known.set(incident.id, incident);
      for (const tie of ties) this.#tie(tie, incident.id);
    }
  }

  /** @param id of the incident that it opens where it joins none */
  join(finding: Finding, indicators: readonly string[], id: string): Change {
    const ties = tiesOf(finding, indicators);
    const change = joinTied(finding, this.#sharing(ties), id);
    const { incident } = change;
    this.#known.set(incident.id, incident);
    this.#told.add(incident.id);
    if (change.kind === "extended") for (const other of change.absorbed) this.#absorbed.set(other, incident.id);
    for (const tie of ties) this.#tie(tie, incident.id);
    this.#joined.set(finding.id, incident.id);
    return change;
  }

  told(): Told {
    return {
      incidents: [...this.#told].flatMap((id) => this.#known.get(id) ?? []),
      absorbed: new Map([...this.#absorbed.keys()].map((id) => [id, this.#now(id)])),
      joined: new Map([...this.#joined].map(([finding, id]) => [finding, this.#now(id)])),
    };
  }

  #tie(tie: string, id: string): void {
    const known = this.#byTie.get(tie);
    if (known) known.add(id);
    else this.#byTie.set(tie, new Set([id]));
  }

  #sharing(ties: readonly string[]): readonly PotentialIncident[] {
    const ids = new Set<string>();
    for (const tie of ties) {
      const tied = this.#byTie.get(tie);
      if (tied === undefined) continue;
      // what was taken in since is looked at once more and never again
      const now = new Set([...tied].map((id) => this.#now(id)));
      this.#byTie.set(tie, now);
      for (const id of now) ids.add(id);
    }
    return [...ids].flatMap((id) => this.#known.get(id) ?? []);
  }

  /** The incident that has this one's findings now. */
  #now(id: string): string {
    let at = id;
    for (let next = this.#absorbed.get(at); next !== undefined; next = this.#absorbed.get(at)) at = next;
    if (at !== id) this.#absorbed.set(id, at);
    return at;
  }
}
