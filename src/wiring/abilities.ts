import { openAddressData } from "#store/address-data.ts";
import { createPublicKey, randomBytes, verify } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Abilities, EvidenceReport, Opened } from "#cli/abilities.ts";
import { readAssetFile } from "#community/asset-file.ts";
import { readDirectoryFile } from "#community/directory-file.ts";
import { canonicalAccount, hashPassword } from "#community/password.ts";
import { makeToken } from "#community/token.ts";
import { treeHead } from "#core/merkle.ts";
import { WaglanError } from "#core/result.ts";
import { openHistory, placeName } from "#history/open.ts";
import { collect, type Collecting } from "#jobs/collect/collect.ts";
import { collectFeed, dueSources } from "#jobs/collect/feed.ts";
import type { Config } from "#jobs/config/config.ts";
import { feedById } from "#feeds/index.ts";
import type { Feed } from "#feeds/feed.ts";
import { openBody } from "#jobs/collect/intake.ts";
import { pieceOf } from "#jobs/pieces.ts";
import { replay } from "#jobs/collect/replay.ts";
import { importDirectory } from "#jobs/community/import-directory.ts";
import { importTelemetry } from "#jobs/batches/import-telemetry.ts";
import { backup, restore } from "#store/backup.ts";
import { examineMachine, examineState } from "#store/doctor.ts";
import { checkpointText, type LoggedLeaf, loggedLeaves, rehash } from "#store/evidence.ts";
import { historyLedger } from "#store/history-steps.ts";
import { migrate } from "#store/migrate.ts";
import { migrations } from "#store/migrations/index.ts";
import { openState } from "#store/open.ts";
import { deploymentSecrets, evidencePublicKey } from "#store/secrets.ts";
import { exportAbilities } from "#wiring/listing.ts";
import { moveInOf } from "#wiring/move-in.ts";
import { careOf } from "#wiring/care.ts";
import { carryOf } from "#wiring/carry.ts";
import { huntsFor } from "#wiring/hunts.ts";
import { inventoriesFor } from "#wiring/inventories.ts";
import { rulesFor } from "#wiring/rules.ts";
import { sensor } from "#wiring/sensor.ts";
import { serve } from "#wiring/serve.ts";
import { openWaglan, placeOfHistory, type Waglan } from "#wiring/waglan.ts";

/** What the command line may do, over one waglan opened beside whichever is serving. */
export const abilities: Abilities = {
  serve,
  sensor,
  open: async (config) => openedOf(await openWaglan(config, { beside: true })),

  migrate: async (config) => {
    const database = await openState(placeOfState(config), {
      applicationName: "waglan migrate",
      embedded: { join: true },
    });
    try {
      const { applied, version } = await migrate(database.sql, migrations);
      const place = placeOfHistory(config);
      const history = await openHistory(place);
      try {
        const steps =
          history.kind === "off" ? [] : await history.migrate(historyLedger(database.sql, placeName(place)));
        return { state: applied, history: steps, version };
      } finally {
        await history.close();
      }
    } finally {
      await database.close();
    }
  },

  restore: async (config, folder) => {
    const database = await openState(placeOfState(config), {
      applicationName: "waglan restore",
      embedded: { join: true },
    });
    try {
      await migrate(database.sql, migrations);
      return reportOf(folder, await restore(database.sql, folder));
    } finally {
      await database.close();
    }
  },

  doctor: async (config) => {
    const machine = config.database.url === undefined ? examineMachine(config.data) : [];
    try {
      const database = await openState(placeOfState(config), {
        applicationName: "waglan doctor",
        embedded: { join: true },
      });
      const history = await openHistory(placeOfHistory(config));
      try {
        return [...machine, ...(await examineState(database.sql, migrations, history, Date.now()))];
      } finally {
        await history.close();
        await database.close();
      }
    } catch (error) {
      return [
        ...machine,
        { check: "database", ok: false, says: error instanceof Error ? error.message : String(error) },
      ];
    }
  },

  origins: async () => {
    const table = await openAddressData()();
    return table && ((address) => table.of(address));
  },

  verifyEvidence: async (folder) => {
    const file = JSON.parse(await readFile(join(folder, "evidence.json"), "utf8")) as ExportedEvidence;
    return checkEvidence(file);
  },
};

const placeOfState = (config: Config) =>
  config.database.url === undefined ? { dataDir: config.data } : { url: config.database.url };

const reportOf = (folder: string, manifest: Awaited<ReturnType<typeof backup>>) => ({
  folder,
  tables: manifest.tables.length,
  rows: manifest.tables.reduce((sum, table) => sum + table.rows, 0),
});

/** What `collect` is told of a body that a person brings. */
const byHand = (
  { state, secrets, collecting, sources, now }: Waglan,
  feed: string,
  how: Pick<Collecting, "whole" | "add">,
): Collecting => ({
  ...{ state, secret: secrets.id, policy: collecting.policy(now()), now: now(), elapsed: collecting.elapsed, ...how },
  shadow: !(sources.find((one) => one.feed.id === feed)?.trusted ?? false),
});

const feedOf = ({ sources }: Waglan, id: string): Feed => {
  const feed = sources.find((one) => one.feed.id === id)?.feed ?? feedById.get(id);
  if (feed === undefined) throw new WaglanError("WGL_BODY_FEED", { feed: id });
  return feed;
};

const openedOf = (waglan: Waglan): Opened => {
  const { state, accounts, idOf, now } = waglan;
  return {
    collect: async function* (feed) {
      const asked =
        feed === undefined
          ? await dueSources(state, waglan.sources, now())
          : waglan.sources.filter((one) => one.feed.id === feed);
      if (feed !== undefined && asked.length === 0) throw new WaglanError("WGL_BODY_FEED", { feed });
      for (const source of asked) {
        const turn = await collectFeed(waglan.collecting, source);
        if (turn) yield turn;
      }
    },
    collectBody: async (feed, body, file, { add, part } = {}) => {
      const opened =
        part === undefined ? await openBody(feed, body, file) : { pieces: pieceOf(body, file, part), file };
      return collect(byHand(waglan, feed.id, { whole: false, add: add === true }), feed, opened.pieces, opened.file);
    },
    replay: (feed, turn) =>
      replay(byHand(waglan, feed, { whole: true }), waglan.collecting.fetching.archive, feedOf(waglan, feed), turn),
    rejected: async function* (feed) {
      const pageRows = 500;
      for (let before: number | undefined; ; ) {
        const from = before;
        const rows = await state.act((tx) => tx.intel.rejected(feed, from, pageRows));
        yield* rows;
        before = rows.at(-1)?.n;
        if (rows.length < pageRows || before === undefined) return;
      }
    },
    importDirectory: async (body, format, dryRun) => {
      const { directory: known } = waglan.directory.known;
      const read =
        format === "yaml"
          ? readDirectoryFile(body, idOf, now())
          : (() => {
              const { assets, problems } = readAssetFile(
                body,
                new Map(known.organisations.map((one) => [one.key, one.id])),
                idOf,
              );
              return {
                problems,
                directory: { ...known, organisations: [], people: [], sensors: [], groups: [], agreements: [], assets },
              };
            })();
      const { directory, problems } = read;
      const applied = problems.length === 0 && !dryRun;
      if (applied) await importDirectory(state, directory, "command line", now());
      const { organisations, people, assets, sensors } = directory;
      return {
        problems,
        applied,
        holds: {
          organisations: organisations.length,
          people: people.length,
          assets: assets.length,
          sensors: sensors.length,
        },
      };
    },
    importTelemetry: async (key, telemetry) => {
      const sensor = waglan.directory.known.directory.sensors.find((one) => one.key === key);
      if (!sensor) throw new WaglanError("WGL_SENSOR_UNKNOWN", { sensor: key });
      let bytes = 0;
      const chunks = async function* (): AsyncGenerator<Uint8Array> {
        for await (const chunk of telemetry.chunks) {
          bytes += chunk.length;
          // the reader may use its buffer again
          yield Uint8Array.from(chunk);
        }
      };
      const taken = await importTelemetry(
        state,
        sensor.id,
        { file: telemetry.file, chunks: chunks() },
        waglan.config.telemetry.waiting,
        now,
        () => wait(500),
      );
      return { batches: taken.accepted + taken.known, repeated: taken.known, lines: taken.lines, bytes };
    },
    lists: exportAbilities(waglan),
    carry: carryOf(waglan),
    moveIn: moveInOf(waglan),
    members: async () => {
      const { organisations, people, assets, sensors } = waglan.directory.known.directory;
      return organisations.map((one) => ({
        ...{ key: one.key, name: one.names.en ?? one.key, kind: one.kind, shadow: one.shadow },
        people: people.filter((person) => person.organisations.some((post) => post.organisation === one.id)).length,
        assets: assets.filter((asset) => asset.organisation === one.id).length,
        sensors: sensors.filter((sensor) => sensor.organisation === one.id).length,
      }));
    },
    users: {
      add: async (user) => {
        const name = canonicalAccount(user.name);
        const person =
          user.person === undefined
            ? undefined
            : waglan.directory.known.directory.people.find((one) => one.key === user.person);
        if (user.person !== undefined && !person) throw new WaglanError("WGL_PERSON_UNKNOWN", { person: user.person });
        await accounts.put(
          {
            ...{
              id: idOf("account", name),
              name,
              display: person?.name ?? user.name,
              staff: user.staff,
              roles: user.roles,
            },
            password: await hashPassword(user.password, randomBytes(16)),
            language: person?.language ?? "en",
            ...(person ? { person: person.id } : {}),
          },
          now(),
        );
        await state.act((tx) =>
          tx.evidence.leaf({
            kind: "privilege",
            subject: name,
            at: now(),
            data: { did: "user added", roles: [...user.roles], staff: user.staff },
          }),
        );
      },
      disable: async (name) => {
        if (!(await accounts.disable(canonicalAccount(name), now())))
          throw new WaglanError("WGL_USER_UNKNOWN", { name });
        await state.act((tx) =>
          tx.evidence.leaf({ kind: "privilege", subject: name, at: now(), data: { did: "user disabled" } }),
        );
      },
      list: async () => {
        const keys = new Map(waglan.directory.known.directory.people.map((one) => [one.id as string, one.key]));
        return (await accounts.all()).map(({ name, roles, staff, disabled, person }) => ({
          ...{ name, roles, staff, disabled },
          ...(person === undefined ? {} : { person: keys.get(person) ?? person }),
        }));
      },
    },
    tokens: {
      make: async ({ kind, subject, title }) => {
        const { sensors, organisations } = waglan.directory.known.directory;
        const sensor = kind === "sensor" ? sensors.find((one) => one.key === subject) : undefined;
        const organisation =
          kind === "sensor" ? sensor?.organisation : organisations.find((one) => one.key === subject)?.id;
        if (organisation === undefined) throw new WaglanError("WGL_SENSOR_UNKNOWN", { sensor: subject });
        const token = makeToken(randomBytes(37));
        await accounts.putToken(
          {
            ...{ id: idOf("token", token.prefix), prefix: token.prefix, organisation, title, made: now() },
            ...(sensor
              ? { kind: "sensor" as const, sensor: sensor.id, permissions: ["telemetry.write"] }
              : { kind: "party" as const, permissions: ["lists.read"] }),
          },
          token.hash,
        );
        await state.act((tx) =>
          tx.evidence.leaf({
            kind: "privilege",
            subject: token.prefix,
            at: now(),
            data: { did: "token made", organisation, title },
          }),
        );
        return { text: token.text, prefix: token.prefix };
      },
      revoke: async (prefix) => {
        const token = (await accounts.tokens()).find((one) => one.prefix === prefix && one.revoked === undefined);
        if (!token || !(await accounts.revoke(token.id, now()))) throw new WaglanError("WGL_TOKEN_UNKNOWN", { prefix });
        await state.act((tx) =>
          tx.evidence.leaf({ kind: "privilege", subject: prefix, at: now(), data: { did: "token revoked" } }),
        );
      },
      list: async () => {
        const { sensors, organisations } = waglan.directory.known.directory;
        return (await accounts.tokens()).map((one) => ({
          ...{
            prefix: one.prefix,
            kind: one.kind === "sensor" ? ("sensor" as const) : ("partner" as const),
            title: one.title,
          },
          subject:
            (one.sensor
              ? sensors.find(({ id }) => id === one.sensor)?.key
              : organisations.find(({ id }) => id === one.organisation)?.key) ?? "",
          created: new Date(one.made).toISOString(),
          ...(one.revoked === undefined ? {} : { revoked: new Date(one.revoked).toISOString() }),
        }));
      },
    },
    care: careOf(waglan),
    hunts: huntsFor(waglan),
    rules: rulesFor(waglan),
    inventories: inventoriesFor(waglan),
    backup: async (folder) => reportOf(folder, await backup(waglan.database.sql, folder)),
    evidence: {
      verify: async () => checkEvidence(await exportEvidence(waglan)),
      export: async (folder) => {
        await mkdir(folder, { recursive: true });
        const file = await exportEvidence(waglan);
        await writeFile(join(folder, "evidence.json"), JSON.stringify(file), { mode: 0o600 });
        return checkEvidence(file);
      },
    },
    close: waglan.close,
  };
};

/** The whole log as a file that an outsider can check with the public key alone. */
interface ExportedEvidence {
  readonly format: "waglan-evidence-1";
  /** SPKI PEM. */
  readonly publicKey: string;
  readonly origin: string;
  readonly leaves: readonly (Omit<LoggedLeaf, "salt" | "hash"> & { readonly salt: string; readonly hash: string })[];
  readonly checkpoints: readonly {
    readonly size: number;
    readonly root: string;
    readonly at: number;
    readonly signature: string;
  }[];
}

const exportEvidence = async (waglan: Waglan): Promise<ExportedEvidence> => {
  const { sql } = waglan.database;
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
  const leaves = await loggedLeaves(sql);
  const checkpoints = await sql`select size, root, at, signature from evidence_checkpoint order by size`;
  return {
    format: "waglan-evidence-1",
    publicKey: evidencePublicKey(await deploymentSecrets(sql)),
    origin: waglan.logOrigin,
    leaves: leaves.map((leaf) => ({ ...leaf, salt: base64(leaf.salt), hash: base64(leaf.hash) })),
    checkpoints: checkpoints.map((row) => ({
      ...{
        size: row["size"] as number,
        root: base64(row["root"] as Uint8Array),
        at: row["at"] as number,
        signature: row["signature"] as string,
      },
    })),
  };
};

/** Every leaf hashes to what the log holds, every checkpoint is the head of its leaves and signed: RFC 9162 over the whole. */
const checkEvidence = (file: ExportedEvidence): EvidenceReport => {
  const problems: string[] = [];
  const hashes = file.leaves.map((leaf) => Buffer.from(leaf.hash, "base64"));
  file.leaves.forEach((leaf, place) => {
    const again = rehash({ ...leaf, salt: Buffer.from(leaf.salt, "base64") });
    if (Buffer.compare(again, hashes[place] ?? Buffer.alloc(0)) !== 0)
      problems.push(`leaf ${place} is not what was logged`);
  });
  const key = createPublicKey(file.publicKey);
  for (const { size, root, signature } of file.checkpoints) {
    if (size > hashes.length) {
      problems.push(`checkpoint ${size} stands for leaves that are missing`);
      continue;
    }
    const head = treeHead(hashes, 0, size);
    if (Buffer.from(head).toString("base64") !== root)
      problems.push(`checkpoint ${size} is not the head of its leaves`);
    if (
      !verify(
        null,
        Buffer.from(checkpointText(file.origin, size, Buffer.from(root, "base64"))),
        key,
        Buffer.from(signature, "base64"),
      )
    )
      problems.push(`checkpoint ${size} is not signed by this log`);
  }
  return { leaves: hashes.length, checkpoints: file.checkpoints.length, problems };
};
