// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { errors } from "#core/errors.ts";
import type { Problem } from "#core/result.ts";
import { rsitTypes } from "#core/rsit.ts";
import { licences } from "#core/marking.ts";
import { feedById } from "#feeds/index.ts";
import { type Config, placeOf, readConfig } from "#jobs/config/config.ts";
import { feedKeys, meansKeys } from "#jobs/config/feeds.ts";
import { otherNames, type SettingPath, settings } from "#jobs/config/keys.ts";
import { mailboxOf, mailServerOf } from "#jobs/config/mail.ts";
import { printConfig } from "#jobs/config/print.ts";
import { redacted } from "#jobs/config/values.ts";
import { configuredFeeds } from "#jobs/collect/configured-feeds.ts";

const fileText = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const example = fileText("waglan.example.yaml");
const paths = Object.keys(settings) as readonly SettingPath[];

const good = (yaml?: string, env: Record<string, string> = {}, overrides = {}): Config => {
  const read = readConfig(yaml, env, overrides);
  assert.ok(read.ok, JSON.stringify(read));
  return read.value;
};
const bad = (yaml?: string, env: Record<string, string> = {}, overrides = {}): readonly Problem[] => {
  const read = readConfig(yaml, env, overrides);
  assert.ok(!read.ok, "it was accepted");
  return read.problem;
};

test("readConfig() of nothing is the defaults, frozen", () => {
  const config = good();
  assert.equal(config.http.port, 8420);
  assert.equal(config.http.host, "127.0.0.1");
  assert.deepEqual(config.roles, ["api", "collect", "match", "work"]);
  assert.equal(config.telemetry.waiting, 500);
  assert.deepEqual(config.feeds, []);
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.http) && Object.isFrozen(config.roles));
  assert.deepEqual(good("# only a comment\n"), config);
  assert.deepEqual(good("http:\n  port:\nmail: ~\n"), config);
});

test("readConfig() takes file, environment and command line, the later before the earlier", () => {
  const yaml = "http: { port: 1000 }\nroles: [api]\n";
  assert.equal(good(yaml).http.port, 1000);
  assert.equal(good(yaml, { WAGLAN_PORT: "2000" }).http.port, 2000);
  assert.equal(good(yaml, { WAGLAN_PORT: "2000" }, { "http.port": "3000" }).http.port, 3000);
  assert.equal(good(yaml, { WAGLAN_PORT: "" }).http.port, 1000);
  assert.deepEqual(good(yaml, { WAGLAN_ROLES: "match, work" }).roles, ["match", "work"]);
  assert.deepEqual(good(undefined, { PATH: "/bin", WAGLAN_TEST_CLUSTER: "x" }), good());
});

test("readConfig() tells all problems, each at its place", () => {
  const yaml = [
    "http:", // 1
    "  port: 70000", // 2
    "  prot: 1", // 3
    "mail: yes", // 4
    "data: a", // 5
    "data: b", // 6
    "roles: [api, sing]", // 7
    "feeds:", // 8
    "  - { id: x, grade: B9 }", // 9
    "  - { use: generic-lines }", // 10
    "  - { id: x }", // 11
  ].join("\n");
  const said = bad(yaml, { WAGLAN_HSOT: "::" }).map(({ code, at }) => `${code} ${at}`);
  assert.deepEqual(said.toSorted(), [
    "WGL_CONFIG_KEY WAGLAN_HSOT",
    "WGL_CONFIG_KEY line 3 column 9",
    "WGL_CONFIG_NEEDS line 10 column 5",
    "WGL_CONFIG_TWICE line 11 column 5",
    "WGL_CONFIG_TWICE line 6 column 1",
    "WGL_CONFIG_VALUE line 2 column 9",
    "WGL_CONFIG_VALUE line 4 column 7",
    "WGL_CONFIG_VALUE line 7 column 14",
    "WGL_CONFIG_VALUE line 9 column 21",
  ]);
});

test("readConfig() refuses half a TLS, an empty list of roles, and YAML that repeats by reference", () => {
  assert.deepEqual(
    bad("http: { tls: { cert: a.pem } }").map(({ code }) => code),
    ["WGL_CONFIG_NEEDS"],
  );
  assert.deepEqual(good("http: { tls: { cert: a.pem, key: b.pem } }").http.tls, { cert: "a.pem", key: "b.pem" });
  assert.equal(bad("roles: []")[0]?.code, "WGL_CONFIG_VALUE");
  for (const yaml of ["a: &x 1\nb: *x", "data: !!str x\nhttp: !mine {}", "- a", "a: [", "data: |\n\tx: 1\n: :"])
    assert.ok(
      bad(yaml).every(({ code }) => code in errors),
      yaml,
    );
});

test("readConfig() never quotes a secret", () => {
  for (const path of paths.filter((one) => settings[one].secret)) {
    const said = JSON.stringify(bad(undefined, {}, { [path]: "gopher://user:hunter2@host" }));
    assert.doesNotMatch(said, /hunter2/);
  }
});

test("readConfig() never throws, whatever the file holds", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      const read = readConfig(text, {});
      if (!read.ok) for (const one of read.problem) assert.ok(one.code in errors);
    }),
  );
});

const configs = fc.record({
  "http.port": fc.integer({ min: 0, max: 65_535 }).map(String),
  "telemetry.threads": fc.integer({ min: 0, max: 256 }).map(String),
  "rules.folders": fc.constantFrom("waglan", "rules", "waglan,rules/site"),
  data: fc.constantFrom("data", "/srv/waglan", "null", "~", "1", "a b", "yes", "[x"),
  "values.allow": fc.subarray(["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]).map((list) => list.join(",")),
  roles: fc.subarray(["api", "collect", "match", "work"], { minLength: 1 }).map((list) => list.join(",")),
  "history.off": fc.constantFrom("true", "false"),
  "mail.from": fc.constantFrom("cert@cert.example", "Harbour City CERT <cert@cert.example>"),
});

test("readConfig() reads back what printConfig() prints", () => {
  fc.assert(
    fc.property(configs, (said) => {
      const config = good(fileText("sample/waglan.yaml"), {}, said);
      assert.deepEqual(good(printConfig(config)), config);
    }),
  );
});

test("printConfig() shows no password", () => {
  const config = good("feeds: [{ id: abusech-feodo, url: 'https://lists.example/x?key=hunter2' }]", {
    WAGLAN_DATABASE_URL: "postgres://waglan:hunter2@db.example/waglan?sslpassword=hunter2",
    WAGLAN_HISTORY_URL: "https://waglan:hunter2@ch.example:8443/waglan",
    WAGLAN_MAIL_SMTP: "smtps://user:hunter2@mail.example",
    WAGLAN_COLLECT_PROXY: "http://hunter2@proxy.example:3128",
  });
  const printed = printConfig(config);
  assert.doesNotMatch(printed, /hunter2/);
  for (const host of ["db.example", "ch.example", "mail.example", "proxy.example", "lists.example"])
    assert.ok(printed.includes(host), host);
  assert.equal(redacted("postgres://u:p@db.example/w"), "postgres://u:redacted@db.example/w");
  assert.equal(redacted("https://lists.example/a.txt"), "https://lists.example/a.txt");
});

/** Rows of the table under a heading: cells without their back-ticks. */
const tableRows = (text: string, heading: string): readonly (readonly string[])[] => {
  const section = text.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| (`.*) \|$/gm)].map((found) =>
    (found[1] ?? "").split(" | ").map((cell) => cell.replace(/^\|? ?`?|`$/g, "").trim()),
  );
};

/** As the documentation writes a default. */
const written = (value: unknown): string =>
  value === undefined ? "" : Array.isArray(value) ? value.join(", ") : String(value);

test("docs/configuration.md has every key, its name in the environment and its default, and no other", () => {
  const docs = fileText("docs/configuration.md");
  const rows = [...docs.matchAll(/^\| `([\w.]+)` \| `(WAGLAN_\w+)` \| (?:`([^`]*)` )?\| /gm)];
  assert.deepEqual(
    rows.map(([, path, env, standard]) => ({ path, env, standard: standard ?? "" })),
    paths.map((path) => ({ path, env: settings[path].env, standard: written(settings[path].default) })),
  );
  assert.deepEqual(
    tableRows(docs, "Feeds")
      .map(([key]) => key)
      .toSorted(),
    [...Object.keys(feedKeys), "means", "map"].toSorted(),
  );
  for (const name of otherNames) assert.ok(docs.includes(name), name);
  for (const word of [...Object.keys(rsitTypes), ...Object.keys(licences)])
    assert.ok(docs.includes(`\`${word}\``), word);
});

test("waglan.example.yaml has every key at its default, each with a reason, and no other", () => {
  assert.deepEqual(good(example), good());
  const keys: string[] = [];
  const walk = (value: unknown, at: string): void => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) keys.push(at);
    else for (const [key, inner] of Object.entries(value)) walk(inner, at === "" ? key : `${at}.${key}`);
  };
  walk(parse(example), "");
  assert.deepEqual(keys, [...paths, "feeds"]);
  const lines = example.split("\n");
  for (const [index, line] of lines.entries())
    if (
      /^ *[a-zA-Z]+:/.test(line) &&
      !/^(?:database|history|http|mail|verify|collect|keep|values|decay|telemetry|rules| {2}(?:record|observation|hit)Megabytes| {2}tls| {4}(?:key|cidr|endpoint|domain|url|path|email|asn)):/.test(
        line,
      )
    )
      assert.match(lines[index - 1] ?? "", /^ *#/, `no reason before "${line}"`);
});

test("the commented feeds of waglan.example.yaml are right, and show every key", () => {
  const block = example.slice(example.indexOf("# feeds:")).replace(/^# ?/gm, "");
  const config = good(block);
  const ready = configuredFeeds(config.feeds);
  assert.ok(ready.ok, JSON.stringify(ready));
  const shown = new Set(config.feeds.flatMap((feed) => Object.keys(feed)));
  assert.deepEqual([...shown].toSorted(), [...Object.keys(feedKeys), "means", "map"].toSorted());
  assert.deepEqual(Object.keys(config.feeds.find(({ means }) => means)?.means ?? {}), [...meansKeys]);
});

test("configuredFeeds() changes built-in feeds, makes new ones, and leaves the others uncollected", () => {
  const { feeds } = good(
    [
      "feeds:",
      "  - { id: abusech-feodo, path: x.csv, trusted: true }",
      "  - { id: spamhaus-drop-v4, enabled: false }",
      "  - { id: mine, use: generic-lines, grade: B2, voice: context, tlp: green, means: { contacted: phishing } }",
      "  - { id: theirs, use: stamparm-ipsum, url: 'https://lists.example/ipsum.txt', everyMinutes: 5, liveDays: 3 }",
    ].join("\n"),
  );
  const read = configuredFeeds(feeds);
  assert.ok(read.ok);
  const byId = new Map(read.value.map((one) => [one.feed.id, one]));
  assert.deepEqual([...byId.keys()], [...feedById.keys(), "mine", "theirs"].toSorted());

  const feodo = byId.get("abusech-feodo");
  assert.deepEqual(feodo?.from, { kind: "path", path: "x.csv" });
  assert.deepEqual([feodo?.trusted, feodo?.enabled, feodo?.feed.url], [true, true, undefined]);
  assert.equal(byId.get("spamhaus-drop-v4")?.enabled, false);
  const untouched = byId.get("stamparm-maltrail");
  assert.deepEqual([untouched?.enabled, untouched?.trusted], [false, false]);
  assert.equal(untouched?.feed, feedById.get("stamparm-maltrail"));

  const lines = feedById.get("generic-lines");
  const mine = byId.get("mine");
  assert.deepEqual(mine?.from, { kind: "none" });
  assert.equal(mine?.enabled, false);
  assert.deepEqual(mine?.feed, {
    ...lines,
    id: "mine",
    grade: { source: "B", statement: 2 },
    voice: "context",
    tlp: "green",
    means: { contacted: "phishing", listed: "blacklist" },
  });
  const theirs = byId.get("theirs");
  assert.deepEqual(theirs?.from, { kind: "url", url: "https://lists.example/ipsum.txt" });
  assert.deepEqual([theirs?.feed.everyMinutes, theirs?.feed.liveDays, theirs?.enabled], [5, 3, true]);
});

test("configuredFeeds() tells of every feed that uses nothing we have", () => {
  const read = configuredFeeds(
    good("feeds: [{ id: new }, { id: other, use: what }, { id: both, use: generic-lines }]").feeds,
  );
  assert.ok(!read.ok);
  assert.deepEqual(
    read.problem.map(({ code, with: params }) => [code, params?.["value"]]),
    [
      ["WGL_CONFIG_VALUE", "new"],
      ["WGL_CONFIG_VALUE", "what"],
    ],
  );
});

test("sample/waglan.yaml reads every feed the sample writes from its own folder, one of them in shadow", () => {
  const config = good(fileText("sample/waglan.yaml"));
  const read = configuredFeeds(config.feeds);
  assert.ok(read.ok);
  const collected = read.value.filter(({ enabled }) => enabled);
  assert.ok(collected.length >= 7 && collected.every(({ from }) => from.kind === "path"));
  assert.equal(collected.filter(({ trusted }) => !trusted).length, 1);
  assert.equal(config.sample, true);
});

test("placeOf() begins in the data folder unless the path is absolute", () => {
  const config = good("data: /srv/w\nmail: { folder: out }");
  assert.equal(placeOf(config, config.mail.folder), "/srv/w/out");
  assert.equal(placeOf(config, "/etc/x.pem"), "/etc/x.pem");
});

test("mailServerOf() and mailboxOf() take apart what the settings hold", () => {
  assert.deepEqual(mailServerOf("smtp://a:p%40ss@mail.example"), {
    ...{ host: "mail.example", port: 587, tls: "starttls" },
    login: { user: "a", password: "p@ss" },
  });
  assert.deepEqual(mailServerOf("smtps://mail.example"), { host: "mail.example", port: 465, tls: "implicit" });
  assert.deepEqual(mailServerOf("smtp://127.0.0.1?tls=none"), { host: "127.0.0.1", port: 25, tls: "none" });
  assert.deepEqual(mailServerOf("smtp://[::1]:2525?tls=none"), { host: "::1", port: 2525, tls: "none" });
  assert.deepEqual(mailboxOf("CERT <cert@cert.example>"), { name: "CERT", address: "cert@cert.example" });
  assert.deepEqual(mailboxOf("cert@cert.example"), { name: "waglan", address: "cert@cert.example" });
});
