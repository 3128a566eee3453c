import { day, hour, type Instant } from "#core/instant.ts";
import { registeredName } from "#core/registered-name.ts";
import {
  type Because,
  type Behaviour,
  type BehaviourHit,
  type Fact,
  nothing,
  type Surroundings,
  type Watch,
} from "#detect/behaviour.ts";
import { Lately } from "#detect/lately.ts";
import {
  addQuestion,
  type Count,
  type Names,
  namesIn,
  type NamesOfVersion1,
  namesOfVersion1,
  namesFrom,
  type Question,
  questionOf,
  saveNames,
  type SavedNames,
} from "./names.ts";

const settings = {
  namesPerHour: {
    ...{ standard: 150, least: 20, most: 2000, unit: "count per hour" },
    why: "different names of one domain that one device asks for: a page uses a dozen, a reputation service some tens",
  },
  namesPerDay: {
    ...{ standard: 1000, least: 100, most: 2000, unit: "count per day" },
    why: "the same over a day: RITA calls 1,000 critical",
  },
  length: {
    ...{ standard: 18, least: 5, most: 200, unit: "characters" },
    why: "mean length before the registered name: host names have 3 to 12, iodine and dnscat2 40 to 200",
  },
  entropy: {
    ...{ standard: 3, least: 1, most: 6, unit: "bits per character" },
    why: "mean of the names: words have less, encoded data more",
  },
  data: {
    ...{ standard: 0.5, least: 0, most: 1, unit: "share" },
    why: "questions for TXT, NULL, CNAME and the like; above it half as many names are enough",
  },
  pairs: {
    ...{ standard: 20_000, least: 1000, most: 500_000, unit: "count" },
    why: "pairs of device and domain remembered at once, 60 kB at most for one that tunnels; those silent longest go first",
  },
} as const;
type Values = Readonly<Record<keyof typeof settings, number>>;

/** Data in the names that are asked for: a channel through any resolver (ATT&CK T1071.004, T1048, T1572). */
export const dnsTunnel: Behaviour<keyof typeof settings> = {
  id: "dns-tunnel",
  tactics: ["command-and-control", "exfiltration"],
  attack: ["T1071.004", "T1572"],
  settings,
  reads: ({ dns, source }) => (dns && source && !/\.arpa$/i.test(dns.query) ? "whole" : "nothing"),
  open: (values, around) => new TunnelWatch(values, around),
};

interface Saved {
  /** Checkpoints of version 1: each by itself. */
  readonly pairs: SavedNames | readonly NamesOfVersion1[];
  readonly forgotten: number;
}

class TunnelWatch implements Watch {
  readonly #values: Values;
  readonly #around: Surroundings;
  readonly #pairs: Lately<Names | Question>;

  constructor(values: Values, around: Surroundings) {
    this.#values = values;
    this.#around = around;
    this.#pairs = new Lately(values.pairs);
  }

  take(fact: Fact): readonly BehaviourHit[] {
    const { dns, source } = fact;
    if (!dns || !source) return nothing;
    const query = dns.query.toLowerCase();
    if (query.endsWith(".arpa")) return nothing;
    const domain = registeredName(query).registered ?? lastTwo(query);
    if (domain === undefined || query.length <= domain.length) return nothing;
    const below = query.slice(0, -domain.length - 1);
    const key = `${source.address} ${domain}`;
    const known = this.#pairs.use(key);
    if (known === undefined) {
      this.#pairs.add(key, questionOf(fact, below));
      return nothing;
    }
    let names: Names;
    if ("place" in known) this.#pairs.set(key, (names = namesFrom(source.address, domain, known, hour)));
    else names = known;
    addQuestion(names, fact, below, hour);
    if (names.spoken > fact.at - day) return nothing;
    const found = this.#judge(names);
    return found ? [this.#say(names, found, fact.at)] : nothing;
  }

  pass(): readonly BehaviourHit[] {
    return nothing;
  }

  save(): Saved {
    return { pairs: saveNames(this.#pairs, hour), forgotten: this.#pairs.forgotten };
  }

  restore(saved: unknown): void {
    const { pairs, forgotten } = saved as Saved;
    const all = "ends" in pairs ? [...namesIn(pairs)] : pairs.map(namesOfVersion1);
    this.#pairs.restore(
      all.map((names) => [`${names.source} ${names.domain}`, names] as const),
      forgotten,
    );
  }

  forgotten(): number {
    return this.#pairs.forgotten;
  }

  /** The count that shows it, and by how much. */
  #judge(names: Names): { count: Count; times: number } | undefined {
    return this.#shows(names.hour, this.#values.namesPerHour) ?? this.#shows(names.day, this.#values.namesPerDay);
  }

  #shows(count: Count, bound: number): { count: Count; times: number } | undefined {
    if (count.unique < bound / 2) return undefined;
    const carries = count.data / Math.max(1, count.questions) >= this.#values.data;
    const wanted = carries ? bound / 2 : bound;
    if (count.unique < wanted) return undefined;
    if (count.characters / count.unique < this.#values.length) return undefined;
    if (count.entropy / count.unique < this.#values.entropy) return undefined;
    return { count, times: (count.unique / wanted) * (carries ? 1.3 : 1) };
  }

  #say(names: Names, { count, times }: { count: Count; times: number }, at: Instant): BehaviourHit {
    names.spoken = at;
    const harmless = this.#around.harmless({ kind: "domain", value: names.domain });
    const score = Math.min(1, 0.6 + Math.log2(Math.max(1, times)) / 8) * (harmless ? 0.4 : 1);
    const because: Because[] = [
      {
        says: "dns-tunnel.names",
        with: { count: count.unique, source: names.source, destination: names.domain },
      },
      {
        says: "dns-tunnel.data",
        with: {
          length: Math.round(count.characters / count.unique),
          entropy: Math.round((10 * count.entropy) / count.unique) / 10,
        },
      },
    ];
    if (count.data * 2 >= count.questions)
      because.push({ says: "dns-tunnel.types", with: { share: Math.round((100 * count.data) / count.questions) } });
    return {
      behaviour: dnsTunnel.id,
      time: at,
      first: count.began as Instant,
      last: at,
      entities: [
        { kind: "address", value: names.source },
        { kind: "domain", value: names.domain },
      ],
      problem: { type: "infected-system", about: "" },
      severity: harmless ? "low" : "high",
      certainty: harmless ? "unknown" : "likely",
      score: Math.round(score * 1000) / 1000,
      attack: dnsTunnel.attack,
      because,
      evidence: [...names.evidence],
    };
  }
}

/** Of names whose ending no registry has: a house's own. */
const lastTwo = (name: string): string | undefined => /[^.]+\.[^.]+$/.exec(name)?.[0];
