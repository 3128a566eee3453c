import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { errors } from "#core/errors.ts";
import { inFolder, waglan } from "./cli-process.ts";

const corpora = fileURLToPath(new URL("../../shared/corpora/feeds/", import.meta.url));
const skip = existsSync(corpora) ? false : "the shared corpora are not beside this checkout";

const dry = ["collect", "--dry-run", "--json", "--from"] as const;

test("collect --dry-run prints one object a file, in the stated shape, and needs no store", () =>
  inFolder(
    { "in/a.txt": "8.8.8.8\nbad.example\nbad.example\n10.0.0.1\n", "in/b.txt.gz": gzipSync("# none\n") },
    async (cwd) => {
      const { exit, rows, err } = await waglan([...dry, "in"], { cwd });
      assert.equal(exit, 0, err);
      assert.deepEqual(rows, [
        {
          ...{ file: "in/a.txt", feed: "generic-lines", rows: 4, accepted: 2, duplicates: 1 },
          ...{ rejected: { WGL_IP_RESERVED: 1 }, skipped: {}, notes: {}, kinds: { ipv4: 1, domain: 1 } },
          verdict: "accept-with-rejects",
        },
        {
          ...{ file: "in/b.txt.gz", feed: "generic-lines", rows: 0, accepted: 0, duplicates: 0 },
          ...{ rejected: {}, skipped: {}, notes: {}, kinds: {}, verdict: "accept" },
        },
      ]);
      assert.match(err, /in\/a\.txt: row 4: .*10\.0\.0\.1.*\[WGL_IP_RESERVED\]/);
    },
  ));

test("collect --dry-run --rows prints each normalised row before its file, and none of a quarantined one", () =>
  inFolder(
    { "a.txt": "BAD.example.\nhxxp://bad[.]example/x\n", "page.txt": "<html><p>203.0.113.7</p></html>" },
    async (cwd) => {
      const { exit, rows } = await waglan([...dry, "a.txt", "page.txt", "--rows"], { cwd });
      assert.equal(exit, 3);
      assert.deepEqual(
        rows.map((row) => row["value"] ?? row["verdict"]),
        ["bad.example", "http://bad.example/x", "accept", "quarantine"],
      );
      assert.deepEqual(rows[0], {
        file: "a.txt",
        feed: "generic-lines",
        kind: "domain",
        value: "bad.example",
        labels: [],
      });
      assert.match(JSON.stringify(rows[3]), /"code":"WGL_BODY_MARKUP"/);
    },
  ));

test("collect --dry-run reads with the feed that is named, a configured one too, under the configured values", () =>
  inFolder(
    {
      "waglan.yaml": "values: { allow: [203.0.113.0/24] }\nfeeds: [{ id: ours, use: generic-lines }]\n",
      "a.txt": "203.0.113.7\n198.51.100.7\n",
    },
    async (cwd) => {
      const { rows } = await waglan([...dry, "a.txt", "--feed", "ours"], { cwd });
      assert.deepEqual(
        [rows[0]?.["feed"], rows[0]?.["accepted"], rows[0]?.["rejected"]],
        ["ours", 1, { WGL_IP_RESERVED: 1 }],
      );
      const other = await waglan([...dry, "a.txt", "--feed", "nobody"], { cwd });
      assert.equal(other.exit, 2);
      assert.match(other.err, /"nobody".*\[WGL_OPTION\]/);
    },
  ));

test("collect reads standard input, tells of paths it cannot read, and refuses options that make no sense", async () => {
  const { exit, rows } = await waglan([...dry, "-"], { stdin: "8.8.8.8\n" });
  assert.deepEqual([exit, rows[0]?.["file"], rows[0]?.["accepted"]], [0, "-", 1]);
  const absent = await waglan([...dry, "absent.txt"]);
  assert.equal(absent.exit, 3);
  assert.match(absent.err, /absent\.txt.*ENOENT.*\[WGL_INPUT_PATH\]/);
  assert.equal((await waglan(["collect", "--dry-run"])).exit, 2);
  assert.equal((await waglan(["collect", "--from", "x", "--rows"])).exit, 2);
});

test("collect without --dry-run needs a store, and says so in the reader's language", async () => {
  const english = await waglan(["collect", "--from", "package.json"]);
  assert.deepEqual([english.exit, english.err.includes("Cannot open the database of state")], [4, true]);
  const { exit, err } = await waglan(["collect", "--from", "package.json"], { env: { LANG: "zh_HK.UTF-8" } });
  assert.deepEqual([exit, /[\u4e00-\u9fff]/.test(err), err.includes("[WGL_STATE_REFUSED]")], [4, true, true]);
  assert.doesNotMatch(err, /\n\s+at /);
  const debugged = await waglan(["collect", "--from", "package.json"], { env: { WAGLAN_DEBUG: "1" } });
  assert.match(debugged.err, /\n\s+at /);
});

test("collect --dry-run handles the hostile corpus: every file has its line, and only codes of the table stand in it", {
  skip,
}, async () => {
  const { exit, rows, err } = await waglan([...dry, join(corpora, "hostile")]);
  assert.equal(exit, 3);
  const oracle = JSON.parse(readFileSync(join(corpora, "hostile", "EXPECTED.json"), "utf8")) as {
    files: Readonly<Record<string, { batch: string; format: string; accepted?: number }>>;
  };
  const byFile = new Map(rows.map((row) => [String(row["file"]).split("/hostile/")[1], row]));
  for (const [file, { batch, format, accepted }] of Object.entries(oracle.files)) {
    const row = byFile.get(file);
    assert.ok(row, file);
    // Held batches are held by their past, which a dry run has not; single values are judged by hostile.test.ts.
    if (!format.startsWith("lines") || batch === "hold" || batch === "row-oracle") continue;
    assert.equal(row["verdict"], batch, file);
    if (batch !== "quarantine" && accepted !== undefined) assert.equal(row["accepted"], accepted, file);
  }
  for (const [, code] of err.matchAll(/\[(WGL_\w+)\]/g)) assert.ok(code !== undefined && code in errors, code);
  assert.doesNotMatch(err, /WGL_OURS|\n\s+at /);
  assert.doesNotMatch(err.replaceAll("\n", ""), /\p{Cc}/u);
});

test("collect --dry-run counts ipsum as the corpus does", { skip }, async () => {
  const { exit, rows } = await waglan([...dry, join(corpora, "ipsum", "ipsum-score-2plus.txt.gz")]);
  assert.deepEqual(
    [exit, rows[0]?.["feed"], rows[0]?.["rows"], rows[0]?.["kinds"]],
    [0, "stamparm-ipsum", 30_773, { ipv4: 30_773 }],
  );
});
