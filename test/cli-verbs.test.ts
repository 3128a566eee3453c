import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Command } from "commander";
import type { Abilities, NewToken, NewUser, Opened } from "#cli/abilities.ts";
import { type Exit, exitOf, exits } from "#cli/exit.ts";
import type { Io } from "#cli/io.ts";
import { buildProgram, run } from "#cli/program.ts";
import { progressWords } from "#cli/progress.ts";
import { jsonLine, openTalk } from "#cli/talk.ts";
import { instant } from "#core/instant.ts";
import { no, ok, problem, WaglanError } from "#core/result.ts";
import type { Turn } from "#intel/ports.ts";
import type { Config } from "#jobs/config/config.ts";
import type { HuntProgress } from "#jobs/hunt/port.ts";
import { noStore } from "./cli-abilities.ts";
import { inFolder } from "./cli-process.ts";

/** What a small waglan in memory was asked to do, in order, beside what it keeps. */
interface Small {
  readonly abilities: Abilities;
  readonly did: unknown[][];
  readonly users: Map<string, NewUser & { disabled: boolean }>;
  readonly tokens: Map<string, NewToken & { revoked?: string }>;
  readonly turns: Turn[];
  readonly problems: string[];
  /** What a look at a hunt says, one after the other; then that it is over. */
  readonly hunts: HuntProgress[];
}

const turnOf = (feed: string, state: Turn["state"] = "healthy"): Turn => ({
  ...{
    feed,
    at: instant(1_795_077_720_000),
    state,
    file: "x",
    bytes: 1,
    rows: 3,
    accepted: 2,
    rejected: { WGL_IP: 1 },
  },
  ...{ added: 2, changed: 0, delisted: 0, tookMs: 5 },
  ...(state === "healthy" ? {} : { reason: problem("WGL_FEED_SHRUNK", { before: 900, now: 2 }) }),
});

const over: HuntProgress = {
  ...{ id: "hunt-1", ofStaff: true, who: "Lo", purpose: "a leak", values: [], from: instant(0), to: instant(1) },
  ...{ at: instant(1), state: "done", read: 4, found: 1, cut: false, toRead: 4 },
};

/** A waglan that keeps everything in memory: the port's small adapter. */
const small = (): Small => {
  const did: unknown[][] = [];
  const users: Small["users"] = new Map();
  const tokens: Small["tokens"] = new Map();
  const turns: Turn[] = [];
  const problems: string[] = [];
  const hunts: HuntProgress[] = [];
  const opened: Opened = {
    collect: async function* (feed) {
      did.push(["collect", feed]);
      yield* turns;
    },
    collectBody: async (feed, body, file) => {
      did.push(["collectBody", feed.id, body.length, file]);
      return feed.id === "generic-delimited" ? undefined : (turns[0] ?? turnOf(feed.id));
    },
    replay: async (feed, turn) => {
      did.push(["replay", feed, turn]);
      return turnOf(feed);
    },
    carry: {
      toSensor: async (sensor) => {
        did.push(["carry.toSensor", sensor]);
        return { packed: Readable.from([gzipSync('{"file":{}}\n')], { objectMode: false }), count: 2 };
      },
      parcel: async (sensor, bytes) => {
        did.push(["carry.parcel", sensor, bytes.length]);
        return bytes.length > 5
          ? ok({ number: 3, lines: 9, repeated: false })
          : no("WGL_SENSOR_FILE", { reason: "short" });
      },
    },
    lists: {
      send: async (organisation, wanted) => {
        did.push(["lists.send", organisation, wanted.list, wanted.format, wanted.words]);
        const body = async function* () {
          yield Buffer.from("bad.example\n世");
        };
        return { body: body(), count: 2, unsaid: 1 };
      },
      explain: async (organisation, wanted, each) => {
        did.push(["lists.explain", organisation, wanted.list, wanted.format, wanted.words]);
        const held = { tlp: "amber", pap: "clear", licence: "own" } as const;
        await each({
          ...{ id: "i-1", kind: "domain", value: "bad.example", does: "withheld", held, fields: [] },
          kept: [{ feed: "list", source: "List", reasons: [{ bound: "tlp", value: "amber", ceiling: "green" }] }],
        });
        return { leaves: 0, withheld: 1, aside: {}, bounds: { tlp: 1 } };
      },
    },
    rejected: async function* (feed) {
      did.push(["rejected", feed]);
      const at = turnOf(feed).at;
      const frame = { before: "ip,date\n", between: "\n", after: "\n" };
      yield {
        n: 2,
        turn: 7,
        at,
        part: "",
        row: 3,
        problem: problem("WGL_IP", { value: "1.2.3" }, "row 3"),
        text: "1.2.3,today",
        frame,
      };
      yield { n: 1, turn: 7, at, part: "", row: 9, problem: problem("WGL_ROW_LONG", { limit: 9 }, "row 9") };
    },
    importDirectory: async (body, format, dryRun) => {
      const wrong = Buffer.from(body).includes("wrong");
      did.push(["importDirectory", format, dryRun]);
      return {
        problems: wrong ? [problem("WGL_DIRECTORY_ID", { value: "wrong" }, "line 3 column 7")] : [],
        holds: { organisations: 2, people: 3 },
        applied: !wrong && !dryRun,
      };
    },
    moveIn: {
      misp: async () => assert.fail("test/move-in.test.ts"),
      intelmq: async () => assert.fail("test/move-in.test.ts"),
      contacts: async () => assert.fail("test/move-in.test.ts"),
      opencti: async () => assert.fail("test/move-in.test.ts"),
      runs: async () => [],
      compare: async () => assert.fail("test/move-in.test.ts"),
    },
    importTelemetry: async (sensor, { file, chunks }) => {
      if (sensor === "nobody") throw new WaglanError("WGL_NAME_UNKNOWN", { what: "sensor", value: sensor });
      let text = "";
      for await (const chunk of chunks) text += Buffer.from(chunk).toString("utf8");
      did.push(["importTelemetry", sensor, file, text]);
      return { batches: 1, repeated: 0, lines: text.split("\n").length - 1, bytes: text.length };
    },
    members: async () => [
      {
        key: "transport",
        name: "Transport\u001b[31m",
        kind: "member",
        shadow: false,
        people: 2,
        assets: 3,
        sensors: 1,
      },
    ],
    users: {
      add: async (user) => {
        users.set(user.name, { ...user, disabled: false });
      },
      disable: async (name) => {
        const user = users.get(name);
        if (user === undefined) throw new WaglanError("WGL_NAME_UNKNOWN", { what: "user", value: name });
        users.set(name, { ...user, disabled: true });
      },
      list: async () => [...users.values()].map(({ password: _password, ...user }) => user),
    },
    tokens: {
      make: async (token) => {
        tokens.set("abcdefgh", token);
        return { text: "wgl_abcdefgh_secret", prefix: "abcdefgh" };
      },
      revoke: async (prefix) => {
        const token = tokens.get(prefix);
        if (token === undefined) throw new WaglanError("WGL_NAME_UNKNOWN", { what: "token", value: prefix });
        tokens.set(prefix, { ...token, revoked: "2026-11-19T08:42:00.000Z" });
      },
      list: async () =>
        [...tokens].map(([prefix, token]) => ({ prefix, ...token, created: "2026-11-19T08:00:00.000Z" })),
    },
    inventories: {
      put: async ({ body, ...brought }) => {
        did.push(["inventory", brought, body.length]);
        return ok({
          format: "table",
          items: 2,
          added: 2,
          removed: 0,
          repeated: 0,
          rejected: 0,
          problemCount: 0,
          problems: [],
        });
      },
    },
    rules: {
      list: async () => ({
        rules: [
          {
            ...{ rule: "30d73fb2", title: "A name", kind: "rule", level: "low", status: "test" },
            ...{ runs: false, why: "noise", file: "dns/a.yml" },
          },
        ],
        problems: [],
      }),
      decide: async (rule, runs, reason) => {
        if (rule === "nobody") return problem("WGL_RULE_UNKNOWN", { rule });
        did.push(["decide", rule, runs, reason]);
        return undefined;
      },
    },
    hunts: {
      ask: async (wanted) => {
        did.push(["hunts.ask", wanted]);
        return ok("hunt-1");
      },
      read: async () => hunts.shift() ?? over,
      results: async function* () {
        yield {
          ...{ time: "2026-11-20T08:00:00.000Z", organisation: "parks", sensor: "gate", hunted: "bad.example" },
          ...{ seen: "www.bad.example", where: "dns-query", direction: "outbound", own: "192.0.2.10" },
          ...{ weight: "finding", text: "{}" },
        };
      },
      cancel: async (id) => {
        did.push(["hunts.cancel", id]);
      },
    },
    care: {
      exclude: async (what, { reason }) => {
        if ("value" in what && what.value === "nonsense") return no("WGL_VALUE_KIND", { value: what.value });
        did.push(["exclude", "body" in what ? Buffer.from(what.body).toString() : what.value, reason]);
        return ok({ name: "body" in what ? what.file : `value ${what.value}`, entries: 1 });
      },
      include: async (name) => (name === "known" ? undefined : problem("WGL_ABSENT")),
      exclusions: async () => [
        { name: "known", entries: 2, reason: "shared", who: "Lo", at: "2026-11-19T08:00:00.000Z" },
      ],
      judge: async ({ value, verdict, source }) => {
        did.push(["judge", value, verdict, source]);
        return ok({ weighed: 2, takenBack: 1, restored: 0 });
      },
    },
    backup: async (folder) => ({ folder, tables: 30, rows: 12 }),
    evidence: {
      verify: async () => ({ leaves: 7, checkpoints: 2, problems }),
      export: async (folder) => {
        did.push(["export", folder]);
        return { leaves: 7, checkpoints: 2, problems: [] };
      },
    },
    close: async () => {
      did.push(["close"]);
    },
  };
  const abilities: Abilities = {
    open: async (config) => {
      did.push(["open", config.data]);
      return opened;
    },
    serve: async (config, stop, say) => {
      did.push(["serve", config.http.port, config.roles, stop.aborted]);
      say("listening");
    },
    migrate: async () => ({ state: [1, 2], history: [], version: 2 }),
    restore: async (_config, folder) => ({ folder, tables: 30, rows: 12 }),
    doctor: async (config: Config) => [
      { check: "disk", ok: true, says: "plenty" },
      { check: "database", ok: config.database.url === undefined, says: config.database.url ?? "embedded" },
    ],
    origins: () => Promise.resolve(undefined),
    sensor: noStore.sensor,
    verifyEvidence: async (folder) => {
      did.push(["verifyEvidence", folder]);
      return { leaves: 7, checkpoints: 2, problems: ["leaf 3 does not fit"] };
    },
  };
  return { abilities, did, users, tokens, turns, problems, hunts };
};

/** A process that is none. */
const world = (cwd: string, stdin: string, env: Record<string, string>, isTTY: boolean) => {
  const [out, err]: [string[], string[]] = [[], []];
  const io: Io = {
    stdout: { write: (text) => void out.push(text) },
    stderr: { write: (text) => void err.push(text) },
    stdin: (async function* () {
      yield Buffer.from(stdin);
    })(),
    ...{ isTTY, env, cwd },
    now: () => instant(1_795_077_720_000),
    elapsed: () => performance.now(),
    random: (bytes) => new Uint8Array(bytes).map((_, i) => i * 7),
    stopped: () => new AbortController().signal,
  };
  return { io, out: () => out.join(""), err: () => err.join("") };
};

interface Said {
  readonly exit: Exit;
  readonly out: string;
  readonly err: string;
}

const call = async (
  who: Small | { readonly abilities: Abilities },
  args: readonly string[],
  {
    cwd = "/",
    stdin = "",
    env = {},
    isTTY = false,
  }: { cwd?: string; stdin?: string; env?: Record<string, string>; isTTY?: boolean } = {},
): Promise<Said> => {
  const { io, out, err } = world(cwd, stdin, env, isTTY);
  const exit = await run(args, io, who.abilities);
  return { exit, out: out(), err: err() };
};

const program = (): Command => {
  const { io } = world("/", "", {}, false);
  return buildProgram({ io, talk: openTalk(io), abilities: noStore, argv: [], end: () => {} });
};
const leaves = (command: Command, path: string): readonly (readonly [string, Command])[] => {
  const below = command.commands;
  // one that takes paths is a verb, even where another stands below it (inventory, inventory upload)
  const own = below.length === 0 || command.registeredArguments.length > 0;
  return [
    ...(own ? [[path, command] as const] : []),
    ...below.flatMap((one) => leaves(one, `${path} ${one.name()}`.trim())),
  ];
};

test("every verb has --help that says what it does, and --json", async () => {
  const verbs = leaves(program(), "");
  assert.ok(verbs.length >= 20, `only ${verbs.length} verbs`);
  for (const [path, command] of verbs) {
    assert.notEqual(command.description(), "", path);
    if (path !== "serve")
      assert.ok(
        command.options.some(({ long }) => long === "--json"),
        `${path} has no --json`,
      );
    const { exit, out } = await call({ abilities: noStore }, [...path.split(" "), "--help"]);
    assert.equal(exit, 0, path);
    assert.match(out, /Usage: waglan /);
  }
});

test("docs/commands.md has every verb and every option, and no other", () => {
  const docs = readFileSync(new URL("../docs/commands.md", import.meta.url), "utf8");
  const sections = new Map(
    [...docs.matchAll(/^### `waglan ([^`]+)`\n([\s\S]*?)(?=^##|(?![\s\S]))/gm)].map(([, name, text]) => [
      name ?? "",
      text ?? "",
    ]),
  );
  const verbs = leaves(program(), "");
  assert.deepEqual([...sections.keys()].toSorted(), verbs.map(([path]) => path).toSorted());
  const everywhere = new Set(["--help", "--json", "--config", "--data"]);
  for (const [path, command] of verbs) {
    const options = command.options.flatMap(({ long }) =>
      long === null || long === undefined || everywhere.has(long) ? [] : [long],
    );
    const written = [...(sections.get(path) ?? "").matchAll(/^\| `(--[a-z0-9-]+)/gm)].map(([, long]) => long ?? "");
    assert.deepEqual(written.toSorted(), options.toSorted(), path);
  }
});

test("exit codes tell usage, input and world apart", async () => {
  assert.equal(exitOf("WGL_STATE_GONE"), exits.world);
  assert.equal(exitOf("WGL_RESTORE_NOT_EMPTY"), exits.input);
  assert.equal((await call(small(), [])).exit, exits.usage);
  assert.equal((await call(small(), ["sing"])).exit, exits.usage);
  assert.equal((await call(small(), ["--version"])).exit, exits.done);
  assert.equal((await call({ abilities: noStore }, ["member", "list"])).exit, exits.world);
});

test("whatever is thrown is told with its code, and no stack without WAGLAN_DEBUG", async () => {
  const broken = { abilities: { ...noStore, doctor: () => Promise.reject(new TypeError("x is not a function")) } };
  const { exit, err } = await call(broken, ["doctor"]);
  assert.deepEqual([exit, err], [4, "Cannot go on, the fault is ours: x is not a function [WGL_OURS]\n"]);
  assert.match(
    (await call(broken, ["doctor"], { env: { WAGLAN_DEBUG: "1" } })).err,
    /TypeError: x is not a function\n\s+at /,
  );
});

test("config prints what is in force without secrets, and every problem with exit 2", () =>
  inFolder(
    {
      "waglan.yaml": "http: { port: 9000 }\nmail: { smtp: 'smtps://u:hunter2@mail.example' }\n",
      "bad.yaml": "a: 1\nb: 2\n",
    },
    async (cwd) => {
      const text = await call(small(), ["config", "--data", "/srv/w"], { cwd });
      assert.equal(text.exit, 0);
      assert.match(text.out, /^data: \/srv\/w$/m);
      assert.match(text.out, /^ {2}port: 9000$/m);
      assert.doesNotMatch(text.out, /hunter2/);
      const json = JSON.parse((await call(small(), ["config", "--json"], { cwd })).out) as Config;
      assert.deepEqual([json.http.port, json.mail.smtp], [9000, "smtps://u:redacted@mail.example"]);
      const bad = await call(small(), ["config", "--config", "bad.yaml"], { cwd });
      assert.equal(bad.exit, 2);
      assert.equal(bad.err.match(/^bad\.yaml line \d column \d: .*\[WGL_CONFIG_KEY\]$/gm)?.length, 2);
      assert.match(
        (await call(small(), ["config"], { cwd, env: { WAGLAN_CONFIG: "none.yaml" } })).err,
        /none\.yaml.*ENOENT.*WGL_CONFIG_FILE/,
      );
    },
  ));

test("serve hands on what the command line says over the file", async () => {
  const waglan = small();
  const { exit, err } = await call(waglan, ["serve", "--port", "0", "--roles", "api,work", "--data", "/srv/w"]);
  assert.deepEqual([exit, err, waglan.did], [0, "listening\n", [["serve", 0, ["api", "work"], false]]]);
  assert.equal((await call(waglan, ["serve", "--port", "x"])).exit, 2);
});

test("collect takes what is due, one feed, or files, and ends with the worst turn", () =>
  inFolder({ "a.txt": "203.0.113.7\n", "b.csv": "indicator,type\nx.example,domain\n" }, async (cwd) => {
    const waglan = small();
    waglan.turns.push(turnOf("abusech-feodo"));
    const due = await call(waglan, ["collect", "--json"]);
    assert.deepEqual(
      [due.exit, JSON.parse(due.out).at, JSON.parse(due.out).feed],
      [0, "2026-11-19T08:42:00.000Z", "abusech-feodo"],
    );
    await call(waglan, ["collect", "--feed", "abusech-feodo"]);
    assert.equal((await call(waglan, ["collect", "--feed", "x"])).exit, 2);
    waglan.turns.push(turnOf("stamparm-ipsum", "held"));
    const held = await call(waglan, ["collect"]);
    assert.deepEqual([held.exit, held.err.includes("WGL_FEED_SHRUNK")], [3, true]);
    waglan.turns.push(turnOf("spamhaus-drop-v4", "failing"));
    assert.equal((await call(waglan, ["collect"])).exit, 4);
    waglan.turns.length = 0;
    assert.equal((await call(waglan, ["collect", "--from", "a.txt"], { cwd })).exit, 0);
    const busy = await call(waglan, ["collect", "--from", "b.csv"], { cwd });
    assert.deepEqual([busy.exit, busy.err.includes("WGL_FEED_BUSY")], [4, true]);
    const asked = waglan.did.filter(([what]) => what !== "open" && what !== "close");
    assert.deepEqual(asked, [
      ["collect", undefined],
      ["collect", "abusech-feodo"],
      ["collect", undefined],
      ["collect", undefined],
      ["collectBody", "generic-lines", 12, "a.txt"],
      ["collectBody", "generic-delimited", 32, "b.csv"],
    ]);
    assert.equal(
      waglan.did.filter(([what]) => what === "open").length,
      waglan.did.filter(([what]) => what === "close").length,
    );
  }));

test("import hands a sensor's files on, and tells of a sensor nobody knows", () =>
  inFolder({ "eve.json": "{}\n{}\n" }, async (cwd) => {
    const waglan = small();
    const { exit, out } = await call(waglan, ["import", "--telemetry", "--sensor", "htd-edge-1", "eve.json", "-"], {
      cwd,
      stdin: "{}\n",
    });
    assert.deepEqual([exit, out], [0, "eve.json: 2 lines in 1 batches\n-: 1 lines in 1 batches\n"]);
    assert.deepEqual(waglan.did.slice(1, 3), [
      ["importTelemetry", "htd-edge-1", "eve.json", "{}\n{}\n"],
      ["importTelemetry", "htd-edge-1", "-", "{}\n"],
    ]);
    const unknown = await call(waglan, ["import", "--telemetry", "--sensor", "nobody", "eve.json"], { cwd });
    assert.deepEqual([unknown.exit, unknown.err], [3, 'Cannot find sensor "nobody" [WGL_NAME_UNKNOWN]\n']);
    assert.deepEqual(waglan.did.at(-1), ["close"]);
    assert.equal((await call(waglan, ["import", "--sensor", "x", "eve.json"], { cwd })).exit, 2);
  }));

test("a one-way link: what a sensor is given becomes a file, and its parcels are taken in", () =>
  inFolder({ "000001.parcel": "a parcel", "000002.parcel.gz": "bad", "eve.json": "{}\n" }, async (cwd) => {
    const waglan = small();
    const printed = await call(waglan, ["export", "--for-sensor", "edge-1"], { cwd });
    assert.deepEqual([printed.exit, printed.out], [0, '{"file":{}}\n']);
    const written = await call(waglan, ["export", "--for-sensor", "edge-1", "--out", "for-edge.gz"], { cwd });
    assert.deepEqual([written.exit, written.out], [0, ""]);
    assert.equal(gunzipSync(readFileSync(join(cwd, "for-edge.gz"))).toString(), '{"file":{}}\n');
    assert.equal((await call(waglan, ["export", "--for-sensor", "edge-1", "--to", "org"], { cwd })).exit, 2);
    assert.equal((await call(waglan, ["export"], { cwd })).exit, 2);
    const taken = await call(waglan, ["import", "--telemetry", "--sensor", "edge-1", "000001.parcel", "eve.json"], {
      cwd,
    });
    assert.deepEqual(
      [taken.exit, taken.out],
      [0, "000001.parcel: parcel 3, 9 lines\neve.json: 1 lines in 1 batches\n"],
    );
    const broken = await call(waglan, ["import", "--telemetry", "--sensor", "edge-1", "000002.parcel.gz"], { cwd });
    assert.equal(broken.exit, 3);
    assert.match(broken.err, /WGL_SENSOR_FILE/);
  }));

test("member import tells each problem with file and place and then takes nothing", () =>
  inFolder({ "good.yaml": "x", "assets.csv": "x", "bad.yaml": "wrong" }, async (cwd) => {
    const waglan = small();
    const good = await call(waglan, ["member", "import", "good.yaml"], { cwd });
    assert.deepEqual([good.exit, good.out], [0, "good.yaml: 2 organisations, 3 people, taken\n"]);
    assert.match(
      (await call(waglan, ["member", "import", "assets.csv", "--dry-run"], { cwd })).out,
      /nothing wrong, nothing taken/,
    );
    const bad = await call(waglan, ["member", "import", "--json", "bad.yaml"], { cwd });
    assert.equal(bad.exit, 3);
    assert.match(bad.err, /^bad\.yaml: line 3 column 7: .*\[WGL_DIRECTORY_ID\]$/m);
    assert.deepEqual(
      bad.out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).code ?? JSON.parse(line).applied),
      ["WGL_DIRECTORY_ID", false],
    );
    await call(waglan, ["member", "import", "-", "--format", "csv"], { cwd, stdin: "x" });
    const formats = waglan.did
      .filter(([what]) => what === "importDirectory")
      .map(([, format, dryRun]) => [format, dryRun]);
    assert.deepEqual(formats, [
      ["yaml", false],
      ["csv", true],
      ["yaml", false],
      ["csv", false],
    ]);
    assert.equal((await call(waglan, ["member", "import", "absent.yaml"], { cwd })).exit, 3);
    const list = await call(waglan, ["member", "list"]);
    assert.match(list.out, /^key +name +kind/);
    assert.doesNotMatch(list.out, /\u001b/);
  }));

test("user add makes a password once, or takes it from standard input, and checks roles", async () => {
  const waglan = small();
  const made = await call(waglan, ["user", "add", "lo", "--staff", "--role", "analyst", "administrator", "--json"]);
  assert.equal(made.exit, 0, made.err);
  const { password } = JSON.parse(made.out) as { password: string };
  assert.match(password, /^[a-z2-7]{4}(?:-[a-z2-7]{4}){3}$/);
  assert.equal(waglan.users.get("lo")?.password, password);
  assert.deepEqual(waglan.users.get("lo")?.roles, ["analyst", "administrator"]);
  const typed = await call(
    waglan,
    ["user", "add", "chan", "--person", "chan", "--role", "security-contact", "--password-stdin"],
    {
      stdin: "correct horse battery\nsecond line\n",
    },
  );
  assert.deepEqual([typed.exit, typed.out], [0, "chan can sign in\n"]);
  assert.equal(waglan.users.get("chan")?.password, "correct horse battery");
  assert.equal(
    (await call(waglan, ["user", "add", "x", "--staff", "--role", "analyst", "--password-stdin"], { stdin: "short\n" }))
      .exit,
    3,
  );
  for (const args of [
    ["user", "add", "x", "--staff", "--role", "king"],
    ["user", "add", "x", "--staff", "--role", "viewer"],
    ["user", "add", "x", "--person", "x", "--role", "analyst"],
    ["user", "add", "x", "--role", "viewer"],
    ["user", "add", "x", "--staff"],
  ])
    assert.equal((await call(waglan, args)).exit, 2, args.join(" "));
  for (const name of ["lo", "LO "]) {
    const again = await call(waglan, ["user", "add", name, "--staff", "--role", "auditor"]);
    assert.deepEqual([again.exit, again.err.includes("WGL_NAME_TAKEN")], [3, true]);
  }
  assert.deepEqual(waglan.users.get("lo")?.roles, ["analyst", "administrator"]);
  assert.equal((await call(waglan, ["user", "disable", "lo"])).exit, 0);
  assert.equal(waglan.users.get("lo")?.disabled, true);
  assert.equal((await call(waglan, ["user", "disable", "nobody"])).exit, 3);
  const list = await call(waglan, ["user", "list"]);
  assert.match(list.out, /^lo +analyst, administrator/m);
  assert.doesNotMatch(list.out, new RegExp(password));
});

test("rules are listed, tested without a server, and turned off and on with a reason", async () => {
  const waglan = small();
  const why = ["--reason", "noise"];
  assert.match((await call(waglan, ["rules", "list"])).out, /30d73fb2 .*A name .*no .*noise/);
  assert.equal((await call(waglan, ["rules", "disable", "30d73fb2", ...why])).exit, 0);
  assert.equal((await call(waglan, ["rules", "enable", "dns/", ...why])).out, "dns/ is enabled\n");
  const unknown = await call(waglan, ["rules", "disable", "nobody", ...why]);
  assert.deepEqual([unknown.exit, unknown.err.includes("WGL_RULE_UNKNOWN")], [3, true]);
  assert.equal((await call(waglan, ["rules", "disable", "30d73fb2"])).exit, 2);
  assert.deepEqual(
    waglan.did.filter(([what]) => what === "decide"),
    [
      ["decide", "30d73fb2", false, "noise"],
      ["decide", "dns/", true, "noise"],
    ],
  );
  const tested = await call(waglan, ["rules", "test", new URL("../sample/rules/", import.meta.url).pathname, "--json"]);
  assert.deepEqual(JSON.parse(tested.out), { rules: 12, passed: 12, failed: 0, untested: 0, problems: 0 });
  assert.equal(tested.exit, 0);
});

test("hunt asks with its purpose, waits for whoever does it, and answers 1 when something was seen", async () => {
  const waglan = small();
  waglan.hunts.push({ ...over, state: "waiting", read: 0, found: 0 }, { ...over, state: "running", read: 2, found: 0 });
  const hunted = await call(waglan, [
    "hunt",
    "bad[.]example",
    "--purpose",
    "a leak",
    "--since",
    "2026-11-01T00:00:00Z",
  ]);
  assert.equal(hunted.exit, exits.findings);
  assert.match(hunted.out, /2026-11-20T08:00:00.000Z {2}parks {2}gate {2}192\.0\.2\.10 .*www\.bad\.example/);
  assert.match(hunted.err, /1 sightings in 4 records; hunt hunt-1 is done/);
  assert.deepEqual(
    waglan.did.find(([what]) => what === "hunts.ask"),
    ["hunts.ask", { purpose: "a leak", values: ["bad[.]example"], from: "2026-11-01T00:00:00Z" }],
  );
  waglan.hunts.push({ ...over, found: 0 });
  assert.equal(
    (await call(waglan, ["hunt", "--pattern", "[domain-name:value = 'a.example']", "--purpose", "x"])).exit,
    exits.done,
  );
  waglan.hunts.push({ ...over, state: "failed", problem: problem("WGL_HISTORY_OFF", { reason: "it was turned off" }) });
  const failed = await call(waglan, ["hunt", "a.example", "--purpose", "x", "--json"]);
  assert.equal(failed.exit, exits.world);
  assert.match(failed.err, /WGL_HISTORY_OFF/);
  assert.equal(JSON.parse(failed.out).where, "dns-query");
  for (const args of [
    ["hunt", "--purpose", "x"],
    ["hunt", "a.example"],
    ["hunt", "a.example", "--pattern", "[x:y = 1]", "--purpose", "x"],
  ])
    assert.equal((await call(waglan, args)).exit, exits.usage, args.join(" "));
});

test("exclusion and judge say what they did, want a reason, and tell what they could not do", async () => {
  const waglan = small();
  const why = ["--reason", "a shared host"];
  const added = await call(waglan, ["exclusion", "add", "shop.example", ...why]);
  assert.deepEqual([added.exit, added.out], [0, "value shop.example: 1 entries excluded\n"]);
  const list = await call(waglan, ["exclusion", "add", "--list", "-", ...why]);
  assert.equal(list.exit, 2, "a list's name decides how far it reaches");
  const wrong = await call(waglan, ["exclusion", "add", "nonsense", ...why]);
  assert.deepEqual([wrong.exit, wrong.err.includes("WGL_VALUE_KIND")], [3, true]);
  for (const args of [
    ["exclusion", "add", "shop.example"],
    ["exclusion", "add", ...why],
    ["exclusion", "add", "shop.example", "--until", "tomorrow", ...why],
    ["judge", "shop.example", "wrong", ...why],
  ])
    assert.equal((await call(waglan, args)).exit, 2, args.join(" "));
  assert.equal((await call(waglan, ["exclusion", "end", "known", ...why])).exit, 0);
  assert.equal((await call(waglan, ["exclusion", "end", "unknown", ...why])).exit, 3);
  assert.match((await call(waglan, ["exclusion", "list"])).out, /known +2 +shared/);
  const judged = await call(waglan, ["judge", "shop.example", "false", "--source", "list", "--json", ...why]);
  assert.deepEqual(JSON.parse(judged.out), {
    ...{ value: "shop.example", verdict: "false", weighed: 2, takenBack: 1, restored: 0 },
  });
  assert.deepEqual(
    waglan.did.filter(([what]) => what === "judge" || what === "exclude"),
    [
      ["exclude", "shop.example", "a shared host"],
      ["judge", "shop.example", "false", "list"],
    ],
  );
});

test("token make prints the token alone, once; revoke and list know it by its prefix", async () => {
  const waglan = small();
  const made = await call(waglan, ["token", "make", "--sensor", "htd-edge-1", "--title", "edge"]);
  assert.deepEqual([made.exit, made.out], [0, "wgl_abcdefgh_secret\n"]);
  assert.deepEqual(waglan.tokens.get("abcdefgh"), { kind: "sensor", subject: "htd-edge-1", title: "edge" });
  assert.equal((await call(waglan, ["token", "make", "--title", "x"])).exit, 2);
  assert.equal((await call(waglan, ["token", "make", "--title", "x", "--sensor", "a", "--partner", "b"])).exit, 2);
  assert.equal((await call(waglan, ["token", "revoke", "abcdefgh"])).exit, 0);
  assert.equal((await call(waglan, ["token", "revoke", "zzzzzzzz"])).exit, 3);
  const row = JSON.parse((await call(waglan, ["token", "list", "--json"])).out) as { prefix: string; revoked: string };
  assert.deepEqual([row.prefix, row.revoked], ["abcdefgh", "2026-11-19T08:42:00.000Z"]);
});

test("migrate, backup, restore and doctor report what was done", async () => {
  const waglan = small();
  assert.equal((await call(waglan, ["migrate"])).out, "state: step 1, 2; history: nothing to do; version 2\n");
  assert.equal((await call(waglan, ["backup", "/b"])).out, "12 rows of 30 tables written to /b\n");
  assert.deepEqual(JSON.parse((await call(waglan, ["restore", "--json", "/b"])).out), {
    folder: "/b",
    tables: 30,
    rows: 12,
  });
  assert.equal((await call(waglan, ["doctor"])).exit, 0);
  const ill = await call(waglan, ["doctor"], { env: { WAGLAN_DATABASE_URL: "postgres://db.example/w" } });
  assert.equal(ill.exit, 1);
  assert.match(ill.out, /^wrong +database: /m);
});

test("evidence verify ends with 1 when the log is not whole", async () => {
  const waglan = small();
  assert.deepEqual((await call(waglan, ["evidence", "verify"])).exit, 0);
  waglan.problems.push("checkpoint 2 is not signed by us");
  const own = await call(waglan, ["evidence", "verify"]);
  assert.deepEqual([own.exit, own.err], [1, "checkpoint 2 is not signed by us\n"]);
  const folder = await call({ abilities: { ...waglan.abilities, open: noStore.open } }, [
    "evidence",
    "verify",
    "/out",
    "--json",
  ]);
  assert.deepEqual([folder.exit, JSON.parse(folder.out).whole], [1, false]);
  assert.equal((await call(waglan, ["evidence", "export", "/out"])).exit, 0);
  assert.deepEqual(
    waglan.did.filter(([what]) => what === "export"),
    [["export", "/out"]],
  );
});

test("progress shows share, rate and remaining time on a terminal, and is taken away again", async () => {
  assert.equal(progressWords(250_000_000, 1_000_000_000, 2_500), "25% of 1\u00a0GB, 100\u00a0MB/s, 0:08 left");
  assert.equal(progressWords(36_000_000, 7_236_000_000, 1_000), "0% of 7.2\u00a0GB, 36\u00a0MB/s, 3:20 left");
  assert.equal(progressWords(5_000_000, undefined, 1_000), "5\u00a0MB, 5\u00a0MB/s");
  const { io, err } = world("/", "", {}, true);
  const talk = openTalk(io);
  talk.progress("half");
  talk.say("done");
  assert.equal(err(), "\r\u001b[Khalf\r\u001b[Kdone\n");
});

test("jsonLine() is JSON that holds nothing a terminal obeys", () => {
  const text = "a\u009b31m\u202eb\u2028c\u001b[0m";
  const line = jsonLine({ text });
  assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  assert.deepEqual(JSON.parse(line), { text });
});
