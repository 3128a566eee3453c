import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readDirectoryFile } from "#community/directory-file.ts";
import { hashPassword } from "#community/password.ts";
import type { Permission } from "#community/roles.ts";
import { readToken } from "#community/token.ts";
import { instant } from "#core/instant.ts";
import { type Result, WaglanError } from "#core/result.ts";
import type { Acts, Ask } from "#jobs/acts/port.ts";
import { viewerOfAccount } from "#jobs/acts/viewer-of.ts";
import { importDirectory } from "#jobs/community/import-directory.ts";
import { importTelemetry } from "#jobs/batches/import-telemetry.ts";
import { putInventory } from "#jobs/inventory/put.ts";
import { judgeIndicator } from "#jobs/indicators/judge.ts";
import type { Waglan } from "#wiring/waglan.ts";
import { sampleAccounts } from "./accounts.ts";
import { inventories } from "./make-inventories.ts";
import { makeTelemetry } from "./make-telemetry.ts";
import { writeFeeds } from "./make-feeds.ts";
import { partnerPost } from "./make-posts.ts";
import { random } from "./random.ts";
import { misjudged } from "./story.ts";

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

/** Brings what members run, as their own people would. */
export const bringInventories = async (waglan: Waglan): Promise<void> => {
  for (const { organisation: key, ...brought } of inventories) {
    const organisation = waglan.directory.known.directory.organisations.find((one) => one.key === key);
    if (!organisation)
      throw new Error(`the sample has an inventory of ${key}, which is no organisation of its community`);
    const put = await putInventory(waglan, {
      ...{ ...brought, organisation: organisation.id, who: "Chan Hoi-ki" },
      body: Buffer.from(brought.body),
    });
    if (!put.ok) throw new Error(`the sample's inventory ${brought.name} cannot be read: ${put.problem.message}`);
  }
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

const ask: Ask = { language: "en", request: "sample" };
const alias = "partners";

/** The value of an act that the sample knows to be possible. */
const done = <T>(result: Result<T>): T => {
  if (!result.ok) throw new WaglanError(result.problem.code, result.problem.with ?? {});
  return result.value;
};

/**
 * The administrator opens a TAXII collection and gives the partner overseas a token; its machine posts what is new there.
 *
 * @returns the status resource that the partner got (TAXII 2.1 §4.3.1)
 */
export const postFromPartner = async (waglan: Waglan, acts: Acts): Promise<unknown> => {
  const { known } = waglan.directory;
  const account = await waglan.accounts.byName("admin");
  const admin = account && viewerOfAccount(account, known);
  const strait = known.directory.organisations.find(({ key }) => key === "strait");
  if (!admin || !strait) throw new Error("the sample community has no administrator, or no partner");
  const title = "Partners' exchange";
  const rights = { readers: ["members", "partners"], writers: ["partners"] };
  done(await acts.makeCollection(admin, { alias, title, ...rights, tlp: "amber", pap: "green" }, ask));
  const permissions: Permission[] = ["indicators.read", "objects.write"];
  const token = { kind: "party" as const, title: "TAXII client", organisation: strait.id, permissions };
  const made = readToken(done(await acts.makeToken(admin, token, ask)).secret);
  const machine = made && (await acts.bearer(made));
  if (machine?.kind !== "party") throw new Error("the partner's token is nobody's");
  const body = Buffer.from(partnerPost(waglan.now(), random(20_261_119)));
  return JSON.parse(Buffer.from(done(await acts.taxii.add(machine, alias, body, ask)).body).toString("utf8"));
};

/** In the evening an analyst looks at what the neighbour's event named, and says that one of it is harmless. */
export const judgeMisjudged = async (waglan: Waglan): Promise<number> => {
  const { domain, reason } = misjudged;
  const [row] = await waglan.database.sql`select id from indicator where kind = 'domain' and value = ${domain}`;
  if (!row) throw new Error(`the sample has no indicator ${domain}`);
  const who = sampleAccounts[0].person;
  const person = waglan.directory.known.directory.people.find(({ key }) => key === who)?.name ?? who;
  const judging = { indicator: row["id"] as string, verdict: "false", who: person, reason } as const;
  const { known: exclusions } = waglan.exclusions;
  const excluded = (value: Parameters<typeof exclusions.excluded>[0]): boolean =>
    exclusions.excluded(value) !== undefined;
  return done(await judgeIndicator(waglan.state, judging, excluded, waglan.now())).takenBack;
};
