import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { problemOf } from "#detect/meaning.ts";
import { readDirectoryFile } from "#community/directory-file.ts";
import { parseCidr } from "#core/cidr.ts";
import { instant } from "#core/instant.ts";
import { observableKey } from "#core/observable.ts";
import { detectFeed } from "#feeds/detect-feed.ts";
import type { RawIndicator } from "#feeds/feed.ts";
import { detectFormat, formatById } from "#telemetry/index.ts";
import type { TelemetryRecord } from "#telemetry/format.ts";
import { feedById } from "#feeds/index.ts";
import { unzip } from "#feeds/unzip.ts";
import { makeFeeds, writeFeeds } from "../sample/make-feeds.ts";
import { partnerPost } from "../sample/make-posts.ts";
import { makeTelemetry, writeTelemetry } from "../sample/make-telemetry.ts";
import { random } from "../sample/random.ts";
import * as story from "../sample/story.ts";
import { checkObject } from "#stix/check-object.ts";

const { backup, bot, clicks, expected, innocents, listedOwn, lookalikes, misjudged, scanners, sites } = story;

/** Thu 19 Nov 2026, 16:42 in Harbour City: the moment of the pictures. */
const now = Date.parse("2026-11-19T08:42:00Z");
const feeds = makeFeeds(now);
const telemetry = makeTelemetry(now);
const day = 86_400_000;

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const unpacked = (name: string, bytes: Uint8Array): string =>
  name.endsWith(".zip")
    ? unzip(bytes)
        .map((one) => text(one.bytes))
        .join("\n")
    : text(name.endsWith(".gz") ? gunzipSync(bytes) : bytes);
const community = readFileSync(new URL("../sample/community.yaml", import.meta.url));

/** Every record of a sensor's files. */
const recordsOf = (sensor: string): readonly TelemetryRecord[] =>
  [...telemetry].flatMap(([name, bytes]) => {
    if (!name.startsWith(`${sensor}/`)) return [];
    const body = gunzipSync(bytes);
    const reader = detectFormat(body.subarray(0, 4096))?.open();
    assert.ok(reader, name);
    return text(body)
      .split("\n")
      .flatMap((line, i) => {
        const read = reader.parse(line);
        if (read === undefined) return [];
        assert.ok(read.ok, `${name}:${i + 1} ${read.ok ? "" : read.problem.message}`);
        return [read.value];
      });
  });
const records = new Map(sites.map((site) => [site.organisation, recordsOf(site.sensor)]));

/** What every row of every feed says; the zip's files tell their type by their own names. */
const statements = [...feeds]
  .filter(([name]) => !name.startsWith("warninglists/"))
  .flatMap(([file, bytes]) => {
    const feed = file.endsWith(".zip") ? feedById.get("shadowserver") : detectFeed(file, bytes.subarray(0, 4096));
    assert.ok(feed);
    return [...feed.parts(bytes, file)].flatMap((part) =>
      [...part.rows].flatMap(({ row, result, legal }) => {
        if (legal) return [];
        assert.ok(result.ok, `${file} row ${row}: ${result.ok ? "" : result.problem.message}`);
        return [{ file, feed: feed.id, says: result.value }];
      }),
    );
  });
const rows: readonly { readonly file: string; readonly feed: string; readonly indicator: RawIndicator }[] =
  statements.flatMap(({ file, feed, says }) => (says.is === undefined ? [{ file, feed, indicator: says }] : []));
const reports = statements.flatMap(({ says }) => (says.is === "report" ? [says] : []));
const advisories = statements.flatMap(({ feed, says }) => (says.is === "advisory" ? [{ feed, says }] : []));
const listed = (key: string): readonly string[] =>
  rows.filter(({ indicator }) => observableKey(indicator.observable) === key).map(({ feed }) => feed);

test("writeFeeds() and writeTelemetry() write the same bytes for the same moment and seed, others for another seed", () => {
  const folder = mkdtempSync(join(tmpdir(), "waglan-sample-"));
  try {
    assert.deepEqual(writeFeeds(folder, now), [...feeds.keys()]);
    assert.deepEqual(writeTelemetry(folder, now), [...telemetry.keys()]);
    for (const [name, bytes] of [...feeds, ...telemetry])
      assert.ok(Buffer.from(bytes).equals(readFileSync(join(folder, name))), name);
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.notDeepEqual(makeFeeds(now, 1).get("harbour-phishing.txt"), feeds.get("harbour-phishing.txt"));
});

test("the community reads without a problem, and has the shape of a city", () => {
  const { directory, problems } = readDirectoryFile(community, (kind, key) => `${kind}-${key}`, instant(now));
  assert.deepEqual(problems, []);
  const members = directory.organisations.filter((o) => o.kind === "member" && o.key !== "cert");
  const government = directory.organisations.find((o) => o.key === "government")?.id;
  const count = (of: (o: (typeof members)[number]) => boolean): number => members.filter(of).length;
  assert.equal(
    count((o) => o.parent === government),
    12,
  );
  assert.equal(
    count((o) => o.key === "drainage" || o.key === "tsingbay"),
    2,
  );
  assert.equal(
    count((o) => o.sector === "sme"),
    3,
  );
  assert.equal(directory.organisations.filter((o) => o.kind === "partner").length, 1);
  assert.equal(directory.sensors.length, sites.length);
  for (const site of sites) {
    const sensor = directory.sensors.find((s) => s.key === site.sensor);
    assert.equal(sensor?.organisation, `organisation-${site.organisation}`);
    assert.equal(sensor?.format, site.format);
  }
  assert.ok(directory.people.some((p) => p.organisations.length === 3));
  assert.deepEqual([...new Set(directory.organisations.flatMap((o) => o.languages))].toSorted(), [
    "en",
    "zh-Hans",
    "zh-Hant-HK",
  ]);
  for (const { names } of directory.organisations)
    assert.deepEqual(Object.keys(names).toSorted(), ["en", "zh-Hans", "zh-Hant-HK"]);
  // Who must be told of a finding is no longer in shadow
  for (const { organisation } of expected.findings)
    assert.equal(directory.organisations.find((o) => o.key === organisation)?.shadow, false, organisation);
});

test("the feeds are told apart, read whole, and hold some thousand indicators", () => {
  const byFile = new Map([...feeds.keys()].map((file) => [file, statements.filter((one) => one.file === file)]));
  const ids = Object.fromEntries(
    [...byFile].filter(([file]) => !file.startsWith("warninglists/")).map(([file, all]) => [file, all[0]?.feed]),
  );
  assert.deepEqual(ids, {
    "abusech-feodo.csv": "abusech-feodo",
    "exploited.json": "cisa-kev",
    "names.json": "mitre-attack",
    "epss.csv.gz": "first-epss",
    "tidewater-csaf.ndjson": "csaf-document",
    "city-advisories.xml": "rss-advisories",
    "strait-advisories.xml": "rss-advisories",
    "delta-isac-misp.json": "misp-event",
    "shadowserver.zip": "shadowserver",
    "ipsum.txt": "stamparm-ipsum",
    "harbour-phishing.txt": "generic-lines",
    "spamhaus-drop-v4.json": "spamhaus-drop-v4",
    "spamhaus-drop-v6.json": "spamhaus-drop-v6",
    "strait-cert-stix.json": "stix-bundle",
    "maltrail.tar.gz": "stamparm-maltrail",
  });
  const distinct = new Set(rows.map(({ indicator }) => observableKey(indicator.observable)));
  assert.ok(distinct.size > 1000 && distinct.size < 5000, `${distinct.size}`);
  const tlps = new Set(rows.filter((row) => row.feed === "stix-bundle").map(({ indicator }) => indicator.tlp));
  assert.deepEqual([...tlps].toSorted(), ["amber", "amber+strict"]);
});

test("the story's bad places are listed, each where the story says", () => {
  assert.deepEqual(listed(`ipv4:${bot.c2.ip}`), ["abusech-feodo"]);
  assert.deepEqual(listed(`endpoint:${bot.c2.ip}:${bot.c2.port}`), ["stamparm-maltrail"]);
  assert.deepEqual(listed(`domain:${bot.c2.domain}`).toSorted(), ["stamparm-maltrail", "stix-bundle"]);
  assert.deepEqual(listed(`ipv4:${listedOwn.ip}`).toSorted(), ["abusech-feodo", "stamparm-ipsum"]);
  for (const { domain, ip } of lookalikes) {
    assert.deepEqual(listed(`domain:${domain}`), ["generic-lines"]);
    assert.deepEqual(listed(`ipv4:${ip}`), []);
  }
  for (const ip of scanners) assert.deepEqual(listed(`ipv4:${ip}`), ["stamparm-ipsum"], ip);
  assert.deepEqual(listed(`ipv4:${backup.to.ip}`), []);
  assert.deepEqual(listed(`domain:${backup.to.domain}`), []);
});

test("reports are about the story's assets and strangers, over both families of addresses", () => {
  const { telnet, rdp, sinkhole, vulnerable, strangers } = story.reported;
  const said = Map.groupBy(reports, (one) => one.asset.value);
  assert.deepEqual(
    [...said.keys()].toSorted(),
    [telnet.ip, rdp.ip, sinkhole.ip, vulnerable.ip, ...strangers].toSorted(),
  );
  const about = (ip: string) => [...new Set(said.get(ip)?.map((one) => `${one.type} ${one.about}`))];
  assert.deepEqual(about(telnet.ip), ["vulnerable-system telnet"]);
  assert.deepEqual(about(rdp.ip), ["vulnerable-system rdp"]);
  assert.deepEqual(about(sinkhole.ip), [`infected-system ${sinkhole.family}`]);
  assert.deepEqual(about(vulnerable.ip), [`vulnerable-system ${story.weaknesses.vpn.cve.toLowerCase()}`]);
  for (const one of reports) assert.ok(one.seenAt !== undefined && one.seenAt < now && one.seenAt > now - day);
});

test("advisories speak of the story's weaknesses, in two scripts", () => {
  for (const { cve, epss } of Object.values(story.weaknesses)) {
    const about = advisories.filter(({ says }) => says.cves.includes(cve));
    assert.ok(about.length >= 2, cve);
    assert.deepEqual(
      about.flatMap(({ says }) => says.epss?.probability ?? []),
      [epss],
    );
  }
  assert.deepEqual([...new Set(advisories.flatMap(({ says }) => says.language ?? []))].toSorted(), ["en", "zh-HK"]);
});

test("the neighbour's event is green but for what it says is amber; the partner's post is valid STIX 2.1 of both", () => {
  const tlpOf = (name: string) =>
    rows.flatMap(({ feed, indicator }) =>
      feed === "misp-event" && indicator.observable.value === name ? [indicator.tlp] : [],
    );
  for (const name of [...story.neighbour.green, misjudged.domain]) assert.deepEqual(tlpOf(name), ["green"], name);
  for (const name of story.neighbour.amber) assert.deepEqual(tlpOf(name), ["amber"], name);
  const { objects } = JSON.parse(partnerPost(now, random(1))) as { objects: readonly Record<string, unknown>[] };
  for (const one of objects) assert.deepEqual(checkObject(one).problems, [], String(one["id"]));
  const patterns = objects.flatMap((one) => (typeof one["pattern"] === "string" ? [one["pattern"]] : []));
  assert.deepEqual(
    patterns,
    [...story.posted.green, ...story.posted.amber].map((name) => `[domain-name:value = '${name}']`),
  );
});

test("the story's command servers answered today, so that a claim of two days lives", () => {
  for (const ip of [bot.c2.ip, listedOwn.ip]) {
    const row = rows.find((r) => r.feed === "abusech-feodo" && r.indicator.observable.value === ip);
    assert.equal(row?.indicator.seenAt, Math.floor(now / day) * day);
  }
});

test("what a careless feed lists, a warninglist takes out", () => {
  const known = [...feeds]
    .filter(([name]) => name.startsWith("warninglists/"))
    .flatMap(([, bytes]) => (JSON.parse(text(bytes)) as { readonly list: readonly string[] }).list);
  for (const { ip, domain } of Object.values(innocents)) {
    assert.ok(known.includes(domain) && known.includes(`${ip}/32`), domain);
    assert.ok(listed(`ipv4:${ip}`).includes("stamparm-maltrail"), ip);
  }
});

test("claims on the story's values mean the problems that the story expects", () => {
  const claims = (key: string) =>
    rows
      .filter(({ indicator }) => observableKey(indicator.observable) === key)
      .map(({ feed, indicator }) => ({
        feed,
        voice: "alert",
        grade: { source: "B", statement: 2 },
        labels: indicator.labels,
      }));
  const problem = (key: string, type: "infected-system" | "c2-server") =>
    problemOf(
      claims(key) as unknown as Parameters<typeof problemOf>[0],
      () => type,
      type === "c2-server" ? "listed" : "contacted",
    );
  for (const key of [`ipv4:${bot.c2.ip}`, `domain:${bot.c2.domain}`])
    assert.deepEqual(problem(key, "infected-system"), { type: "infected-system", about: "qakbot" });
  assert.deepEqual(problem(`ipv4:${listedOwn.ip}`, "c2-server"), { type: "c2-server", about: "emotet" });
});

test("the day is fifty to a hundred thousand records, in order, each within the day before now", () => {
  let all = 0;
  for (const [organisation, of] of records) {
    all += of.length;
    for (const record of of) assert.ok(record.time >= now - day && record.time < now, `${organisation} ${record.time}`);
  }
  assert.ok(all >= 50_000 && all <= 100_000, `${all}`);
  for (const [name, bytes] of telemetry) {
    const times = unpacked(name, bytes)
      .split("\n")
      .flatMap((line) => /^\{"timestamp":"([^"]{23})/.exec(line)?.[1] ?? /^(\d+\.\d{3})/.exec(line)?.[1] ?? []);
    assert.deepEqual(times, times.toSorted(), name);
  }
});

test("the bot calls every five minutes, all day, by name and by address", () => {
  const beacons = (records.get(bot.organisation) ?? []).filter((r) => r.source === bot.host);
  const at = (where: string, value: string): number[] =>
    beacons.filter((r) => r.seen.some((s) => s.where === where && s.value === value)).map((r) => r.time);
  for (const times of [at("tls-sni", bot.c2.domain), at("dns-query", bot.c2.domain), at("destination", bot.c2.ip)])
    assert.ok(times.length > 280, `${times.length}`);
  const handshakes = at("tls-sni", bot.c2.domain);
  for (const [i, time] of handshakes.slice(1).entries()) {
    const gap = time - (handshakes[i] as number);
    // 300 s, jitter of at most 8 s at either end, and 90 ms of set-up
    assert.ok(gap > 291_000 && gap < 309_000, `${gap}`);
  }
  for (const [organisation, of] of records)
    if (organisation !== bot.organisation)
      assert.ok(!of.some((r) => r.seen.some((s) => s.value === bot.c2.ip || s.value === bot.c2.domain)), organisation);
});

test("every click of the wave is seen, and nobody else visits a look-alike", () => {
  for (const [organisation, of] of records) {
    const visits = new Set(
      of.flatMap((record) =>
        record.seen
          .filter(
            (s) => (s.where === "tls-sni" || s.where === "http-host") && lookalikes.some((l) => l.domain === s.value),
          )
          .map((s) => `${record.source} ${s.value}`),
      ),
    );
    const clicked = clicks.filter((c) => c.organisation === organisation);
    assert.deepEqual(visits, new Set(clicked.map((c) => `${c.host} ${lookalikes[c.lookalike].domain}`)));
  }
  assert.equal(new Set(clicks.map((c) => c.organisation)).size, 5);
});

test("scanners only knock from outside; no desk reaches for a listed address but the story's", () => {
  const bad = new Set(
    rows.filter((r) => r.indicator.observable.kind === "ipv4").map((r) => r.indicator.observable.value),
  );
  const harmless = new Set<string>(Object.values(innocents).map(({ ip }) => ip));
  for (const [organisation, of] of records) {
    const site = sites.find((s) => s.organisation === organisation);
    assert.ok(
      scanners.every((ip) => of.some((r) => r.source === ip && r.destination === site?.web)),
      organisation,
    );
    for (const { source, destination } of of) {
      if (source?.startsWith(`${site?.inside}.`) !== true || destination === undefined) continue;
      if (bad.has(destination) && !harmless.has(destination)) {
        assert.equal(source, bot.host);
        assert.equal(destination, bot.c2.ip);
      }
    }
  }
});

test("listed domains are looked up by the story's hosts alone", () => {
  const bad = new Set(
    rows.filter((r) => r.indicator.observable.kind === "domain").map((r) => r.indicator.observable.value),
  );
  const allowed = new Set<string>([
    bot.c2.domain,
    misjudged.domain,
    ...lookalikes.map((l) => l.domain),
    ...Object.values(innocents).map((i) => i.domain),
  ]);
  for (const of of records.values())
    for (const record of of)
      for (const { value } of record.seen) {
        const parts = value.split(".");
        for (let i = 0; i < parts.length - 1; i++) {
          const name = parts.slice(i).join(".");
          assert.ok(!bad.has(name) || allowed.has(name), name);
        }
      }
});

test("the nightly backup sends tens of gigabytes, and cookies are there for the field policy to take out", () => {
  const of = records.get(backup.organisation) ?? [];
  const sent = of
    .filter((r) => r.event === "flow" && r.destination === backup.to.ip && r.source === backup.host)
    .reduce((sum, r) => sum + (r.measures.bytesOut ?? 0), 0);
  assert.ok(sent > 40e9 && sent < 45e9, `${sent}`);
  const policy = formatById("suricata-eve")?.policy ?? {};
  assert.equal(policy["http.cookie"], "drop");
  assert.ok(of.some((r) => (r.fields["http"] as { readonly cookie?: string } | undefined)?.cookie !== undefined));
});

test("only documentation and private addresses and .example names occur", () => {
  const allowed = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "10.0.0.0/8"].map((cidr) => {
    assert.ok(parseCidr(cidr).ok);
    return new RegExp(
      `^${cidr
        .split("/")[0]
        ?.split(".")
        .slice(0, Number(cidr.split("/")[1]) / 8)
        .join("\\.")}\\.`,
    );
  });
  const post = partnerPost(now, random(1));
  const files = new Map<string, string>([
    ["community.yaml", text(community)],
    ["the partner's post", post],
  ]);
  for (const [name, bytes] of [...feeds, ...telemetry]) files.set(name, unpacked(name, bytes));
  for (const [name, body] of files) {
    for (const [ip] of body.matchAll(/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/g))
      assert.ok(
        allowed.some((range) => range.test(ip)),
        `${name}: ${ip}`,
      );
    for (const [ip] of body.matchAll(/(?<![0-9a-f:])[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}(?![0-9a-f:])/gi))
      if (ip.includes("::")) assert.match(ip, /^2001:db8:/, name);
    // a name: labels and a last label of letters; files and versions have digits or are told here
    for (const [found] of body.matchAll(/(?<![\w@.-])(?:[a-z0-9_-]+\.)+[a-z]{2,}(?![\w-])/gi)) {
      if (/\.(?:example|txt|json|log|php|html|env|ts)$/i.test(found)) continue;
      assert.fail(`${name}: ${found}`);
    }
    for (const [mail] of body.matchAll(/[\w.+-]+@[\w.-]+/g)) assert.match(mail, /\.example$/, name);
  }
});
