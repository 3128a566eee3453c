import type { Directory } from "#community/directory.ts";
import { after, type Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { observableKey, type Observable } from "#core/observable.ts";
import { observableOf } from "#core/recognise.ts";
import { no, ok, type Problem, type Result } from "#core/result.ts";
import type { RsitType } from "#core/rsit.ts";
import type { DecayRule } from "#intel/decay.ts";
import { claimsInForce } from "#intel/force.ts";
import { indicatorDigest, uuidOf } from "#intel/indicator.ts";
import type { LiveClaim } from "#intel/ports.ts";
import type { Known } from "#jobs/community/directory-memory.ts";
import type { State } from "#jobs/ports.ts";
import { typeOf } from "./intelmq-event.ts";
import type { FindingInPeriod, KnownOfValue } from "./port.ts";
import { dumpRecords, dumpTime } from "./records.ts";

/** One notification the other system sent. */
export interface Notification {
  readonly at: Instant;
  /** As the other system names whom it told. */
  readonly recipient: string;
  readonly organisation: string;
  readonly asset: string;
  readonly type: RsitType;
  readonly count: number;
}

export const verdicts = ["both", "only-them", "only-us"] as const;
/** Why one side alone tells somebody. */
export type CompareReason =
  | "no-asset-registered"
  | "different-owner"
  | "hidden-by-tlp"
  | "excluded"
  | "below-alerts-at"
  | "told-as-another-problem"
  | "nothing-known-here"
  | "not-matched"
  | "no-asset-named"
  | "recipient-unknown"
  | "they-did-not-tell";

/** One organisation and kind of problem, as both systems see it. */
export interface Comparison {
  /** Its key here; of a recipient nobody here knows, as the other system names it. */
  readonly organisation: string;
  readonly type: RsitType;
  readonly verdict: (typeof verdicts)[number];
  /** Notifications, events in them, and different assets. */
  readonly theirs: { readonly notifications: number; readonly events: number; readonly assets: number };
  /** `told`: mail went out in the period. `shadow`: findings that only staff sees, by why. */
  readonly ours: {
    readonly findings: number;
    readonly told: number;
    readonly shadow: Readonly<Record<string, number>>;
    readonly hits: number;
  };
  /** Their assets that we say nothing of, or that is all ours alone, by reason. */
  readonly reasons: Readonly<Partial<Record<CompareReason, number>>>;
}

export interface Compared {
  readonly since: Instant;
  readonly until: Instant;
  readonly rows: readonly Comparison[];
  /** Notifications read, those outside the period, and those that could not be read. */
  readonly read: { readonly taken: number; readonly outside: number; readonly refused: number };
}

/** Names of columns, best first: mailgen's directives, IntelMQ's events, and a table somebody wrote by hand. */
const columns = {
  at: ["time", "sent_at", "inserted_at", "date", "time.observation"],
  recipient: ["recipient", "recipient_address", "email", "to", "contact"],
  organisation: ["organisation", "organization", "org"],
  asset: [
    "asset",
    "source.ip",
    "ip",
    "source.fqdn",
    "fqdn",
    "host",
    "domain",
    "source.url",
    "source.network",
    "network",
  ],
  type: ["classification", "classification.type", "type", "problem", "category"],
  count: ["count", "events", "number"],
} as const;

/** @returns WGL_MOVE_ROW with the field that cannot be used */
export const readNotification = (fields: ReadonlyMap<string, string>): Result<Notification> => {
  const text = (names: readonly string[]): string => {
    for (const name of names) {
      const value = fields.get(name)?.trim();
      if (value !== undefined && value !== "") return value;
    }
    return "";
  };
  const wrong = (field: keyof typeof columns, value: string, wanted: string): Result<never> =>
    no("WGL_MOVE_ROW", { field: columns[field][0] ?? field, value, wanted });
  const time = dumpTime(text(columns.at));
  if (time.seenAt === undefined) return wrong("at", text(columns.at), "a time");
  const word = text(columns.type).toLowerCase();
  const type = word === "" ? undefined : typeOf(word);
  if (type === undefined) return wrong("type", word, "a type of IntelMQ or RSIT");
  const [recipient, organisation] = [text(columns.recipient), text(columns.organisation)];
  if (recipient === "" && organisation === "") return wrong("recipient", "", "an address or organisation");
  const count = text(columns.count) === "" ? "1" : text(columns.count);
  if (!/^\d{1,9}$/.test(count)) return wrong("count", count, "a whole number");
  return ok({ at: time.seenAt, recipient, organisation, asset: text(columns.asset), type, count: Number(count) });
};

export interface Comparing {
  readonly state: State;
  readonly known: Known;
  readonly secret: string;
  readonly decay: DecayRule;
  readonly now: () => Instant;
}

/**
 * What another system told in a period beside what we told, or would have told: shadow is counted in, and nothing is sent
 * or changed. Without a period, from its first notification to its last.
 */
export const compareNotifications = async (
  comparing: Comparing,
  chunks: AsyncIterable<Uint8Array>,
  period: { readonly since?: Instant; readonly until?: Instant },
  told: (problem: Problem) => void,
): Promise<Compared> => {
  const all: Notification[] = [];
  let refused = 0;
  for await (const { line, fields } of dumpRecords(chunks)) {
    const read = fields.ok ? readNotification(fields.value) : fields;
    if (read.ok) all.push(read.value);
    else {
      refused++;
      told({ ...read.problem, at: `row ${line}` });
    }
  }
  const times = all.map(({ at }) => at);
  const since = period.since ?? times.reduce((a, b) => (b < a ? b : a), comparing.now());
  const last = times.reduce((a, b) => (b > a ? b : a), since);
  const until = period.until ?? after(last, 1);
  const within = all.filter(({ at }) => at >= since && at < until);
  const rows = await comparing.state.act(async (tx) => {
    const findings = await tx.moveIn.findings(since, until);
    const values = new Map<string, { readonly value: string; readonly indicator: string }>();
    for (const { asset } of within) {
      const read = observableOf(asset);
      if (!read.ok) continue;
      const indicator = uuidOf(indicatorDigest(comparing.secret, read.value));
      values.set(observableKey(read.value), { value: read.value.value, indicator });
    }
    const asked = [...values.values()];
    const [knowledge, claims] =
      asked.length === 0
        ? [[], []]
        : [
            await tx.moveIn.knownOf(asked, since, until),
            await tx.intel.liveClaims(
              asked.map(({ indicator }) => indicator),
              until,
            ),
          ];
    return compared(comparing, within, findings, {
      knowledge: Map.groupBy(knowledge, ({ value }) => value),
      claims: Map.groupBy(claims, ({ indicator }) => indicator),
      until,
    });
  });
  return { since, until, rows, read: { taken: within.length, outside: all.length - within.length, refused } };
};

interface Beside {
  readonly knowledge: ReadonlyMap<string, readonly KnownOfValue[]>;
  /** By indicator. */
  readonly claims: ReadonlyMap<string, readonly LiveClaim[]>;
  readonly until: Instant;
}

const compared = (
  comparing: Comparing,
  theirs: readonly Notification[],
  ours: readonly FindingInPeriod[],
  beside: Beside,
): readonly Comparison[] => {
  const { known } = comparing;
  const recipients = recipientsOf(known.directory);
  const groups = new Map<string, { notifications: Notification[]; findings: FindingInPeriod[]; unknown: boolean }>();
  const group = (organisation: string, type: RsitType, unknown: boolean) => {
    const key = `${organisation}\0${type}`;
    const found = groups.get(key) ?? { notifications: [], findings: [], unknown };
    groups.set(key, found);
    return found;
  };
  for (const one of theirs) {
    const named = recipients(one, known);
    if (named.length === 0) group(one.organisation || one.recipient, one.type, true).notifications.push(one);
    for (const organisation of named) group(organisation, one.type, false).notifications.push(one);
  }
  for (const one of ours) group(one.organisation, one.type, false).findings.push(one);
  return [...groups]
    .map(([key, { notifications, findings, unknown }]): Comparison => {
      const [organisation = "", type = ""] = key.split("\0");
      const id = organisation as OrganisationId;
      const shadow: Record<string, number> = {};
      for (const one of findings) if (one.shadow !== undefined) shadow[one.shadow] = (shadow[one.shadow] ?? 0) + 1;
      const assets = new Map(notifications.map((one) => [one.asset, one]));
      const verdict = notifications.length === 0 ? "only-us" : findings.length === 0 ? "only-them" : "both";
      const reasons: Partial<Record<CompareReason, number>> = {};
      const because = (reason: CompareReason): void => {
        reasons[reason] = (reasons[reason] ?? 0) + 1;
      };
      if (verdict === "only-us") because("they-did-not-tell");
      else if (unknown) for (const _asset of assets) because("recipient-unknown");
      else
        for (const one of assets.values())
          if (!speaksOf(findings, one.asset)) because(reasonFor(comparing, one, id, ours, beside));
      return {
        organisation: unknown ? organisation : (known.organisation(id)?.key ?? organisation),
        type: type as RsitType,
        verdict,
        theirs: {
          notifications: notifications.length,
          events: notifications.reduce((sum, { count }) => sum + count, 0),
          assets: [...assets.keys()].filter((asset) => asset !== "").length,
        },
        ours: {
          findings: findings.length,
          told: findings.filter((one) => one.told).length,
          shadow,
          hits: findings.reduce((sum, { hits }) => sum + hits, 0),
        },
        reasons,
      };
    })
    .toSorted((a, b) =>
      a.organisation < b.organisation ? -1 : a.organisation > b.organisation ? 1 : a.type < b.type ? -1 : 1,
    );
};

/** Whom a notification is for: an organisation by its key or name, else those the address's person acts for. */
const recipientsOf = (directory: Directory): ((one: Notification, known: Known) => readonly OrganisationId[]) => {
  const byName = new Map<string, OrganisationId>();
  for (const one of directory.organisations)
    for (const name of [one.id, one.key, ...Object.values(one.names)]) byName.set(name.toLowerCase(), one.id);
  const byAddress = new Map<string, readonly OrganisationId[]>();
  for (const person of directory.people)
    for (const channel of person.channels)
      if (channel.kind === "email")
        byAddress.set(channel.address.toLowerCase(), [
          ...(byAddress.get(channel.address.toLowerCase()) ?? []),
          ...person.organisations.map(({ organisation }) => organisation),
        ]);
  return (one, known) => {
    const named = byName.get(one.organisation.toLowerCase());
    if (named !== undefined) return [named];
    const posts = [...new Set(byAddress.get(one.recipient.toLowerCase()) ?? [])];
    if (posts.length < 2) return posts;
    // somebody who acts for several was told for the one whose asset it is
    const value = observableOf(one.asset);
    const owners = value.ok ? known.assets.owners(value.value, one.at).map(({ organisation }) => organisation) : [];
    const owning = posts.filter((post) => owners.includes(post));
    return owning.length > 0 ? owning : posts;
  };
};

const speaksOf = (findings: readonly FindingInPeriod[], asset: string): boolean => {
  if (asset === "") return findings.length > 0;
  const read = observableOf(asset);
  const value = read.ok ? read.value.value : asset;
  return findings.some((one) => one.asset === value || one.values.includes(value));
};

const reasonFor = (
  { known, secret, decay }: Comparing,
  one: Notification,
  organisation: OrganisationId,
  ours: readonly FindingInPeriod[],
  { knowledge, claims, until }: Beside,
): CompareReason => {
  const read = one.asset === "" ? undefined : observableOf(one.asset);
  if (read?.ok !== true) return "no-asset-named";
  const observable: Observable = read.value;
  const owners = known.assets.owners(observable, one.at);
  if (owners.length === 0) return "no-asset-registered";
  if (!owners.some((owner) => owner.organisation === organisation)) return "different-owner";
  const own = ours.filter((finding) => finding.organisation === organisation);
  if (speaksOf(own, one.asset)) return "told-as-another-problem";
  const here = knowledge.get(observable.value) ?? [];
  if (here.length === 0) return "nothing-known-here";
  if (here.every(({ judged }) => judged)) return "excluded";
  if (here.every(({ tlp }) => tlp === "red" || tlp === "amber+strict")) return "hidden-by-tlp";
  const living = claims.get(uuidOf(indicatorDigest(secret, observable))) ?? [];
  const shown = ({ tlp }: LiveClaim): boolean => tlp !== "red" && tlp !== "amber+strict";
  if (living.length > 0 && claimsInForce(living, shown, decay, until).length === 0) return "below-alerts-at";
  return "not-matched";
};
