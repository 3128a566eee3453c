import { day, hour, type Instant } from "#core/instant.ts";
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
import { distanceKm, type Place } from "./distance.ts";

const settings = {
  learnDays: {
    ...{ standard: 7, least: 0, most: 90, unit: "days" },
    why: "an account's countries of its first week are where its owner lives and works",
  },
  speed: {
    ...{ standard: 1000, least: 300, most: 5000, unit: "km/h" },
    why: "an airliner makes 900, and databases of places err by some tens of kilometres",
  },
  apart: {
    ...{ standard: 500, least: 50, most: 5000, unit: "km" },
    why: "mobile networks and proxies jump between cities of one country",
  },
  hoursApart: {
    ...{ standard: 2, least: 0.25, most: 24, unit: "hours" },
    why: "where only countries are known: two countries within two hours are no journey, but for neighbours",
  },
  accounts: {
    ...{ standard: 100_000, least: 1000, most: 5_000_000, unit: "count" },
    why: "accounts remembered at once, 300 bytes each; those silent longest go first",
  },
} as const;
type Values = Readonly<Record<keyof typeof settings, number>>;

/**
 * Sign-ins from where their owner cannot be: a country the account never signed in from, or two places too far apart for
 * the time between (ATT&CK T1078).
 */
export const signIn: Behaviour<keyof typeof settings> = {
  id: "sign-in",
  tactics: ["initial-access"],
  attack: ["T1078"],
  settings,
  reads: ({ session, source }) =>
    session?.account !== undefined && session.outcome === "success" && (session.country !== undefined || source)
      ? "whole"
      : "nothing",
  open: (values, around) => new SignInWatch(values, around),
};

interface Account {
  readonly began: number;
  /** Countries it came in from, and when last. */
  readonly countries: [country: string, last: number][];
  last?: { readonly at: number; readonly country: string; readonly place?: Place; readonly from: string };
}

interface Saved {
  readonly accounts: readonly (readonly [string, Account])[];
  readonly forgotten: number;
}

/** A country not visited for so long is new again. */
const rememberedFor = 90 * day;

class SignInWatch implements Watch {
  readonly #values: Values;
  readonly #around: Surroundings;
  readonly #accounts: Lately<Account>;

  constructor(values: Values, around: Surroundings) {
    this.#values = values;
    this.#around = around;
    this.#accounts = new Lately(values.accounts);
  }

  take(fact: Fact): readonly BehaviourHit[] {
    const { session, source } = fact;
    if (session?.account === undefined || session.outcome !== "success") return nothing;
    const country = session.country ?? (source && this.#around.origin(source.address).country);
    if (country === undefined) return nothing;
    const name = session.account.toLowerCase();
    const account = this.#known(name, fact.at);
    const place =
      session.latitude !== undefined && session.longitude !== undefined
        ? { latitude: session.latitude, longitude: session.longitude }
        : undefined;
    const because = [
      ...this.#travelled(account, name, country, place, fact.at),
      ...this.#isNew(account, name, country, fact.at),
    ];
    const before = account.last;
    const known = account.countries.findIndex(([one]) => one === country);
    if (known >= 0) account.countries.splice(known, 1);
    account.countries.push([country, fact.at]);
    account.last = { at: fact.at, country, ...(place ? { place } : {}), from: source?.address ?? "" };
    const [first] = because;
    if (!first) return nothing;
    const travel = first.says === "sign-in.travel" || first.says === "sign-in.countries";
    return [
      {
        behaviour: signIn.id,
        time: fact.at,
        first: (travel && before ? before.at : fact.at) as Instant,
        last: fact.at,
        entities: [
          { kind: "account", value: name },
          ...(source ? [{ kind: "address" as const, value: source.address }] : []),
        ],
        problem: { type: "unprivileged-account-compromise", about: "" },
        severity: travel ? "high" : "medium",
        certainty: travel && because.length > 1 ? "likely" : "possible",
        score: travel ? (because.length > 1 ? 0.85 : 0.7) : 0.55,
        attack: signIn.attack,
        because,
        evidence: [placeOf(fact)],
      },
    ];
  }

  pass(): readonly BehaviourHit[] {
    return nothing;
  }

  save(): Saved {
    return { accounts: [...this.#accounts], forgotten: this.#accounts.forgotten };
  }

  restore(saved: unknown): void {
    const { accounts, forgotten } = structuredClone(saved as Saved);
    this.#accounts.restore(accounts, forgotten);
  }

  forgotten(): number {
    return this.#accounts.forgotten;
  }

  #known(name: string, at: number): Account {
    const known = this.#accounts.use(name);
    if (known !== undefined) return known;
    const account: Account = { began: at, countries: [] };
    this.#accounts.add(name, account);
    return account;
  }

  #travelled(
    account: Account,
    name: string,
    country: string,
    place: Place | undefined,
    at: number,
  ): readonly Because[] {
    const before = account.last;
    if (!before) return [];
    const hours = (at - before.at) / hour;
    if (place && before.place) {
      const km = distanceKm(before.place, place);
      if (km < this.#values.apart || km <= hours * this.#values.speed) return [];
      return [{ says: "sign-in.travel", with: { account: name, km: Math.round(km), minutes: Math.round(hours * 60) } }];
    }
    if (before.country === country || hours >= this.#values.hoursApart) return [];
    // both are where the account lives: a proxy or a neighbouring country
    const settled = (one: string): boolean => account.countries.some(([known]) => known === one);
    if (settled(country)) return [];
    return [
      {
        says: "sign-in.countries",
        with: { account: name, before: before.country, country, minutes: Math.round(hours * 60) },
      },
    ];
  }

  #isNew(account: Account, name: string, country: string, at: number): readonly Because[] {
    if (account.countries.length === 0 || at - account.began < this.#values.learnDays * day) return [];
    const last = account.countries.find(([known]) => known === country)?.[1];
    if (last !== undefined && last > at - rememberedFor) return [];
    return [
      {
        says: "sign-in.new-country",
        with: {
          account: name,
          country,
          known: account.countries
            .map(([known]) => known)
            .sort()
            .join(", "),
        },
      },
    ];
  }
}
