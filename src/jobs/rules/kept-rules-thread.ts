import { parentPort, workerData } from "node:worker_threads";
import { loadPack } from "#detect/sigma/packs.ts";
import { KeptRules } from "./kept-rules.ts";
import type { KeptAsk, KeptReply, KeptThreadData } from "./kept-rules-messages.ts";
import { openRules } from "#jobs/scan/rules.ts";
import { textsOfRules } from "#detect/sigma/rule-texts.ts";
import { formats } from "#telemetry/index.ts";

/** A thread that asks rules of kept records: compiling thousands and reading millions takes no time from who serves. */
const { texts, decisions, wanted, networks, saved } = workerData as KeptThreadData;
const packs = texts.map(({ name, files }) => loadPack(name, files));
const own = new Map(networks);
const only = wanted === undefined ? undefined : new Set(wanted);
const opened = openRules(packs, { decisions });
const rules = new KeptRules(opened, (sensor) => own.get(sensor) ?? [], only && ((rule) => only.has(rule)), saved);

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

parentPort?.on("message", ({ rows, last }: KeptAsk) => {
  let reply: KeptReply;
  try {
    reply = { page: rules.read(rows, last) };
  } catch (error) {
    reply = { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  parentPort?.postMessage(reply);
});
