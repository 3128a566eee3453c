import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { instant, parseInstant } from "#core/instant.ts";
import { strict, type ValuePolicy } from "#core/value-policy.ts";
import { delimited } from "#feeds/delimited.ts";
import type { Feed } from "#feeds/feed.ts";
import { guard } from "#feeds/guard.ts";
import { feedById } from "#feeds/index.ts";
import { jsonField } from "#feeds/json.ts";
import { jsonRows } from "#feeds/json-rows.ts";
import { ndjson } from "#feeds/ndjson.ts";
import { type FeedReading, readFeed, total } from "#feeds/read.ts";
import { readWarninglist } from "#feeds/warninglist.ts";
import { buildExclusions } from "#intel/exclusions.ts";

const folder = new URL("../../shared/corpora/feeds/hostile/", import.meta.url);
const skip = existsSync(folder) ? false : "the corpora are not beside this checkout";

interface RowOracle {
  readonly row: number;
  readonly text: string;
  readonly expect: "accept" | "reject" | "flag";
  readonly reason?: string;
  readonly seenAt?: string;
  readonly normalised?: string | { readonly ip: string; readonly port: number };
}
interface FileOracle {
  readonly format: string;
  readonly batch: "accept" | "accept-with-rejects" | "quarantine" | "hold" | "row-oracle";
  readonly why: string;
  readonly accepted?: number;
  readonly rejected?: number;
  readonly duplicates?: number;
  readonly flagged?: number;
  readonly values?: readonly string[];
  readonly rows?: readonly RowOracle[];
  readonly follows?: string;
  readonly withPreviousRows?: string;
  readonly peakRssBoundMiB?: number;
}
interface Oracle {
  readonly ownAssets: { readonly domains: readonly string[]; readonly cidrs: readonly string[] };
  readonly files: Readonly<Record<string, FileOracle>>;
}

const oracle: Oracle = skip
  ? { ownAssets: { domains: [], cidrs: [] }, files: {} }
  : (JSON.parse(readFileSync(new URL("EXPECTED.json", folder), "utf8")) as Oracle);

const lines = feedById.get("generic-lines") as Feed;
const stix = feedById.get("stix-bundle") as Feed;
const readers: Readonly<Record<string, Feed>> = {
  lines,
  csv: {
    ...lines,
    parts: delimited({
      delimiter: ",",
      comments: ["#"],
      columns: { value: "ip", seenAt: "date", labels: ["comment"] },
    }),
  },
  // The two reports of the zip have one column.
  "csv+zip": { ...lines, parts: delimited({ delimiter: ",", comments: ["#"], columns: { value: "ip" } }) },
  json: { ...lines, parts: jsonRows({ rows: ["rows"], value: "ip" }) },
  ndjson: {
    ...lines,
    parts: ndjson({
      value: "ip",
      trailer: { is: (line) => jsonField(line, "type") === "metadata", records: "records" },
    }),
  },
  "stix-2.1": stix,
  rss: feedById.get("rss-advisories") as Feed,
  "json-misp": feedById.get("misp-event") as Feed,
  "json-misp-manifest": feedById.get("misp-feed") as Feed,
};
const readerOf = (format: string): Feed | undefined => readers[format] ?? readers[format.replace("+gzip", "")];

/** Where we decide otherwise than the oracle's proposal, and why. */
const otherwise: Readonly<Record<string, { readonly accepted: number; readonly why: string }>> = {
  "stix/patterns.json": {
    accepted: 3,
    why: "the legal MATCHES pattern is counted as skipped, kept in the archived body and never run",
  },
};

const read = (name: string, policy: ValuePolicy): FeedReading => {
  const feed = readerOf(oracle.files[name]?.format ?? "");
  assert.ok(feed, name);
  return readFeed(feed, readFileSync(new URL(name, folder)), name, policy);
};

/** Verdict classes of the oracle from reading and guard. */
const verdictOf = (reading: FeedReading, past?: number): string => {
  const judged = guard(reading, past === undefined ? undefined : { accepted: past });
  return judged.verdict === "accept" ? reading.verdict : judged.verdict;
};

const ours: ValuePolicy = { ...strict, own: oracle.ownAssets };
const now = instant(Date.parse("2026-06-01T00:00:00Z"));

test("every hostile file is read here", { skip }, () => {
  const unread = Object.entries(oracle.files).filter(([, { format }]) => readerOf(format) === undefined);
  assert.deepEqual(unread, []);
  assert.ok(Object.keys(oracle.files).length >= 70);
});

for (const [name, expected] of Object.entries(oracle.files)) {
  if (readerOf(expected.format) === undefined || expected.batch === "row-oracle") continue;
  test(`hostile ${name}: ${expected.batch}`, { skip }, () => {
    const reading = read(name, { ...ours, now } as ValuePolicy);
    const past = expected.follows === undefined ? undefined : oracle.files[expected.follows]?.accepted;
    assert.equal(verdictOf(reading, past), expected.batch, `${expected.why}; ${reading.bad?.message ?? ""}`);
    if (expected.withPreviousRows !== undefined) assert.equal(verdictOf(reading, 10), expected.withPreviousRows);
    if (expected.batch === "hold" || expected.batch === "quarantine") return;
    const taken = (expected.accepted ?? 0) + (expected.flagged ?? 0);
    assert.equal(reading.accepted, otherwise[name]?.accepted ?? taken, otherwise[name]?.why);
    assert.equal(total(reading.rejected), expected.rejected, JSON.stringify(reading.rejected));
    if (expected.duplicates !== undefined) assert.equal(reading.duplicates, expected.duplicates);
    if (expected.values !== undefined)
      assert.deepEqual(
        reading.indicators.map(({ observable }) => observable.value),
        expected.values,
      );
  });
}

test("a bomb is refused within the oracle's memory bound", { skip }, (t) => {
  const program = `
    import { readFileSync } from "node:fs";
    import { feedById } from "#feeds/index.ts";
    import { readFeed } from "#feeds/read.ts";
    import { strict } from "#core/value-policy.ts";
    const body = readFileSync(process.argv[1]);
    const before = process.resourceUsage().maxRSS;
    const { verdict, bad } = readFeed(feedById.get("generic-lines"), body, process.argv[1], strict);
    console.log(JSON.stringify({ verdict, code: bad.code, grownMiB: (process.resourceUsage().maxRSS - before) / 1024 }));`;
  for (const name of ["gz/bomb.txt.gz", "zip/bomb.zip"]) {
    const told = execFileSync(
      process.execPath,
      ["-C", "source", "--input-type=module", "-e", program, fileURLToPath(new URL(name, folder))],
      { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" },
    );
    const { verdict, code, grownMiB } = JSON.parse(told) as { verdict: string; code: string; grownMiB: number };
    t.diagnostic(`${name}: ${code}, ${Math.round(grownMiB)} MiB`);
    assert.deepEqual([verdict, code], ["quarantine", "WGL_BODY_LARGE"]);
    assert.ok(grownMiB < (oracle.files[name]?.peakRssBoundMiB ?? 150), `grew by ${grownMiB} MiB`);
  }
});

test("over-long and separator-laden bodies reject the rows the oracle counts", { skip }, () => {
  for (const [name, { accepted, rejected }] of Object.entries(oracle.files).filter(
    ([, { batch, accepted: n, format }]) =>
      batch === "quarantine" && n !== undefined && format.startsWith("lines") && n < 2,
  )) {
    const reading = read(name, ours);
    if (rejected === undefined) continue;
    // The ratio limit sees the five-megabyte line of equal characters before any row does.
    if (reading.bad?.code === "WGL_BODY_RATIO") continue;
    assert.deepEqual([reading.accepted, total(reading.rejected)], [accepted, rejected], name);
  }
});

/** Canonical forms where the oracle writes the value otherwise. */
const canonical: Readonly<Record<string, string>> = {
  "раураl.com": "xn--l-7sba6dbr.com", // the oracle leaves it in Cyrillic; a-labels are canonical here
  "http://0x7f000001/": "http://127.0.0.1/", // the WHATWG form unmasks the host
};

const popular = skip
  ? buildExclusions([])
  : buildExclusions(
      readdirSync(new URL("../warninglists/", folder))
        .filter((file) => /\.json(?:\.gz)?$/.test(file) && file !== "EXPECTED.json")
        .flatMap((file) => {
          const list = readWarninglist(readFileSync(new URL(`../warninglists/${file}`, folder)), file);
          return list.ok ? [list.value] : [];
        }),
      { allow: [...strict.allow, ...oracle.ownAssets.cidrs, "0.0.0.0/0", "::/0"] },
    );

for (const [name, { rows, batch }] of Object.entries(oracle.files)) {
  if (batch !== "row-oracle") continue;
  test(`hostile ${name}: every row as the oracle says`, { skip }, () => {
    assert.ok(rows !== undefined && rows.length > 0);
    const part = [...lines.parts(readFileSync(new URL(name, folder)), name)][0];
    assert.ok(part);
    const texts = new Set([...part.rows].map(({ row }) => row));
    for (const row of rows) {
      // A value that is all blanks or a comment would be no row: none is.
      assert.ok(texts.has(row.row), `row ${row.row}`);
      const reading = readFeed(lines, Buffer.from(row.text), "row.txt", ours);
      const [raw] = reading.indicators;
      const excluded =
        raw === undefined || name !== "values/popular.txt" ? undefined : popular.excluded(raw.observable);
      const said =
        raw === undefined ? "reject" : (raw.flags ?? []).length > 0 || excluded !== undefined ? "flag" : "accept";
      assert.equal(
        said,
        row.expect,
        `${row.text.slice(0, 80)}: ${row.reason} (${reading.problems[0]?.message ?? raw?.flags})`,
      );
      if (raw === undefined || row.normalised === undefined) continue;
      const wanted =
        typeof row.normalised === "string"
          ? (canonical[row.text] ?? row.normalised)
          : row.normalised.ip.includes(":")
            ? `[${row.normalised.ip}]:${row.normalised.port}`
            : `${row.normalised.ip}:${row.normalised.port}`;
      assert.equal(raw.observable.value, wanted);
    }
  });
}

test("hostile csv/timestamps.csv: times as the oracle says, row by row", { skip }, () => {
  const name = "csv/timestamps.csv";
  const feed = readers["csv"] as Feed;
  const header = "ip,port,date,comment";
  for (const row of oracle.files[name]?.rows ?? []) {
    const reading = readFeed(feed, Buffer.from(`${header}\n45.155.205.5,80,${row.text},x\n`), name, { ...ours, now });
    assert.equal(reading.accepted, 1, row.text);
    assert.equal(total(reading.notes) > 0 ? "flag" : "accept", row.expect, row.text);
    const wanted = parseInstant(row.seenAt?.slice(0, 20) ?? "");
    assert.equal(reading.indicators[0]?.seenAt, wanted.ok ? wanted.value : undefined, row.text);
  }
});

test("hostile json: large numbers stay exact and nothing reaches Object.prototype", { skip }, () => {
  read("json/big-numbers.json", ours);
  const pollution = readFileSync(new URL("json/proto-pollution.json", folder));
  readFeed(stix, pollution, "x.json", ours);
  readFeed(readers["json"] as Feed, pollution, "x.json", ours);
  assert.equal(({} as Record<string, unknown>)["isAdmin"], undefined);
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
});
