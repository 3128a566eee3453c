import { day, hour, type Instant } from "#core/instant.ts";
import { parseIp } from "#core/ip.ts";
import {
  type Because,
  type Behaviour,
  type BehaviourHit,
  type Fact,
  nothing,
  type Surroundings,
  type Watch,
} from "#detect/behaviour.ts";
import { placeOf } from "#detect/evidence.ts";
import { Lately } from "#detect/lately.ts";
import {
  activeDays,
  addVolume,
  lastHour,
  lastHours,
  noVolumes,
  type SavedVolumes,
  type Sent,
  saveVolumes,
  usual,
  type Volumes,
  volumesFrom,
  volumesIn,
  type VolumesOfVersion1,
  volumesOfVersion1,
} from "./volumes.ts";

const gigabyte = 1_000_000_000;

const settings = {
  newPerHour: {
    ...{ standard: 8 * gigabyte, least: gigabyte / 10, most: 1000 * gigabyte, unit: "bytes" },
    why: "400 GB within two days are 8.3 GB an hour; the largest upload of the benign month to a place never seen is 6 GB",
  },
  newPerDay: {
    ...{ standard: 40 * gigabyte, least: gigabyte, most: 10_000 * gigabyte, unit: "bytes" },
    why: "what is kept below the hourly bound: 400 GB in a week are 57 GB a day",
  },
  deviations: {
    ...{ standard: 10, least: 3, most: 100, unit: "count" },
    why: "median absolute deviations above the same hour of the week; backups move by two or three",
  },
  times: {
    ...{ standard: 3, least: 1.5, most: 100, unit: "count" },
    why: "and so many times the largest hour ever: the first full backup of a week is half as much again as a nightly one",
  },
  drip: {
    ...{ standard: 20 * gigabyte, least: gigabyte, most: 10_000 * gigabyte, unit: "bytes" },
    why: "in seven days, or two and a half times as much in thirty, to a place that was new then: what daily bounds never see",
  },
  learnHours: {
    ...{ standard: 24, least: 0, most: 720, unit: "hours" },
    why: "places seen in the first day are how this network lives; a nightly backup has run by then. 0: trust nothing",
  },
  ratio: {
    ...{ standard: 3, least: 1, most: 100, unit: "count" },
    why: "bytes out for each byte in; downloads and calls with pictures are no leak",
  },
  pairs: {
    ...{ standard: 50_000, least: 1000, most: 1_000_000, unit: "count" },
    why: "pairs remembered at once, 12 kB each at most; those silent longest go first",
  },
} as const;
type Values = Readonly<Record<keyof typeof settings, number>>;

/**
 * Exfiltration: one of ours sends far more to one place than it ever did, or much to a place nobody knew, at once or a
 * little each day (ATT&CK T1041, T1048, T1567).
 */
export const exfiltration: Behaviour<keyof typeof settings> = {
  id: "exfiltration",
  tactics: ["exfiltration"],
  attack: ["T1041", "T1048", "T1567"],
  settings,
  reads: ({ source, destination, measures }, own) => {
    if (!source || !destination || (measures.bytesOut === undefined && measures.bytesIn === undefined))
      return "nothing";
    const direction = own.between(source.address, destination.address);
    const fetched = direction === "inbound" && destination.port !== 80 && destination.port !== 443;
    return direction === "outbound" || fetched ? "ends" : "nothing";
  },
  open: (values, around) => new ExfiltrationWatch(values, around),
};

/** Records below it are not added up: a leak of them would be seen by their number elsewhere. */
const leastBytes = 10_000;
/** A pair is named again after so long at the earliest. */
const again = 7 * day;

interface Saved {
  /** Checkpoints of version 1: each by itself. */
  readonly pairs: SavedVolumes | readonly VolumesOfVersion1[];
  readonly began: number;
  readonly forgotten: number;
}

/** What left us in one record. */
interface Leaving {
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
}

interface Found {
  readonly because: Because;
  readonly bytes: number;
  readonly from: number;
  readonly score: number;
}

class ExfiltrationWatch implements Watch {
  readonly #values: Values;
  readonly #around: Surroundings;
  readonly #pairs: Lately<Volumes | Sent>;
  /** One record of fewer bytes says nothing. */
  readonly #telling: number;
  #began = Number.MAX_SAFE_INTEGER;

  constructor(values: Values, around: Surroundings) {
    this.#values = values;
    this.#around = around;
    this.#pairs = new Lately(values.pairs);
    this.#telling = Math.min(values.newPerHour, values.newPerDay);
  }

  take(fact: Fact): readonly BehaviourHit[] {
    const sent = this.#sent(fact);
    if (!sent) return nothing;
    this.#began = Math.min(this.#began, fact.at);
    const bytes = sent.bytes < leastBytes ? 0 : sent.bytes;
    const key = `${sent.from} ${sent.to}`;
    const known = this.#pairs.use(key);
    if (known === undefined && bytes < this.#telling) {
      this.#pairs.add(key, { began: fact.at, bytes, place: placeOf(fact) });
      return nothing;
    }
    const volumes = this.#whole(key, known, sent, fact.at);
    if (bytes === 0) return nothing;
    addVolume(volumes, fact, sent.bytes);
    if (volumes.spoken > fact.at - again) return nothing;
    const found = this.#judge(volumes, fact.at);
    return found ? [this.#say(volumes, found, fact.at)] : nothing;
  }

  pass(): readonly BehaviourHit[] {
    return nothing;
  }

  save(): Saved {
    return {
      pairs: saveVolumes(this.#pairs),
      ...{ began: this.#began, forgotten: this.#pairs.forgotten },
    };
  }

  restore(saved: unknown): void {
    const { pairs, began, forgotten } = saved as Saved;
    const all = "ends" in pairs ? [...volumesIn(pairs)] : pairs.map(volumesOfVersion1);
    this.#pairs.restore(
      all.map((volumes) => [`${volumes.source} ${volumes.destination}`, volumes] as const),
      forgotten,
    );
    this.#began = began;
  }

  forgotten(): number {
    return this.#pairs.forgotten;
  }

  #whole(key: string, known: Volumes | Sent | undefined, { from, to }: Leaving, at: number): Volumes {
    if (known !== undefined && !("place" in known)) return known;
    const volumes = known ? volumesFrom(from, to, known) : noVolumes(from, to, at);
    this.#pairs.set(key, volumes);
    return volumes;
  }

  /** What left us in this record, from whom, to where; a stranger who fetches over something that is no web counts too. */
  #sent(fact: Fact): Leaving | undefined {
    const { source, destination, measures } = fact;
    if (!source || !destination || (measures.bytesOut === undefined && measures.bytesIn === undefined))
      return undefined;
    const out = measures.bytesOut ?? 0;
    const back = measures.bytesIn ?? 0;
    const direction = this.#around.own.between(source.address, destination.address);
    if (direction === "outbound")
      return {
        from: source.address,
        to: fact.name ?? destination.address,
        bytes: leaving(out, back, this.#values.ratio),
      };
    if (direction !== "inbound" || destination.port === 80 || destination.port === 443) return undefined;
    return { from: destination.address, to: source.address, bytes: leaving(back, out, this.#values.ratio) };
  }

  #judge(volumes: Volumes, at: number): Found | undefined {
    const values = this.#values;
    const learned = this.#began + values.learnHours * hour;
    const known = volumes.began < learned;
    const place = { source: volumes.source, destination: volumes.destination };
    const inHour = lastHour(volumes);
    const inDay = lastHours(volumes, at, 24);
    if (!known) {
      const young = at - volumes.began < 7 * day;
      if (young && inHour >= values.newPerHour)
        return {
          because: { says: "exfiltration.new-hour", with: { ...place, size: inHour } },
          ...{ bytes: inHour, from: Math.max(volumes.began, at - hour), score: strength(inHour / values.newPerHour) },
        };
      if (young && inDay.bytes >= values.newPerDay)
        return {
          because: { says: "exfiltration.new-day", with: { ...place, size: inDay.bytes } },
          ...{ bytes: inDay.bytes, from: at - day, score: strength(inDay.bytes / values.newPerDay) },
        };
      for (const [days, bound] of [
        [7, values.drip],
        [30, values.drip * 2.5],
      ] as const) {
        const { bytes } = lastHours(volumes, at, days * 24);
        const active = bytes >= bound ? activeDays(volumes, at, days) : 0;
        if (active >= 4)
          return {
            because: { says: "exfiltration.drip", with: { ...place, size: bytes, days: active } },
            ...{ bytes, from: at - days * day, score: strength(bytes / bound) },
          };
      }
    }
    if (this.#isLong(inDay, volumes, at))
      return {
        because: { says: "exfiltration.long", with: { ...place, size: inDay.bytes, hours: inDay.active } },
        ...{ bytes: inDay.bytes, from: volumes.began, score: 0.6 },
      };
    const normal = inHour < values.newPerHour ? undefined : usual(volumes, at);
    if (!normal) return undefined;
    const now = lastHours(volumes, at, 1).bytes;
    const deviations = (now - normal.median) / normal.spread;
    if (deviations < values.deviations || now < values.times * normal.most) return undefined;
    return {
      because: {
        says: "exfiltration.unusual",
        with: { ...place, size: now, usual: normal.median, deviations: Math.min(999, Math.round(deviations)) },
      },
      ...{ bytes: now, from: at - hour, score: strength(now / (values.times * Math.max(normal.most, 1))) },
    };
  }

  /** In the first day nothing can be compared; but no backup window is that long. */
  #isLong(inDay: { bytes: number; active: number }, volumes: Volumes, at: number): boolean {
    return inDay.active >= 11 && inDay.bytes >= 2 * this.#values.newPerDay && at - volumes.began < day;
  }

  #say(volumes: Volumes, { because, bytes, from, score }: Found, at: Instant): BehaviourHit {
    volumes.spoken = at;
    const address = parseIp(volumes.destination);
    const harmless = this.#around.harmless(address.ok ? address.value : { kind: "domain", value: volumes.destination });
    return {
      behaviour: exfiltration.id,
      time: at,
      first: Math.max(from, volumes.began) as Instant,
      last: at,
      entities: [
        { kind: "address", value: volumes.source },
        { kind: address.ok ? "address" : "domain", value: volumes.destination },
      ],
      problem: { type: "data-leak", about: "" },
      severity: bytes >= 50 * gigabyte ? "critical" : "high",
      certainty: harmless || score < 0.7 ? "possible" : "likely",
      score: Math.round(score * (harmless ? 0.5 : 1) * 1000) / 1000,
      attack: exfiltration.attack,
      because: [because],
      evidence: [...volumes.evidence],
    };
  }
}

const leaving = (out: number, back: number, ratio: number): number => (out >= ratio * back ? out : 0);

/** 0.5 at the bound, 1 at four times the bound. */
const strength = (times: number): number => Math.min(1, 0.5 + Math.log2(Math.max(1, times)) / 4);
