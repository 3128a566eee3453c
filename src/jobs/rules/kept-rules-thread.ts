import { parentPort, workerData } from "node:worker_threads";
import { loadPack } from "#detect/sigma/packs.ts";
import { KeptRules } from "./kept-rules.ts";
import type { KeptAsk, KeptReply, KeptThreadData } from "./kept-rules-messages.ts";
import { fromBytes, toBytes } from "./saved-past.ts";
import { openRules } from "#jobs/scan/rules.ts";
import { textsOfRules } from "#detect/sigma/rule-texts.ts";
import { formats } from "#telemetry/index.ts";

/** A thread that asks rules of kept records: compiling thousands and reading millions takes no time from who serves. */
const { texts, decisions, wanted, networks, homes, bounds, packed, saved: given } = workerData as KeptThreadData;
const packs = texts.map(({ name, files }) => loadPack(name, files));
const own = new Map(networks);
const only = wanted === undefined ? undefined : new Set(wanted);
const opened = openRules(packs, { decisions });
const saved = packed === undefined ? given : fromBytes(packed);
const home = homes && new Map(homes);
const rules = new KeptRules(opened, (sensor) => own.get(sensor) ?? [], only && ((rule) => only.has(rule)), {
  ...(saved === undefined ? {} : { saved }),
  ...(bounds === undefined ? {} : { bounds }),
  ...(home === undefined ? {} : { home: (organisation) => home.get(organisation) ?? [] }),
});

const asked = rules.formats();
const narrow = formats.filter(({ id, rules: view }) => view?.verbatim === true && asked.includes(id));
const found = narrow.length === 0 ? undefined : textsOfRules(opened.set.rules);
const ready: KeptReply = {
  ready: {
    ...{ formats: asked, rules: opened.set.rules.length, unseen: rules.unseen() },
    ...(found === undefined ? {} : { holding: { formats: narrow.map(({ id }) => id), texts: found } }),
  },
};
parentPort?.postMessage(ready);

parentPort?.on("message", ({ rows, last, saves }: KeptAsk) => {
  let reply: KeptReply;
  try {
    const page = rules.read(rows, last, undefined, saves === undefined);
    const known = saves === "bytes" ? rules.save() : undefined;
    reply = { page: { ...page, ...(known === undefined ? {} : { packed: toBytes(known) }) } };
  } catch (error) {
    reply = { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  parentPort?.postMessage(reply);
});
