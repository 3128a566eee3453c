import { hour, instant, type Instant, minute } from "#core/instant.ts";
import type { RsitType } from "#core/rsit.ts";
import {
  type Because,
  type Behaviour,
  type BehaviourHit,
  type Entity,
  type Fact,
  nothing,
  type Says,
  type Surroundings,
  type Watch,
} from "#detect/behaviour.ts";
import { placeOf } from "#detect/evidence.ts";
import { Lately } from "#detect/lately.ts";
import type { Networks } from "#detect/networks.ts";
import { addAnswer, isLarger, isNewPath, nothingUsual, type Usual } from "./answers.ts";
import { addAttack, addSearch, type Attacker, noAttacker } from "./attacker.ts";
import { type Judged, requestJudge } from "./judge.ts";
import type { WebAttackKind } from "./sign.ts";

const settings = {
  score: {
    ...{ standard: 0.65, least: 0.65, most: 1, unit: "share" },
    why: "the judge names no sign below; 0.8 leaves out requests that only break customs of the protocol",
  },
  requests: {
    ...{ standard: 50, least: 1, most: 10_000, unit: "count per 6 hours" },
    why: "attacking requests of one client on one server that are named one by one; then their sum, once",
  },
  kinds: {
    ...{ standard: 3, least: 2, most: 11, unit: "count per 6 hours" },
    why: "kinds of attack from one client: who tries three is no accident, whatever each request alone is worth",
  },
  missing: {
    ...{ standard: 60, least: 10, most: 500, unit: "count per 10 minutes" },
    why: "different pages one client was refused, four in five of its requests; a crawler after a move has a tenth",
  },
  clients: {
    ...{ standard: 50_000, least: 1000, most: 1_000_000, unit: "count" },
    why: "clients remembered at once; those silent longest go first",
  },
} as const;
type Values = Readonly<Record<keyof typeof settings, number>>;

/**
 * Attacks on web servers, read from their access logs (ATT&CK T1190, T1595.002, T1595.003, T1505.003).
 *
 * Every request that looks like an attack is named, with its line, until a client has `requests` of them on a server
 * within six hours; then their sum is said once. So `waglan scan --json` has a hit with `line` for each of them. On top,
 * once per client and server in six hours: many kinds, a search for pages that are not there, and what may have come of
 * it: an answer far larger than that page ever gave, or a page nobody had asked for before, got by one who had attacked
 * within the hour. What happens in a body, or in a header of which the log has nothing, is not seen.
 *
 * Measured (test/behaviour-web.test.ts) on 598 requests of OWASP's test collection that are said to show in access logs:
 * 87 are letter for letter harmless lines, 23 more say nothing; of the 488 left 99 % are found. Each of the collection's
 * negatives is a near miss of one of its rules, often an attack of another kind: 6 % are called.
 */
export const webAttack: Behaviour<keyof typeof settings> = {
  id: "web-attack",
  tactics: ["initial-access"],
  attack: ["T1190", "T1595.002", "T1595.003", "T1505.003"],
  settings,
  reads: (fact, own) => (fact.http && fact.event !== "proxy" && !leaves(fact, own) ? "whole" : "nothing"),
  open: (values, around) => new WebWatch(values, around),
};

/** One of ours who browses outside: what leaves is no attack on us. */
const leaves = ({ source, destination }: Fact, own: Networks): boolean =>
  source !== undefined && destination !== undefined && own.between(source.address, destination.address) === "outbound";

/** A client's story with a server ends after so long without an attack. */
const windowMs = 6 * hour;
const searchMs = 10 * minute;
const searchShare = 0.8;
const serversKept = 500;

/** Kinds whose success gives something away or runs something; looking for a secret file is none until it is found. */
const telling: ReadonlySet<WebAttackKind> = new Set([
  "sql",
  "command",
  "file",
  "remote-file",
  "code",
  "template",
  "log4shell",
]);

interface Saved {
  readonly attackers: readonly (readonly [string, Attacker])[];
  readonly servers: readonly (readonly [string, Usual])[];
  readonly forgotten: number;
}

interface Spoken {
  readonly because: readonly Because[];
  readonly problem: RsitType;
  readonly severity: BehaviourHit["severity"];
  readonly certainty: BehaviourHit["certainty"];
  readonly score: number;
  readonly attack: readonly string[];
  readonly first: number;
  readonly evidence: BehaviourHit["evidence"];
}

class WebWatch implements Watch {
  readonly #values: Values;
  readonly #around: Surroundings;
  readonly #judge = requestJudge();
  /** By client and server. */
  readonly #attackers: Lately<Attacker>;
  readonly #servers = new Lately<Usual>(serversKept);

  constructor(values: Values, around: Surroundings) {
    this.#values = values;
    this.#around = around;
    this.#attackers = new Lately(values.clients);
  }

  take(fact: Fact): readonly BehaviourHit[] {
    const { http } = fact;
    if (!http || fact.event === "proxy" || leaves(fact, this.#around.own)) return nothing;
    const client = fact.source?.address ?? "-";
    const server = serverOf(fact);
    const path = http.path ?? "";
    const found = this.#judge(http);
    const judged = found && found.score >= this.#values.score ? found : undefined;
    const good = http.status !== undefined && http.status >= 200 && http.status < 300;
    const refused = http.status !== undefined && http.status >= 400 && http.status < 500;
    const key = `${client} ${server}`;
    const known = this.#attackers.get(key);
    const usual = this.#usual(server, fact.at);
    if (!judged && !refused && !known) {
      if (good) addAnswer(usual, path, http.bytes);
      return nothing;
    }
    const attacker = this.#known(key, known, fact.at);
    const say = (spoken: Spoken): BehaviourHit => hitOf(fact, client, server, spoken);
    const hits: BehaviourHit[] = [];
    const search = addSearch(attacker, path, refused, fact.at, searchMs);
    if (judged) {
      addAttack(attacker, judged, fact);
      hits.push(...this.#attacked(attacker, judged, fact, client, server, good).map(say));
      if (good && judged.score >= 0.85 && telling.has(judged.kind)) {
        attacker.answered = fact.at;
        if (isLarger(usual, path, http.bytes))
          hits.push(...this.#worked(attacker, "web-attack.larger", { source: client, path: shortPath(path) }).map(say));
      }
    } else if (good) {
      if (attacker.answered > fact.at - hour && isNewPath(usual, path, fact.at))
        hits.push(...this.#worked(attacker, "web-attack.new-page", { source: client, path: shortPath(path) }).map(say));
      addAnswer(usual, path, http.bytes);
    }
    if (search.different >= this.#values.missing && search.share >= searchShare && once(attacker, "search"))
      hits.push(
        say({
          because: [{ says: "web-attack.search", with: { count: search.different, source: client, server } }],
          ...{ problem: "scanner", severity: "low", certainty: "likely", score: 0.75, attack: ["T1595.003"] },
          ...{ first: search.since, evidence: [placeOf(fact)] },
        }),
      );
    return hits;
  }

  /** The sum of those who did more than was named one by one, when they have been silent for six hours. */
  pass(now: Instant): readonly BehaviourHit[] {
    const hits: BehaviourHit[] = [];
    for (const [key, attacker] of this.#attackers) {
      if (Math.max(attacker.last, attacker.search.since) > now - windowMs) continue;
      this.#attackers.delete(key);
      if (attacker.count <= this.#values.requests) continue;
      const [client = "", server = ""] = key.split(" ");
      hits.push({
        ...{ behaviour: webAttack.id, time: now, first: instant(attacker.since), last: instant(attacker.last) },
        ...{ entities: entitiesOf(client, server), problem: { type: "exploit", about: "" }, attack: ["T1190"] },
        ...{ severity: "medium", certainty: "likely", score: 0.9 },
        because: [
          { says: "web-attack.sum", with: { count: attacker.count, source: client, server } },
          ...kindsOf(attacker),
        ],
        evidence: [...attacker.evidence],
      });
    }
    return hits;
  }

  save(): Saved {
    return { attackers: [...this.#attackers], servers: [...this.#servers], forgotten: this.forgotten() };
  }

  restore(saved: unknown): void {
    const { attackers, servers, forgotten } = structuredClone(saved as Saved);
    this.#attackers.restore(attackers, forgotten);
    this.#servers.restore(
      servers.map(([server, usual]) => [server, { ...usual, paths: Object.assign(Object.create(null), usual.paths) }]),
      0,
    );
  }

  forgotten(): number {
    return this.#attackers.forgotten + this.#servers.forgotten;
  }

  #known(key: string, known: Attacker | undefined, at: number): Attacker {
    const over = known !== undefined && known.count > 0 && known.last <= at - windowMs;
    const attacker = known === undefined || over ? noAttacker() : known;
    this.#attackers.set(key, attacker);
    return attacker;
  }

  /** Which server is forgotten goes by when it was first seen. */
  #usual(server: string, at: number): Usual {
    const known = this.#servers.get(server);
    if (known) return known;
    const usual = nothingUsual(at);
    this.#servers.add(server, usual);
    return usual;
  }

  #attacked(
    attacker: Attacker,
    judged: Judged,
    fact: Fact,
    client: string,
    server: string,
    good: boolean,
  ): readonly Spoken[] {
    const spoken: Spoken[] = [];
    const probe = judged.kind === "secret-file" || judged.kind === "scanner";
    if (attacker.count <= this.#values.requests)
      spoken.push({
        because: [
          { says: `web-attack.${judged.kind}`, with: { source: client, server, shown: defanged(judged.shown) } },
        ],
        problem: probe ? "scanner" : "exploit",
        severity: good && judged.score >= 0.85 && telling.has(judged.kind) ? "medium" : "low",
        certainty: judged.score >= 0.8 ? "likely" : "possible",
        score: judged.score,
        attack: [judged.kind === "secret-file" ? "T1595.003" : probe ? "T1595.002" : "T1190"],
        ...{ first: fact.time, evidence: [placeOf(fact)] },
      });
    if (Object.keys(attacker.kinds).length >= this.#values.kinds && once(attacker, "kinds"))
      spoken.push({
        because: [
          { says: "web-attack.many", with: { count: attacker.count, source: client, server } },
          ...kindsOf(attacker),
        ],
        ...{
          problem: "exploit",
          severity: "medium",
          certainty: "almost-certain",
          score: 0.95,
          attack: ["T1190", "T1595.002"],
        },
        ...{ first: attacker.since, evidence: [...attacker.evidence] },
      });
    if (attacker.count === this.#values.requests + 1)
      spoken.push({
        because: [
          { says: "web-attack.more", with: { count: this.#values.requests, source: client, server } },
          ...kindsOf(attacker),
        ],
        ...{ problem: "exploit", severity: "medium", certainty: "likely", score: 0.9, attack: ["T1190"] },
        ...{ first: attacker.since, evidence: [...attacker.evidence] },
      });
    return spoken;
  }

  /** It may have worked. */
  #worked(attacker: Attacker, says: Says, said: Because["with"]): readonly Spoken[] {
    if (!once(attacker, says)) return [];
    return [
      {
        because: [{ says, with: said }, ...kindsOf(attacker)],
        ...{ problem: "application-compromise", severity: "high", certainty: "possible", score: 0.9 },
        attack: says === "web-attack.new-page" ? ["T1190", "T1505.003"] : ["T1190"],
        ...{ first: attacker.since, evidence: [...attacker.evidence] },
      },
    ];
  }
}

const once = ({ said }: Attacker, what: string): boolean => {
  if (said[what]) return false;
  said[what] = true;
  return true;
};

const kindsOf = ({ kinds }: Attacker): readonly Because[] =>
  Object.entries(kinds)
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, 5)
    .map(([kind, count]) => ({ says: `web-attack.of-${kind as WebAttackKind}`, with: { count } }));

/** The machine that served it, or by what it was called, or whose log it is. */
const serverOf = ({ host, destination, name, sensor }: Fact): string =>
  (host ?? destination?.address ?? name ?? sensor).replaceAll(" ", "_");

const hitOf = (fact: Fact, client: string, server: string, { problem, first, ...spoken }: Spoken): BehaviourHit => ({
  ...{ behaviour: webAttack.id, time: fact.at, first: instant(first), last: fact.at },
  entities: entitiesOf(client, server),
  problem: { type: problem, about: "" },
  ...spoken,
});

/** A log that names no machine names no server: its file is none. */
const entitiesOf = (client: string, server: string): readonly Entity[] => [
  ...(/[/\\]/.test(server)
    ? []
    : [{ kind: isAddress(server) ? ("address" as const) : ("host" as const), value: server.toLowerCase() }]),
  ...(client === "-" ? [] : [{ kind: "address" as const, value: client }]),
];

const isAddress = (text: string): boolean => /^\d{1,3}(?:\.\d{1,3}){3}$|^[0-9a-f:]*:[0-9a-f:.]*$/.test(text);

/** So that nobody follows it. */
const defanged = (text: string): string => text.replaceAll("://", "[:]//");
const shortPath = (path: string): string => defanged(path.replace(/[\u0000-\u001f\u007f]/g, " ").slice(0, 120));
