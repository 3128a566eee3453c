import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readDirectoryFile } from "#community/directory-file.ts";
import { hashPassword } from "#community/password.ts";
import { instant } from "#core/instant.ts";
import { importDirectory } from "#jobs/import-directory.ts";
import { importTelemetry } from "#jobs/import-telemetry.ts";
import type { Waglan } from "#wiring/waglan.ts";
import { sampleAccounts } from "./accounts.ts";
import { makeTelemetry } from "./make-telemetry.ts";
import { writeFeeds } from "./make-feeds.ts";

/** The sample's feeds as files in its data folder, written once: they must be there before waglan opens. */
export const prepareSample = (data: string): void => {
  if (!existsSync(join(data, "feeds"))) writeFeeds(join(data, "feeds"), Date.now());
};

/**
 * Sets the sample community up in an empty waglan: its people and their accounts. What follows is waglan's own work. Done once a data folder.
 *
 * @returns false when this data folder was played before
 */
export const setUpSample = async (waglan: Waglan): Promise<boolean> => {
  const now = waglan.now();
  const [played] = await waglan.database.sql`select from deployment where key = 'sample'`;
  if (played) return false;
  const read = readDirectoryFile(readFileSync(new URL("./community.yaml", import.meta.url)), waglan.idOf, now);
  if (read.problems.length > 0)
    throw new Error(
      `the sample community has problems: ${read.problems.map((one) => `${one.at} ${one.message}`).join("; ")}`,
    );
  await importDirectory(waglan.state, read.directory, "sample", now);
  await waglan.directory.refresh();
  for (const one of sampleAccounts) {
    const person = waglan.directory.known.directory.people.find(({ key }) => key === one.person);
    await waglan.accounts.put(
      {
        ...{
          id: waglan.idOf("account", one.name),
          name: one.name,
          display: person?.name ?? one.name,
          staff: one.staff,
          roles: one.roles,
          language: one.language,
        },
        password: await hashPassword(one.password, randomBytes(16)),
        ...(person ? { person: person.id } : {}),
      },
      now,
    );
  }
  return true;
};

/** Hands in the day's telemetry, sensor by sensor, and remembers that it was. */
export const playTelemetry = async (waglan: Waglan): Promise<number> => {
  let batches = 0;
  for (const [file, bytes] of makeTelemetry(waglan.now())) {
    const key = file.split("/")[0] ?? "";
    const sensor = waglan.directory.known.directory.sensors.find((one) => one.key === key);
    if (!sensor) throw new Error(`the sample has telemetry of ${key}, which is no sensor of its community`);
    const taken = await importTelemetry(
      waglan.state,
      sensor.id,
      { file, chunks: [gunzipSync(bytes)] },
      10_000,
      waglan.now,
      async () => {},
    );
    batches += taken.accepted;
  }
  await waglan.database
    .sql`insert into deployment (key, value) values ('sample', ${waglan.database.sql.json({ at: instant(waglan.now()) })}) on conflict (key) do nothing`;
  return batches;
};
