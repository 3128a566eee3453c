import { hash } from "node:crypto";
import type { Recipient } from "#community/recipient.ts";
import { release } from "#community/release.ts";
import type { Sensor } from "#community/sensor.ts";
import type { Instant } from "#core/instant.ts";
import type { Tlp } from "#core/marking.ts";
import { problem } from "#core/result.ts";
import { settle } from "./answers.ts";
import { releasedAskRules } from "./ask-rules.ts";
import type { Known } from "#jobs/community/directory-memory.ts";
import { asksOfMail } from "#jobs/hunt/pattern-wanted.ts";
import type { Hunt } from "#jobs/hunt/port.ts";
import type { State, Tx } from "#jobs/ports.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import type { RulesToGive } from "./rules.ts";
import type { SensorAsk, SensorAsks } from "./wire.ts";
import { nameIn } from "#words/language.ts";

/** Asks handed to a sensor at once; the others come when these are answered. */
const asksAtOnce = 20;

/**
 * The sensors of its organisation, or of all, that a hunt can be handed to: those that run, and whose organisation may have
 * what is hunted under `tlp`. The hunt is then asked by `askHunt`, and handed over by `tx.sensors.ask` in its transaction.
 */
export const sensorsToAsk = async (
  state: State,
  known: Known,
  rules: RulesToGive,
  hunt: Hunt,
  tlp: Tlp,
  now: Instant,
): Promise<readonly string[]> => {
  const may = known.directory.sensors.filter(({ organisation }) => {
    if (hunt.organisation !== undefined && hunt.organisation !== organisation) return false;
    const recipient = recipientOf(known, organisation);
    return recipient !== undefined && releaseAsk(known, rules, { ...hunt, tlp }, recipient, now) !== undefined;
  });
  return state.act((tx) => tx.sensors.running(may.map(({ id }) => id)));
};

type Asking = Hunt & { readonly tlp: Tlp };

/** The ask as this organisation may have it; people's addresses stay here where it takes none. */
const releaseAsk = (
  known: Known,
  given: RulesToGive,
  hunt: Asking,
  recipient: Recipient,
  now: Instant,
): SensorAsk | undefined => {
  const rules = hunt.rule && releasedAskRules(hunt.rule, hunt.tlp, given, recipient, now);
  if (hunt.rule !== undefined && rules === undefined) return undefined;
  const [mails, others] = [
    hunt.values.filter(({ kind }) => kind === "email"),
    hunt.values.filter(({ kind }) => kind !== "email"),
  ];
  const asked = hunt.rule === undefined && hunt.patterned !== undefined ? (hunt.pattern ?? "") : undefined;
  const own = !hunt.ofStaff && hunt.organisation === recipient.party;
  const { community } = known.directory;
  const outcome = release(
    {
      marking: { tlp: hunt.tlp, pap: "clear", licence: "own", ...(own ? { owner: hunt.organisation } : {}) },
      released: true,
      fields: {
        ...{ id: hunt.id, purpose: hunt.purpose, by: own ? hunt.who : nameIn(community.names, "en") },
        ...{ from: hunt.from, to: hunt.to, others, mails, pattern: hunt.pattern ?? "" },
      },
    },
    recipient,
    {
      ...{ now, purpose: "detection", local: {}, anonymous: "" },
      fields: {
        ...{ id: "must", purpose: "must", by: "must", from: "must", to: "must", others: "must" },
        ...{ mails: "personal", pattern: isPersonal(hunt, mails.length) ? "personal" : "may" },
      } as const,
    },
  );
  if (!outcome.ok) return undefined;
  const { id, purpose, by, from, to, others: values, mails: persons = [], pattern = "" } = outcome.released.value;
  const observables = [...values, ...persons];
  if (asked !== undefined)
    return pattern === "" ? undefined : { id, purpose, by, from, to, what: { observables: [], records: { pattern } } };
  if (rules !== undefined) return { id, purpose, by, from, to, what: { observables: [], rules } };
  if (observables.length === 0) return undefined;
  return { id, purpose, by, from, to, what: { observables, ...(pattern === "" ? {} : { pattern }) } };
};

/** Whether it names people: an address, or in a pattern of records anything of mail. */
const isPersonal = ({ pattern, patterned }: Asking, mails: number): boolean =>
  mails > 0 || (patterned !== undefined && pattern !== undefined && asksOfMail(pattern));

/** What is open for a sensor. Handed over for the first time, it stands in the ledger and the evidence. */
export const giveAsks = (
  state: State,
  known: Known,
  rules: RulesToGive,
  sensor: Sensor,
  now: Instant,
): Promise<SensorAsks> =>
  state.act(async (tx) => {
    const recipient = recipientOf(known, sensor.organisation);
    const { open, cancelled } = await tx.sensors.asks(sensor.id, asksAtOnce);
    const asks: SensorAsk[] = [];
    for (const hunt of open) {
      const ask = recipient && releaseAsk(known, rules, hunt, recipient, now);
      if (ask === undefined) {
        await withhold(tx, hunt.id, sensor, now);
        continue;
      }
      asks.push(ask);
      if (hunt.given === undefined) await enter(tx, sensor, ask, now);
    }
    await tx.sensors.given(
      sensor.id,
      asks.map(({ id }) => id),
      now,
    );
    return { asks, cancelled };
  });

/** Its organisation's terms are narrower than when it was asked: the hunt does not wait for it. */
const withhold = async (tx: Tx, hunt: string, sensor: Sensor, now: Instant): Promise<void> => {
  const asked = await tx.sensors.asked(hunt, sensor.id);
  const progress = await tx.hunts.hunt(hunt);
  if (asked === undefined || progress === undefined) return;
  const { code, message } = problem("WGL_HUNT_WITHHELD");
  await tx.sensors.saveAsked(hunt, { ...asked, done: true, answered: now, problem: { code, message } });
  await settle(tx, progress, now);
};

const enter = async (tx: Tx, sensor: Sensor, ask: SensorAsk, now: Instant): Promise<void> => {
  const contentHash = hash("sha256", JSON.stringify(ask), "hex");
  const count = ask.what.records ? 1 : (ask.what.rules?.wanted.length ?? ask.what.observables.length);
  const query = `/api/v1/sensor/asks?sensor=${sensor.key}&ask=${ask.id}`;
  await tx.ledger.write({
    ...{ party: sensor.organisation, query, after: "0", upTo: "0", contentHash, count, at: now },
  });
  await tx.evidence.leaf({
    ...{ kind: "release", subject: `sensor ${sensor.key}`, at: now },
    data: { party: sensor.organisation, query, count, contentHash, purpose: ask.purpose },
  });
};
