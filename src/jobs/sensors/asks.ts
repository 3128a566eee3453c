import { hash } from "node:crypto";
import type { Recipient } from "#community/recipient.ts";
import { release } from "#community/release.ts";
import type { Sensor } from "#community/sensor.ts";
import type { Instant } from "#core/instant.ts";
import type { Tlp } from "#core/marking.ts";
import { type Observable, observableKey } from "#core/observable.ts";
import { type Problem, problem } from "#core/result.ts";
import { parcelChecks } from "./check-parcel.ts";
import type { Known } from "#jobs/community/directory-memory.ts";
import { isOver, resultsAtMost, textAtMost } from "#jobs/hunt/state.ts";
import type { Hunt, HuntProgress, HuntResult } from "#jobs/hunt/port.ts";
import type { ParcelAnswer } from "./parcel.ts";
import type { State, Tx } from "#jobs/ports.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import type { SensorAsked } from "./port.ts";
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
  hunt: Hunt,
  tlp: Tlp,
  now: Instant,
): Promise<readonly string[]> => {
  const may = known.directory.sensors.filter(({ organisation }) => {
    if (hunt.organisation !== undefined && hunt.organisation !== organisation) return false;
    const recipient = recipientOf(known, organisation);
    return recipient !== undefined && releaseAsk(known, { ...hunt, tlp }, recipient, now) !== undefined;
  });
  return state.act((tx) => tx.sensors.running(may.map(({ id }) => id)));
};

type Asking = Hunt & { readonly tlp: Tlp };

/** The ask as this organisation may have it; people's addresses stay here where it takes none. */
const releaseAsk = (known: Known, hunt: Asking, recipient: Recipient, now: Instant): SensorAsk | undefined => {
  const [mails, others] = [
    hunt.values.filter(({ kind }) => kind === "email"),
    hunt.values.filter(({ kind }) => kind !== "email"),
  ];
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
        ...{ mails: "personal", pattern: mails.length > 0 ? "personal" : "may" },
      } as const,
    },
  );
  if (!outcome.ok) return undefined;
  const { id, purpose, by, from, to, others: values, mails: persons = [], pattern = "" } = outcome.released.value;
  const observables = [...values, ...persons];
  if (observables.length === 0) return undefined;
  return { id, purpose, by, from, to, what: { observables, ...(pattern === "" ? {} : { pattern }) } };
};

/** What is open for a sensor. Handed over for the first time, it stands in the ledger and the evidence. */
export const giveAsks = (state: State, known: Known, sensor: Sensor, now: Instant): Promise<SensorAsks> =>
  state.act(async (tx) => {
    const recipient = recipientOf(known, sensor.organisation);
    const { open, cancelled } = await tx.sensors.asks(sensor.id, asksAtOnce);
    const asks: SensorAsk[] = [];
    for (const hunt of open) {
      const ask = recipient && releaseAsk(known, hunt, recipient, now);
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
  const count = ask.what.observables.length;
  const query = `/api/v1/sensor/asks?sensor=${sensor.key}&ask=${ask.id}`;
  await tx.ledger.write({
    ...{ party: sensor.organisation, query, after: "0", upTo: "0", contentHash, count, at: now },
  });
  await tx.evidence.leaf({
    ...{ kind: "release", subject: `sensor ${sensor.key}`, at: now },
    data: { party: sensor.organisation, query, count, contentHash, purpose: ask.purpose },
  });
};

/**
 * A page of an answer: its sightings stand beside those of the server's own hunts. A page that came before changes nothing;
 * what came after the hunt was called off is not kept.
 *
 * @returns problems WGL_PARCEL_ASK, WGL_PARCEL_ORDER, and of sightings that are refused WGL_PARCEL_MEETS as well
 */
export const takeAnswer = async (
  tx: Tx,
  sensor: Sensor,
  answer: ParcelAnswer,
  secret: string,
  now: Instant,
): Promise<readonly Problem[]> => {
  const asked = await tx.sensors.asked(answer.ask, sensor.id);
  const hunt = asked && (await tx.hunts.hunt(answer.ask));
  if (asked === undefined || hunt === undefined) return [problem("WGL_PARCEL_ASK", { ask: answer.ask })];
  if (isOver(hunt) || asked.done || answer.page <= asked.page) return [];
  if (answer.page > asked.page + 1 || answer.count < asked.count + answer.matches.length)
    return [problem("WGL_PARCEL_ORDER", { ask: answer.ask, page: answer.page, had: asked.page })];
  const { matches, refused } = checked(hunt, sensor, answer, secret);
  const results = matches.slice(0, Math.max(0, resultsAtMost - hunt.read)).map(
    (match): HuntResult => ({
      ...{ organisation: sensor.organisation, sensor: sensor.id, time: match.time, hunted: match.indicator },
      ...{ seen: match.seen, where: match.where, direction: match.direction, weight: match.weight },
      ...(match.own === undefined ? {} : { own: match.own }),
      text: match.text.slice(0, textAtMost),
    }),
  );
  await tx.hunts.addResults(hunt.id, hunt.read + 1, results);
  const { problem: why, first, last } = answer;
  const after: SensorAsked = {
    ...asked,
    ...{
      page: answer.page,
      count: answer.count,
      days: answer.days,
      done: answer.done || why !== undefined,
      answered: now,
    },
    ...(first === undefined ? {} : { first }),
    ...(last === undefined ? {} : { last }),
    ...(why === undefined ? {} : { problem: why }),
  };
  await tx.sensors.saveAsked(hunt.id, after);
  await settle(tx, { ...hunt, read: hunt.read + results.length }, now);
  return refused;
};

/** Of an ask for values, sightings of these values within the time that was asked for. */
const checked = (hunt: HuntProgress, sensor: Sensor, { matches }: ParcelAnswer, secret: string) => {
  const wanted = new Set(hunt.values.map((one: Observable) => observableKey(one)));
  const checks = parcelChecks(
    sensor,
    matches.map(({ indicator }) => indicator),
    secret,
    () => undefined,
  );
  const refused: Problem[] = [];
  const good = matches.flatMap((match) => {
    const read = checks.match(match);
    const asked = wanted.has(observableKey(match.indicator)) && match.time >= hunt.from && match.time < hunt.to;
    if (read.ok && asked) return [read.value];
    refused.push(
      read.ok ? problem("WGL_PARCEL_ASK", { ask: `${match.indicator.kind}:${match.indicator.value}` }) : read.problem,
    );
    return [];
  });
  return { matches: good, refused };
};

/** How far the hunt is, all its sensors together. */
const settle = async (tx: Tx, hunt: HuntProgress, now: Instant): Promise<void> => {
  const all = await tx.sensors.allAsked(hunt.id);
  const found = all.reduce((sum, { count }) => sum + count, 0);
  const done = all.every((one) => one.done);
  const failed = done && all.every((one) => one.problem !== undefined);
  await tx.hunts.save({
    ...{ ...hunt, found, cut: found > hunt.read },
    ...(done ? { state: failed ? ("failed" as const) : ("done" as const), ended: now } : { state: "running" as const }),
    ...(failed ? { problem: problem("WGL_HUNT_UNANSWERED") } : {}),
  });
};
