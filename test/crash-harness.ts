import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Sql } from "postgres";
import { makeSessionSecret, makeToken } from "#community/token.ts";
import { treeHead } from "#core/merkle.ts";
import { readDirectoryFile } from "#community/directory-file.ts";
import { collectFeed } from "#jobs/collect/feed.ts";
import { type Config, readConfig } from "#jobs/config/config.ts";
import { importDirectory } from "#jobs/community/import-directory.ts";
import { runningPostmaster } from "#store/embedded-postmaster.ts";
import { loggedLeaves, rehash } from "#store/evidence.ts";
import { openState } from "#store/open.ts";
import { openWaglan } from "#wiring/waglan.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Lines of one batch, and how many of them show a listed name. */
export const linesOfBatch = 1000;
/** Every so many lines, so that the planted ones go round the hosts. */
const plantedEvery = 199;
const hosts = 8;
const generations = 40;
const listedNames = Array.from({ length: 4 }, (_, at) => `c2-${at}.skiff-cloud.example`);

/** A data folder with a community of one member, one sensor, one person, and one list; nothing runs. */
export interface Prepared {
  readonly data: string;
  readonly config: Config;
  readonly token: string;
  /** Cookie of the member's contact. */
  readonly cookie: string;
  readonly remove: () => void;
}

export const prepare = async (history: "on" | "off"): Promise<Prepared> => {
  const data = mkdtempSync(join(tmpdir(), "wgl-crash-"));
  mkdirSync(join(data, "feeds"));
  writeFileSync(join(data, "feeds/c2.txt"), `${listedNames.join("\n")}\n`);
  const settings = `feeds:
  - { id: c2, use: generic-lines, title: Command servers, publisher: CERT, path: feeds/c2.txt, licence: own, voice: alert, grade: A1, trusted: true, everyMinutes: 60, means: { contacted: infected-system, listed: c2-server } }
`;
  writeFileSync(join(data, "waglan.yaml"), settings);
  const read = readConfig(settings, {}, { data, "history.off": String(history === "off") });
  if (!read.ok) throw new Error(JSON.stringify(read.problem));
  const waglan = await openWaglan({ ...read.value, history: { ...read.value.history, off: true } });
  try {
    const community = readDirectoryFile(Buffer.from(directory), waglan.idOf, waglan.now());
    if (community.problems.length > 0) throw new Error(JSON.stringify(community.problems));
    await importDirectory(waglan.state, community.directory, "test", waglan.now());
    await waglan.directory.refresh();
    for (const source of waglan.sources) await collectFeed(waglan.collecting, source);
    const [sensor] = waglan.directory.known.directory.sensors;
    const [person] = waglan.directory.known.directory.people;
    if (!sensor || !person) throw new Error("no sensor, no person");
    const token = makeToken(Buffer.alloc(37, 5));
    const organisation = sensor.organisation;
    await waglan.accounts.putToken(
      {
        id: "t",
        prefix: token.prefix,
        kind: "sensor",
        organisation,
        sensor: sensor.id,
        permissions: ["telemetry.write"],
        title: "edge",
        made: waglan.now(),
      },
      token.hash,
    );
    const session = makeSessionSecret(Buffer.alloc(32, 6));
    await waglan.accounts.put(
      {
        id: "a",
        name: "chan",
        display: "Chan",
        password: "none",
        staff: false,
        roles: [],
        person: person.id,
        language: "en",
      },
      waglan.now(),
    );
    await waglan.accounts.openSession(
      session.hash,
      "s",
      "a",
      waglan.now(),
      (waglan.now() + 86_400_000) as ReturnType<typeof waglan.now>,
    );
    return {
      data,
      config: read.value,
      token: token.text,
      cookie: `waglan=${session.text}`,
      remove: () => rmSync(data, { recursive: true, force: true }),
    };
  } finally {
    await waglan.close();
  }
};

const directory = `
community: { name: { en: Harbour CERT }, zone: UTC, anchor: transport }
organisations:
  - id: transport
    name: { en: Transport Department }
    shadow: false
    people: [{ id: chan, name: Chan, email: chan@transport.example, role: security-contact }]
    assets: [{ kind: network, value: 203.0.113.0/24, proof: registry, worth: critical }]
    sensors: [{ id: edge, title: Edge, format: suricata-eve, networks: [10.0.0.0/8, 203.0.113.0/24] }]
`;

/** The `n`-th batch: always the same bytes. Every line differs from every other line of every batch. */
export const batchBody = (n: number): string => {
  const lines: string[] = [];
  for (let at = 0; at < linesOfBatch; at++) {
    const time = new Date(Date.UTC(2026, 10, 21) + n * 1000 + at).toISOString().replace("Z", "000+0000");
    const host = hostOf(n, at);
    const planted = at % plantedEvery === 7;
    const name = planted ? (listedNames[(n + at) % listedNames.length] as string) : `www-${at % 50}.news.example`;
    lines.push(
      `{"timestamp":"${time}","flow_id":${n * linesOfBatch + at},"event_type":"dns","src_ip":"${host}","src_port":40000,"dest_ip":"10.0.0.2","dest_port":53,"proto":"UDP","dns":{"type":"query","id":1,"rrname":"${name}","rrtype":"A"}}`,
    );
  }
  return `${lines.join("\n")}\n`;
};

/** New hosts for a while, so that findings open and mails go out while the program is being killed; then old ones again. */
const hostOf = (n: number, at: number): string => `10.1.${n % generations}.${(n + at) % hosts}`;

/** What batches 0 … count-1 must have become: hits by host. */
export const expectedHits = (count: number): Map<string, number> => {
  const hits = new Map<string, number>();
  for (let n = 0; n < count; n++)
    for (let at = 7; at < linesOfBatch; at += plantedEvery) {
      const host = hostOf(n, at);
      hits.set(host, (hits.get(host) ?? 0) + 1);
    }
  return hits;
};

/** The real program on a data folder, in a process of its own. */
export class Served {
  readonly #child: ChildProcess;
  /** Where it listens; undefined when it ended before it did. */
  readonly listening: Promise<string | undefined>;
  said = "";

  constructor(prepared: Prepared, more: Readonly<Record<string, string>> = {}) {
    const { data } = prepared;
    const args = ["serve", "--config", join(data, "waglan.yaml"), "--data", data, "--port", "0"];
    // as people start it: it becomes the process, so that what is killed is waglan
    this.#child = spawn(join(root, "bin/waglan"), args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, WAGLAN_HISTORY_OFF: "true", WAGLAN_LOG: "error", ...more },
    });
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.listening = promise;
    const hear = (bytes: Buffer): void => {
      this.said += bytes.toString();
      const found = /listens on (http:\S+)/.exec(this.said)?.[1];
      if (found !== undefined) resolve(found);
    };
    this.#child.stdout?.on("data", hear);
    this.#child.stderr?.on("data", hear);
    this.#child.once("exit", () => resolve(undefined));
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    if (this.ended) return;
    const exit = once(this.#child, "exit");
    this.#child.kill(signal);
    await exit;
  }
}

export interface Struck {
  readonly kills: number;
  /** Of these, with the database's own process killed too. */
  readonly databaseKills: number;
  readonly acknowledged: number;
  /** Requests that were sent again because no answer came, or one that said so. */
  readonly repeated: number;
  readonly problems: readonly string[];
  /** Batches acknowledged that are not there, or were not matched. */
  readonly lost: number;
  /** Batches, hits or findings that count more than once. */
  readonly doubled: number;
  readonly mails: number;
  readonly mailsDoubled: number;
}

/**
 * Posts batches from several clients, each again under its key until it is acknowledged, while the program is killed at
 * random instants and started again on its folder; then waits until it has worked everything off, and counts.
 *
 * @param random 0 to 1, so that a run can be told and repeated as far as a clock allows
 */
export const strike = async (prepared: Prepared, kills: number, random: () => number): Promise<Struck> => {
  let served = new Served(prepared);
  let at: string | undefined;
  let [striking, dead] = [true, false];
  let [next, acknowledged, repeated, databaseKills] = [0, 0, 0, 0];

  const client = async (): Promise<void> => {
    while (striking) {
      const n = next++;
      const body = batchBody(n);
      for (;;) {
        const status = at === undefined ? undefined : await post(at, prepared.token, `batch-${n}`, body);
        if (status === 202 || dead) break;
        if (status !== undefined && status < 500 && status !== 429)
          throw new Error(`a batch was refused with ${status}`);
        repeated++;
        await wait(20);
      }
      acknowledged++;
    }
  };
  const clients = [client(), client(), client()];
  const failed = Promise.all(clients);
  failed.catch(() => {});

  try {
    for (let kill = 0; kill < kills; kill++) {
      at = await Promise.race([served.listening, failed.then(() => undefined)]);
      if (served.ended) throw new Error(`it ended by itself: ${served.said}`);
      await wait(random() * 1200);
      await served.end("SIGKILL");
      at = undefined;
      // now and then the database dies with it, and comes back by recovery
      const postmaster = kill % 5 === 4 ? runningPostmaster(prepared.data) : undefined;
      if (postmaster) {
        process.kill(postmaster.pid, "SIGKILL");
        databaseKills++;
      }
      served = new Served(prepared);
      // and now and then while it is only starting
      if (kill + 1 < kills && random() < 0.25) {
        await wait(random() * 1500);
        await served.end("SIGKILL");
        kill++;
        served = new Served(prepared);
      }
    }
    at = await served.listening;
    striking = false;
    await failed;
  } catch (error) {
    [striking, dead] = [false, true];
    await served.end("SIGKILL");
    throw error;
  }

  const state = await openState(
    { dataDir: prepared.data },
    { applicationName: "crash harness", embedded: { join: true } },
  );
  try {
    await drained(state.sql);
  } finally {
    await state.close();
    await served.end("SIGTERM");
  }
  return { kills, databaseKills, acknowledged, repeated, ...(await counted(prepared, next)) };
};

/** @returns the status; undefined when no answer came */
const post = async (at: string, token: string, key: string, body: string): Promise<number | undefined> => {
  try {
    const answer = await fetch(`${at}/api/v1/telemetry`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson", "idempotency-key": key },
      body,
      signal: AbortSignal.timeout(20_000),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return undefined;
  }
};

/** Until everything handed in is matched, told and delivered. */
export const drained = async (sql: Sql): Promise<void> => {
  for (let left = 1; left > 0; await wait(50)) {
    const [row] =
      await sql`select (select count(*) from telemetry_batch where matched is null) + (select count(*) from queue)
      + (select count(*) from outbox where next_at is not null) + (select count(*) from evidence_leaf where idx is null) as n`;
    left = row?.["n"] as number;
  }
};

/** Looks at what is in the folder once nothing runs on it. */
const counted = async (
  prepared: Prepared,
  sent: number,
): Promise<Pick<Struck, "problems" | "lost" | "doubled" | "mails" | "mailsDoubled">> => {
  const state = await openState({ dataDir: prepared.data }, { applicationName: "crash harness" });
  const { sql } = state;
  try {
    const problems: string[] = [];
    const hold = (what: string, found: unknown, wanted: unknown): number => {
      if (JSON.stringify(found) !== JSON.stringify(wanted))
        problems.push(`${what}: ${JSON.stringify(found)}, wanted ${JSON.stringify(wanted)}`);
      return Number(found) - Number(wanted);
    };
    const [batches] =
      await sql`select count(*)::int as n, count(matched)::int as matched, count(distinct key)::int as keys, coalesce(sum(lines), 0)::int as lines from telemetry_batch`;
    const keys = new Set(
      (await sql`select key from telemetry_batch where matched is not null`).map((row) => row["key"] as string),
    );
    const lost = Array.from({ length: sent }, (_, n) => `batch-${n}`).filter((key) => !keys.has(key)).length;
    let doubled = Math.max(0, hold("batches", batches?.["n"], sent));
    hold("batches matched", batches?.["matched"], sent);
    hold("lines", batches?.["lines"], sent * linesOfBatch);
    const [heard] = await sql`select events from sensor_heard`;
    doubled += Math.max(0, hold("events heard", heard?.["events"] ?? 0, sent * linesOfBatch));

    const wanted = [...expectedHits(sent)].sort(([a], [b]) => (a < b ? -1 : 1));
    const findings =
      await sql`select f.asset, f.hits, (select count(*) from hit h where h.finding = f.n) as kept, (select sum(i.hits)::bigint from finding_instance i where i.finding = f.n) as instances,
      (select count(*) from finding_history h where h.finding = f.n and h.what = 'opened') as opened, (select count(*) from alert a where a.finding = f.n) as alerts from finding f order by asset`;
    for (const column of ["hits", "kept", "instances"] as const)
      hold(
        `findings by ${column}`,
        findings.map((row) => [row["asset"], row[column]]),
        wanted,
      );
    doubled += findings.reduce(
      (sum, row) => sum + Math.max(0, (row["hits"] as number) - (new Map(wanted).get(row["asset"] as string) ?? 0)),
      0,
    );
    hold(
      "opened and told once",
      findings.map((row) => [row["opened"], row["alerts"]]),
      wanted.map(() => [1, 1]),
    );
    doubled += Math.max(0, findings.length - wanted.length);

    const [outbox] = await sql`select count(*)::int as n, count(sent)::int as sent from outbox`;
    hold("mails posted", outbox?.["n"], wanted.length);
    hold("mails sent", outbox?.["sent"], wanted.length);
    const files = readdirSync(join(prepared.data, prepared.config.mail.folder)).filter((name) => name.endsWith(".eml"));
    const mailsDoubled = Math.max(0, hold("mail files", files.length, wanted.length));

    const leaves = await loggedLeaves(sql);
    const [head] = await sql`select size, root from evidence_checkpoint order by size desc limit 1`;
    hold("evidence in place", head?.["size"], leaves.length);
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
    hold(
      "evidence whole",
      hex(treeHead(leaves.map(rehash))),
      hex((head?.["root"] as Uint8Array | undefined) ?? createHash("sha256").digest()),
    );
    return { problems, lost, doubled, mails: files.length, mailsDoubled };
  } finally {
    await state.close();
  }
};
