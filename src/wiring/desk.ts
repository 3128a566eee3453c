import { randomBytes } from "node:crypto";
import type { Changed, Desk } from "#jobs/acts/desk.ts";
import { collect } from "#jobs/collect/collect.ts";
import { collectFeed } from "#jobs/collect/feed.ts";
import type { Loops } from "#jobs/loops.ts";
import { keepDefaults } from "#jobs/history/prune.ts";
import { indicatorId } from "#intel/indicator.ts";
import { openAddressData } from "#store/address-data.ts";
import { newsSince, type NewsPlace } from "#store/news.ts";
import { packageVersion } from "#wiring/version.ts";
import type { Waglan } from "#wiring/waglan.ts";
import { sampleAccounts } from "#sample/accounts.ts";

/** Milliseconds between looks for news while somebody watches. */
const newsEveryMs = 1000;

/** What HTTP's acts stand on, over one waglan and its loops. */
export const deskOf = (waglan: Waglan, loops: Loops): Desk => {
  const { config, front: state, views, accounts, directory, history, idOf, now } = waglan;
  return {
    ...{ state, views, accounts, directory, idOf, now },
    sources: () => waglan.sources,
    exclusions: () => waglan.exclusions.known,
    ruleTitle: waglan.rules.titleOf,
    ruleTrouble: () => waglan.rules.trouble,
    rules: waglan.rules,
    listed: {
      indicatorId: (observable) => indicatorId(waglan.secrets.id, observable),
      index: () => (waglan.memory.built ? waglan.memory.index : undefined),
      origin: openAddressData(),
    },
    decay: config.decay,
    kept: keepDefaults(config.keep),
    collectNow: async (feed, options) => {
      const source = waglan.sources.find((one) => one.feed.id === feed);
      if (source)
        void collectFeed(waglan.collecting, source, options).then(
          () => {
            loops.wake("index");
            loops.wake("join");
          },
          () => loops.wake("collect"),
        );
    },
    collectPieces: async (feed, pieces, file, committing, options = {}) => {
      const { secret, policy, elapsed } = waglan.collecting;
      const at = now();
      const turn = await collect(
        { ...{ state, secret, elapsed, committing }, policy: policy(at), shadow: true, now: at, ...options },
        feed,
        pieces,
        file,
      );
      loops.wake("index");
      loops.wake("join");
      return turn;
    },
    policy: () => waglan.collecting.policy(now()),
    sensors: {
      ...{ secret: waglan.secrets.id, rules: () => waglan.rules, version: packageVersion() },
      exclusions: () => waglan.exclusions.known,
      exclusionsNamed: () => waglan.exclusions.name,
      exclusionLists: () => waglan.exclusions.inForce,
    },
    history: { on: () => history.kind !== "off" && history.reason() === "", says: () => history.reason() },
    light: () => ({
      collecting: loops.well("collect") && loops.well("directory"),
      matching: loops.well("match") && loops.well("index"),
      alerting: loops.well("alert") && loops.well("deliver"),
    }),
    ...(config.sample ? { sample: sampleAccounts.map(({ name, password, who }) => ({ name, password, who })) } : {}),
    checks: async () => [
      { name: "state", ok: await answers(waglan) },
      { name: "history", ok: history.kind === "off" || (await history.ready().catch(() => false)) },
      { name: "loops", ok: ["match", "alert", "deliver", "collect"].every((name) => loops.well(name)) },
    ],
    portal: waglan.alerting.portal,
    ...(waglan.alerting.phone === undefined ? {} : { phone: waglan.alerting.phone }),
    answerKey: waglan.alerting.answerKey,
    random: randomBytes,
    batchesAtMost: config.telemetry.waiting,
    woke: (loop) => loops.wake(loop),
    changes: { subscribe: newsOf(waglan) },
  };
};

const answers = async (waglan: Waglan): Promise<boolean> => {
  try {
    await waglan.database.sql`select 1`;
    return true;
  } catch {
    return false;
  }
};

/** One look a second at what changed, shared by all who watch, and none while nobody does. */
const newsOf = (waglan: Waglan): Desk["changes"]["subscribe"] => {
  const listeners = new Set<(change: Changed) => void>();
  let place: NewsPlace | undefined;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    try {
      const found = await newsSince(waglan.database.sql, place);
      place = found.place;
      for (const one of found.news) for (const listener of listeners) listener(one);
    } catch {
      // the store is away: pages are told by their own calls
    }
    timer = listeners.size > 0 ? setTimeout(() => void look(), newsEveryMs) : undefined;
  };
  return (listener) => {
    listeners.add(listener);
    if (timer === undefined) {
      place = undefined;
      timer = setTimeout(() => void look(), 0);
    }
    return () => {
      listeners.delete(listener);
    };
  };
};
