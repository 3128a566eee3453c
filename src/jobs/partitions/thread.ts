import { parentPort, workerData } from "node:worker_threads";
import { problem, type Problem } from "#core/result.ts";
import { behaviours } from "#detect/behaviours.ts";
import { networks, type Networks } from "#detect/networks.ts";
import { AddressTable } from "#intel/address-table.ts";
import { buildExclusions, type Exclusions } from "#intel/exclusions.ts";
import { packCheckpoint, unpackCheckpoint } from "./checkpoint.ts";
import { evidenceLines } from "#jobs/batches/evidence-lines.ts";
import { openFacts } from "#jobs/batches/facts-pack.ts";
import { fieldHash, fieldKeyOf } from "#jobs/batches/field-hash.ts";
import { type LivePlans, noPlans } from "#jobs/lists/live-plans.ts";
import type {
  EvidenceTask,
  PartitionAround,
  PartitionAsk,
  PartitionReply,
  PartitionResult,
  PartitionTask,
} from "./messages.ts";
import type { PartitionWorld, SpokenHit } from "./lane.ts";
import { PartitionState, type SavedPartition, waitsForSessions } from "./state.ts";
import { Tidy } from "./tidy.ts";
import { formatOf } from "#jobs/batches/read.ts";
import { unpacked } from "#jobs/batches/unpack-body.ts";
import { formats } from "#telemetry/index.ts";

/** The thread that runs the detectors over time of all partitions of this process. It touches nothing but what it is told. */
const { secret } = workerData as { readonly secret: string };

interface Open {
  readonly own: Networks;
  state: PartitionState;
}

const partitions = new Map<string, Open>();
let plans: LivePlans = noPlans;
let exclusions: Exclusions | undefined;
let speaking: ReadonlySet<string> = new Set();
let origins: AddressTable | undefined;
let asked: PromiseWithResolvers<void> | undefined;

const worldOf = (own: Networks): PartitionWorld => ({
  behaviours,
  around: {
    own,
    harmless: (observable) => exclusions?.excluded(observable) !== undefined,
    origin: (address) => origins?.of(address) ?? {},
  },
  plans,
  hidden: (behaviour) => !speaking.has(behaviour),
});

const hear = (around: PartitionAround): void => {
  if (around.exclusions) exclusions = buildExclusions(around.exclusions.lists, { allow: [...around.exclusions.allow] });
  if (around.speaking) speaking = new Set(around.speaking);
  if (!around.plans) return;
  plans = around.plans;
  // what groups have counted under plans that are as they were goes on
  for (const open of partitions.values()) {
    const saved = JSON.parse(JSON.stringify(open.state.save())) as SavedPartition;
    open.state = new PartitionState(worldOf(open.own));
    open.state.restore(saved);
  }
};

/** Country tables are read when somebody signs in, and not before: a second, and some tens of megabytes. */
const originsFor = async (sessions: boolean): Promise<void> => {
  if (asked || !sessions) return asked?.promise;
  asked = Promise.withResolvers<void>();
  parentPort?.postMessage({ kind: "origins" } satisfies PartitionReply);
  return asked.promise;
};

const openOf = (organisation: string): Open => {
  const open = partitions.get(organisation);
  if (!open) throw new Error("waglan is wrong: a partition was asked before it was opened");
  return open;
};

const says = (open: Open, hits: readonly SpokenHit[], why?: Problem): PartitionResult => {
  const { counts, through, clocks } = open.state;
  return {
    kind: "says",
    says: {
      ...{ hits, counts, clocks },
      ...(through === undefined ? {} : { through }),
      ...(why ? { problem: why } : {}),
    },
  };
};

const run = async (task: PartitionTask): Promise<PartitionResult> => {
  switch (task.kind) {
    case "open": {
      const own = networks(task.networks);
      const open: Open = { own, state: new PartitionState(worldOf(own)) };
      partitions.set(task.organisation, open);
      if (!task.checkpoint) return says(open, []);
      try {
        const saved = unpackCheckpoint(task.checkpoint) as SavedPartition;
        open.state.restore(saved);
        await originsFor(waitsForSessions(saved));
        return says(open, []);
      } catch (error) {
        open.state = new PartitionState(worldOf(own));
        const reason = error instanceof Error ? error.message : String(error);
        return says(open, [], problem("WGL_PARTITION_STATE", { organisation: task.organisation, reason }));
      }
    }
    case "take": {
      const open = openOf(task.organisation);
      const hits: SpokenHit[] = [];
      let why: Problem | undefined;
      for (const row of task.rows) {
        const facts = openFacts(row.body, { sensor: row.key, from: String(row.batch) });
        if (!facts.ok) {
          why = facts.problem;
          continue;
        }
        await originsFor(facts.value.sessions);
        hits.push(...open.state.takePacked({ ...row, opened: facts.value }));
      }
      return says(open, hits, why ?? open.state.trouble());
    }
    case "tick": {
      const open = openOf(task.organisation);
      return says(open, open.state.tick(task.now), open.state.trouble());
    }
    case "save":
      return { kind: "saved", body: packCheckpoint(openOf(task.organisation).state.save()) };
    case "drop":
      partitions.delete(task.organisation);
      return { kind: "dropped" };
    case "evidence":
      return { kind: "evidence", lines: task.batches.map((one) => [one.batch, linesOf(one)] as const) };
  }
};

const linesOf = ({ body, organisation, format: named, received, networks: own, lines }: EvidenceTask) => {
  const bytes = unpacked(body);
  if (!(bytes instanceof Uint8Array)) return [];
  const format = formatOf(formats, named, bytes);
  if ("problem" in format) return [];
  const hash = fieldHash(fieldKeyOf(secret, organisation));
  return evidenceLines(bytes, format, { own: networks(own), hash, received }, new Set(lines));
};

// `gc` is there where waglan is started as it should be (bin/waglan)
const tidy = new Tidy(
  (resting) => void globalThis.gc?.({ type: "major", execution: "sync", flavor: resting ? "last-resort" : "regular" }),
);

/** One after the other, as they were asked. */
let before: Promise<void> = Promise.resolve();

parentPort?.on("message", (ask: PartitionAsk) => {
  if (ask.kind === "origins") {
    if (ask.tables) origins = new AddressTable(ask.tables);
    asked?.resolve();
    return;
  }
  before = before.then(async () => {
    if (ask.kind === "around") return hear(ask.around);
    if (ask.kind === "rest") return tidy.rest();
    try {
      const result = await run(ask.task);
      parentPort?.postMessage({ kind: "done", id: ask.id, result } satisfies PartitionReply);
      if (ask.task.kind === "take") tidy.took(ask.task.rows.reduce((sum, { body }) => sum + body.length, 0));
    } catch (error) {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      parentPort?.postMessage({ kind: "failed", id: ask.id, why } satisfies PartitionReply);
    }
  });
});
