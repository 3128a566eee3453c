import type { End } from "#detect/hit.ts";
import { Lately } from "#detect/lately.ts";
import type { Correlated, Plan } from "#detect/sigma/correlation-plan.ts";
import { Correlator, type Matched, type SavedCorrelator } from "#detect/sigma/correlator.ts";
import type { Direction } from "#telemetry/format.ts";

/** A kept record to which a correlation listens, as evidence. */
export interface KeptEvent {
  readonly sensor: string;
  readonly batch: string;
  readonly line: number;
  /** Empty when more recent ones took its room. */
  readonly text: string;
  /** The machine concerned, as the hit calls it; absent where the record names none. */
  readonly host?: string;
  readonly source?: End;
  readonly destination?: End;
  readonly direction?: Direction;
}

/** What correlations know between two pages. Of one organisation: they never join what two of them show. */
export interface SavedPast {
  readonly organisation: string;
  readonly correlator: SavedCorrelator;
  /** Newest records that correlations listen to, for evidence; by the event's id. */
  readonly records: readonly (readonly [string, KeptEvent])[];
  /** By plan, the stretches of time (`span` long, numbered from 1970) in which it could not see; absent: none. */
  readonly unseen?: readonly (readonly [plan: number, stretches: readonly number[]])[];
}

/** How much correlations over the past remember. */
export interface TogetherBounds {
  /** Groups of all correlations together; those silent longest go first. */
  readonly groups: number;
  /** Records for evidence, and of these how many with their text; 1 each at least. */
  readonly records: number;
  readonly texts: number;
  /** Nothing is said beyond: of what is later not everything is there. Absent: all there is. */
  readonly until?: number;
}

/** One condition that came true, with the records of its evidence that are still known, oldest first. */
export interface KeptTogetherHit extends Correlated {
  readonly records: readonly (KeptEvent & { readonly id: string })[];
}

/**
 * Correlations over kept records of one organisation after the other, each handed in the order of its time: the correlator of
 * live records, so that a window is what it would have been had the rule been there.
 *
 * What the past does not show (a field that is not kept, a line that cannot be read again) can only make a rule miss. A
 * correlation that could hold *because* something is missing ("fewer than", an average, "and not") says nothing of a window
 * in which it could not see all.
 */
export class KeptTogether {
  readonly #plans: readonly Plan[];
  readonly #bounds: TogetherBounds;
  #organisation = "";
  #correlator: Correlator;
  #events: Lately<KeptEvent>;
  #texts: Lately<string>;
  #unseen = new Map<number, Set<number>>();
  #withheld = 0;

  constructor(plans: readonly Plan[], bounds: TogetherBounds) {
    this.#plans = plans;
    this.#bounds = bounds;
    this.#correlator = new Correlator(plans, bounds.groups);
    this.#events = new Lately(bounds.records);
    this.#texts = new Lately(bounds.texts);
  }

  /** Hits that were not said, for something of their window could not be seen. */
  get withheld(): number {
    return this.#withheld;
  }

  wants(rule: number): boolean {
    return this.#correlator.wants(rule);
  }

  begin(organisation: string): void {
    this.#organisation = organisation;
    this.#correlator = new Correlator(this.#plans, this.#bounds.groups);
    this.#events = new Lately(this.#bounds.records);
    this.#texts = new Lately(this.#bounds.texts);
    this.#unseen = new Map();
  }

  offer(matched: Matched, event: KeptEvent): void {
    this.#correlator.offer(matched);
    this.#keep(matched.id, event);
  }

  /** Something happened at this time that these plans might have heard of, and cannot. */
  miss(plans: Iterable<number>, time: number): void {
    for (const plan of plans) {
      const known = this.#unseen.get(plan);
      const stretch = this.#stretch(plan, time);
      if (known) known.add(stretch);
      else this.#unseen.set(plan, new Set([stretch]));
    }
  }

  /** No older record of the organisation will come. */
  settle(until: number): readonly KeptTogetherHit[] {
    const border = Math.min(until, this.#bounds.until ?? Number.POSITIVE_INFINITY);
    return this.#correlator.settle(border).flatMap((one) => {
      if (this.#isBlind(one)) {
        this.#withheld++;
        return [];
      }
      const records = one.events.flatMap((id) => {
        const event = this.#events.get(id);
        return event === undefined ? [] : { ...event, id, text: this.#texts.get(id) ?? "" };
      });
      return { ...one, records };
    });
  }

  save(): SavedPast {
    return {
      organisation: this.#organisation,
      correlator: this.#correlator.save(),
      records: [...this.#events].map(([id, event]) => [id, { ...event, text: this.#texts.get(id) ?? "" }] as const),
      ...(this.#unseen.size === 0
        ? {}
        : { unseen: [...this.#unseen].map(([plan, stretches]) => [plan, [...stretches]] as const) }),
    };
  }

  restore(saved: SavedPast): void {
    this.begin(saved.organisation);
    this.#correlator.restore(saved.correlator);
    for (const [id, event] of saved.records) this.#keep(id, event);
    this.#unseen = new Map((saved.unseen ?? []).map(([plan, stretches]) => [plan, new Set(stretches)]));
  }

  #keep(id: string, { text, ...event }: KeptEvent): void {
    this.#events.set(id, { ...event, text: "" });
    if (text !== "") this.#texts.set(id, text);
  }

  #stretch(plan: number, time: number): number {
    return Math.floor(time / (this.#plans[plan]?.spanMs ?? 1));
  }

  /** A window is never longer than the span: it lies in the stretch of its end and the one before. */
  #isBlind({ plan, time }: Correlated): boolean {
    const stretches = this.#unseen.get(plan);
    const last = this.#stretch(plan, time);
    if (stretches === undefined) return false;
    // hits come in the order of time: what lies further back than a window matters to none
    for (const one of stretches) if (one < last - 1) stretches.delete(one);
    return stretches.has(last) || stretches.has(last - 1);
  }
}

/**
 * Whether a plan can hold because something was not seen: below a bound, at exactly a count, an average, a percentile, a sum
 * (which may fall), "and not", or because it listens to one that can.
 */
export const holdsByWant = (plans: readonly Plan[], number: number): boolean => {
  const plan = plans[number];
  if (plan === undefined) return false;
  const { type, asked, condition, inputs } = plan;
  const counts = type === "event_count" || type === "value_count" || type === "temporal" || type === "temporal_ordered";
  return (
    !counts ||
    condition.some(({ op }) => op !== "gt" && op !== "gte") ||
    (asked !== undefined && denies(asked)) ||
    inputs.some(({ of }) => "plan" in of && holdsByWant(plans, of.plan))
  );
};

const denies = (asked: NonNullable<Plan["asked"]>): boolean =>
  asked.is === "not" || ((asked.is === "and" || asked.is === "or") && asked.of.some(denies));

/** Detection rules that a plan rests on, through the plans below it. */
export const rulesBelow = (plans: readonly Plan[], number: number): ReadonlySet<number> =>
  new Set(
    (plans[number]?.inputs ?? []).flatMap(({ of }) => ("rule" in of ? [of.rule] : [...rulesBelow(plans, of.plan)])),
  );

/** How far back a hit of the plan may reach (milliseconds): its own window, and behind it those of the plans below it. */
export const reachOf = (plans: readonly Plan[], number: number): number => {
  const plan = plans[number];
  if (plan === undefined) return 0;
  return plan.spanMs + Math.max(0, ...plan.inputs.map(({ of }) => ("plan" in of ? reachOf(plans, of.plan) : 0)));
};
