import { day, hour, type Instant, minute } from "#core/instant.ts";
import { parseIp } from "#core/ip.ts";
import type { Severity } from "#core/severity.ts";
import type { ProblemClass } from "#core/rsit.ts";
import {
  type Because,
  type Behaviour,
  type BehaviourHit,
  type Entity,
  type Fact,
  nothing,
  type Watch,
} from "#detect/behaviour.ts";
import { Lately } from "#detect/lately.ts";
import { addEntry, addFailure, failuresWithin, noTries, othersWithin, type Tries } from "./tries.ts";

const settings = {
  guesses: {
    ...{ standard: 15, least: 3, most: 200, unit: "count per 10 minutes" },
    why: "people give up or call for help after three to five; a forgotten service tries once in some minutes",
  },
  accounts: {
    ...{ standard: 8, least: 3, most: 200, unit: "count per 30 minutes" },
    why: "accounts that fail from one place and did not come in from there that day: a shared desk has two or three",
  },
  slowAccounts: {
    ...{ standard: 20, least: 5, most: 1000, unit: "count per day" },
    why: "the same over a day, for those who wait between the guesses so that nothing is locked",
  },
  sources: {
    ...{ standard: 10, least: 3, most: 200, unit: "count per hour" },
    why: "places from which one account fails: a person has a telephone and two computers",
  },
  keys: {
    ...{ standard: 50_000, least: 1000, most: 1_000_000, unit: "count" },
    why: "sources and accounts remembered at once; those silent longest go first",
  },
} as const;
type Values = Readonly<Record<keyof typeof settings, number>>;

/**
 * Passwords guessed: many for one account, a few for many accounts (spraying), one account from many places; and the
 * guess that was right (ATT&CK T1110.001, T1110.003, T1078).
 */
export const passwordGuessing: Behaviour<keyof typeof settings> = {
  id: "password-guessing",
  tactics: ["credential-access"],
  attack: ["T1110", "T1078"],
  settings,
  reads: ({ session }) =>
    session?.account === undefined || session.outcome === undefined || isMachine(session.account) ? "nothing" : "whole",
  open: (values) => new GuessingWatch(values),
};

/** The same thing is said again after so long without it. */
const quiet = 6 * hour;

interface Saved {
  readonly sources: readonly (readonly [string, Tries])[];
  readonly accounts: readonly (readonly [string, Tries])[];
  readonly forgotten: number;
}

interface Spoken {
  readonly what: string;
  readonly because: readonly Because[];
  readonly first: number;
  readonly problem: ProblemClass;
  readonly severity: Severity;
  readonly certainty: BehaviourHit["certainty"];
  readonly score: number;
  readonly attack: readonly string[];
  readonly entities: readonly Entity[];
}

class GuessingWatch implements Watch {
  readonly #values: Values;
  readonly #sources: Lately<Tries>;
  readonly #accounts: Lately<Tries>;

  constructor(values: Values) {
    this.#values = values;
    this.#sources = new Lately(values.keys);
    this.#accounts = new Lately(values.keys);
  }

  take(fact: Fact): readonly BehaviourHit[] {
    const { session } = fact;
    if (session?.account === undefined || session.outcome === undefined || isMachine(session.account)) return nothing;
    const account = plainAccount(session.account);
    const source = fact.source?.address ?? fact.host;
    if (source === undefined) return nothing;
    const from = triesOf(this.#sources, source);
    const of = triesOf(this.#accounts, account);
    if (session.outcome === "success") {
      const hit = this.#entered(from, of, fact, source, account);
      addEntry(from, fact.at, account);
      addEntry(of, fact.at, source);
      return hit;
    }
    addFailure(from, fact, account);
    addFailure(of, fact, source);
    return [
      ...this.#guessed(from, fact, source, account),
      ...this.#sprayed(from, fact, source),
      ...this.#fromEverywhere(of, fact, account),
    ];
  }

  pass(): readonly BehaviourHit[] {
    return nothing;
  }

  save(): Saved {
    return { sources: [...this.#sources], accounts: [...this.#accounts], forgotten: this.forgotten() };
  }

  restore(saved: unknown): void {
    const { sources, accounts, forgotten } = structuredClone(saved as Saved);
    this.#sources.restore(sources, forgotten);
    this.#accounts.restore(accounts, 0);
  }

  forgotten(): number {
    return this.#sources.forgotten + this.#accounts.forgotten;
  }

  #guessed(from: Tries, fact: Fact, source: string, account: string): readonly BehaviourHit[] {
    const { count, first } = failuresWithin(from, fact.at, 10 * minute, account);
    if (count < this.#values.guesses) return nothing;
    return this.#say(from, fact, {
      ...{ what: `guess ${account}`, first, severity: "medium", certainty: "likely", score: 0.7 },
      because: [{ says: "password-guessing.one-account", with: { count, source, account } }],
      problem: { type: "brute-force", about: "" },
      attack: ["T1110.001"],
      entities: [{ kind: "account", value: account }, placeOf(source)],
    });
  }

  #sprayed(from: Tries, fact: Fact, source: string): readonly BehaviourHit[] {
    for (const [ms, bound, says] of [
      [30 * minute, this.#values.accounts, "password-guessing.many-accounts"],
      [day, this.#values.slowAccounts, "password-guessing.slowly"],
    ] as const) {
      const { failed, entered, first } = othersWithin(from, fact.at, ms);
      // a gateway in front of everybody fails for some and lets most in
      if (failed < bound || entered * 2 > failed) continue;
      return this.#say(from, fact, {
        ...{ what: "spray", first, severity: "high", certainty: "likely", score: 0.8 },
        because: [{ says, with: { count: failed, source } }],
        problem: { type: "brute-force", about: "" },
        attack: ["T1110.003"],
        entities: [placeOf(source)],
      });
    }
    return nothing;
  }

  #fromEverywhere(of: Tries, fact: Fact, account: string): readonly BehaviourHit[] {
    const { failed, first } = othersWithin(of, fact.at, hour);
    if (failed < this.#values.sources) return nothing;
    return this.#say(of, fact, {
      ...{ what: "everywhere", first, severity: "medium", certainty: "likely", score: 0.7 },
      because: [{ says: "password-guessing.many-places", with: { count: failed, account } }],
      problem: { type: "brute-force", about: "" },
      attack: ["T1110.001"],
      entities: [{ kind: "account", value: account }],
    });
  }

  /** Somebody comes in where passwords were guessed a moment ago. */
  #entered(from: Tries, of: Tries, fact: Fact, source: string, account: string): readonly BehaviourHit[] {
    const guessed = failuresWithin(from, fact.at, hour, account);
    const sprayed = othersWithin(from, fact.at, hour);
    const spraying = spokenLately(from, "spray", fact.at) && sprayed.failed > 0 && guessed.count > 0;
    const everywhere = spokenLately(of, "everywhere", fact.at) && guessed.count > 0;
    if (guessed.count < this.#values.guesses && !spraying && !everywhere) return nothing;
    return this.#say(from, fact, {
      ...{ what: `entered ${account}`, first: guessed.first, severity: "critical", certainty: "likely", score: 0.95 },
      because: [{ says: "password-guessing.entered", with: { count: guessed.count, source, account } }],
      problem: { type: "unprivileged-account-compromise", about: "" },
      attack: ["T1110", "T1078"],
      entities: [{ kind: "account", value: account }, placeOf(source), ...hostOf(fact)],
    });
  }

  #say(tries: Tries, fact: Fact, { what, first, ...said }: Spoken): readonly BehaviourHit[] {
    const before = tries.spoken[what];
    tries.spoken[what] = fact.at;
    if (before !== undefined && before > fact.at - quiet) return nothing;
    return [
      {
        behaviour: passwordGuessing.id,
        time: fact.at,
        first: first as Instant,
        last: fact.at,
        ...said,
        evidence: [...tries.evidence],
      },
    ];
  }
}

const triesOf = (lately: Lately<Tries>, key: string): Tries => {
  const known = lately.use(key);
  if (known !== undefined) return known;
  const tries = noTries();
  lately.add(key, tries);
  return tries;
};

const spokenLately = (tries: Tries, what: string, at: number): boolean => (tries.spoken[what] ?? 0) > at - quiet;

/** Computers and Windows' own sessions log on by themselves, and fail when their password was just changed. */
const isMachine = (account: string): boolean =>
  account.endsWith("$") ||
  account === "" ||
  account === "-" ||
  /^(?:.*\\)?(?:system|anonymous logon|local service|network service|dwm-\d+|umfd-\d+)$/i.test(account);

/** "OFFICE\\Chan", "chan@office.example" and "chan" are one person to the door. */
const plainAccount = (account: string): string => {
  const name = account.slice(account.lastIndexOf("\\") + 1).toLowerCase();
  const at = name.indexOf("@");
  return at > 0 ? name.slice(0, at) : name;
};

const placeOf = (source: string): Entity => ({ kind: parseIp(source).ok ? "address" : "host", value: source });
const hostOf = ({ host }: Fact): readonly Entity[] => (host === undefined ? [] : [{ kind: "host", value: host }]);
