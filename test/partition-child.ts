import postgres, { type Sql } from "postgres";
import { instant } from "#core/instant.ts";
import { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { Partitions } from "#jobs/partitions/partitions.ts";
import { PartitionThread } from "#jobs/partitions/thread-host.ts";
import { RuleMemory } from "#jobs/rules/memory.ts";
import { stateSettings } from "#store/open.ts";
import { stateOf } from "#store/state.ts";
import { uuid } from "./acts-world.ts";
import { secret } from "./partition-world.ts";

/** A process of its own that runs detectors over time until somebody kills it; `test/partitions.test.ts` does. */
const { now, host, port, path, user, database } = JSON.parse(process.argv[2] ?? "{}") as {
  readonly now: number;
  readonly host: string | string[];
  readonly port: number | number[];
  readonly path?: string | false;
  readonly user: string;
  readonly database: string;
};
const place = path ? { path } : { host: [host].flat()[0] ?? "", port: [port].flat()[0] ?? 5432 };
const sql = postgres({
  ...stateSettings({ applicationName: "partition child", max: 4 }),
  ...place,
  user,
  database,
}) as unknown as Sql;
const state = stateOf(sql);
const directory = new DirectoryMemory(state);
await directory.refresh();
const rules = new RuleMemory(state, []);
await rules.refresh(instant(now));
const partitions = new Partitions({
  ...{ state, directory, rules, holder: "child", now: () => instant(now) },
  thread: new PartitionThread(secret, async () => undefined),
  community: { shadow: () => false, worth: () => "normal", idOf: (kind, key) => uuid(`${kind}\0${key}`) },
});
for (;;) {
  await partitions.turn();
  if (partitions.held.length > 0) process.stdout.write("took\n");
}
