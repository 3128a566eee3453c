import { day, hour, type Instant } from "#core/instant.ts";
import { registeredName } from "#core/registered-name.ts";
import type { Because, Behaviour, BehaviourHit, Fact, Surroundings, Watch } from "#detect/behaviour.ts";
import { addQuestion, type Count, type Names, noCount } from "./names.ts";

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
  readonly pairs: readonly Names[];
  readonly forgotten: number;
}

class TunnelWatch implements Watch {
  readonly #values: Values;
  readonly #around: Surroundings;
  /** In the order in which they were last heard. */
  #pairs = new Map<string, Names>();
  #forgotten = 0;

  constructor(values: Values, around: Surroundings) {
    this.#values = values;
    this.#around = around;
  }

  take(fact: Fact): readonly BehaviourHit[] {
    const { dns, source } = fact;
    if (!dns || !source) return [];
    const query = dns.query.toLowerCase();
    if (query.endsWith(".arpa")) return [];
    const domain = registeredName(query).registered ?? lastTwo(query);
    if (domain === undefined || query.length <= domain.length) return [];
    const names = this.#known(source.address, domain, fact.at);
    addQuestion(
      names,
      {
        at: fact.at,
        below: query.slice(0, -domain.length - 1),
        type: dns.type ?? "A",
        missing: dns.rcode === "NXDOMAIN",
        evidence: { id: fact.id, from: fact.from, line: fact.line },
      },
      hour,
    );
    if (names.spoken > fact.at - day) return [];
    const found = this.#judge(names);
    return found ? [this.#say(names, found, fact.at)] : [];
  }

  pass(): readonly BehaviourHit[] {
    return [];
  }

  save(): Saved {
    return { pairs: [...this.#pairs.values()], forgotten: this.#forgotten };
  }

  restore(saved: unknown): void {
    const { pairs, forgotten } = structuredClone(saved as Saved);
    this.#pairs = new Map(pairs.map((names) => [`${names.source} ${names.domain}`, names]));
    this.#forgotten = forgotten;
  }

  forgotten(): number {
    return this.#forgotten;
  }

  #known(source: string, domain: string, at: number): Names {
    const key = `${source} ${domain}`;
    const names = this.#pairs.get(key) ?? {
      ...{ source, domain, evidence: [], spoken: 0 },
      hour: noCount(Math.floor(at / hour), at),
      day: noCount(Math.floor(at / day), at),
    };
    this.#pairs.delete(key);
    this.#pairs.set(key, names);
    for (const old of this.#pairs.keys()) {
      if (this.#pairs.size <= this.#values.pairs) break;
      this.#pairs.delete(old);
      this.#forgotten++;
    }
    return names;
  }

  /** The count that shows it, and by how much. */
  #judge(names: Names): { count: Count; times: number } | undefined {
    for (const [count, bound] of [
      [names.hour, this.#values.namesPerHour],
      [names.day, this.#values.namesPerDay],
    ] as const) {
      const carries = count.data / Math.max(1, count.questions) >= this.#values.data;
      const wanted = carries ? bound / 2 : bound;
      if (count.unique < wanted) continue;
      if (count.characters / count.unique < this.#values.length) continue;
      if (count.entropy / count.unique < this.#values.entropy) continue;
      return { count, times: (count.unique / wanted) * (carries ? 1.3 : 1) };
    }
    return undefined;
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
