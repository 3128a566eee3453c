import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { checkCsaf } from "#feeds/csaf-check.ts";
import { controllerAdvisories } from "../sample/make-advisories.ts";
import { waglan } from "./cli-process.ts";

const corpus = new URL("../../shared/corpora/standards/csaf20-validator.jsonl", import.meta.url);
const skip = existsSync(corpus) ? false : "the corpora are not beside this checkout";

interface Case {
  readonly id: string;
  readonly name: string;
  readonly test: string;
  readonly group: string;
  readonly valid: boolean;
  readonly document: unknown;
}

/**
 * Where we decide otherwise than the kit, and the section of CSAF 2.0 that decides.
 * The kit takes an optional test's examples for valid documents; this one has MD5 twice for one file, on purpose, to show
 * that MD5 is weak (§6.2.8), and §6.1.25 forbids that outright.
 */
const otherwise: Readonly<Record<string, { readonly valid: boolean; readonly test: string }>> = {
  "optional/oasis_csaf_tc-csaf_2_0-2021-6-2-08-02.json": { valid: false, test: "6.1.25" },
};

test("checkCsaf() gives every verdict of the OASIS suite, but for one that §6.1.25 decides", { skip }, async () => {
  const cases = readFileSync(corpus, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Case);
  assert.ok(cases.length >= 171);
  for (const one of cases) {
    const verdict = await checkCsaf(one.document);
    const other = otherwise[one.name];
    assert.equal(verdict.valid, other?.valid ?? one.valid, `${one.name}: ${JSON.stringify(verdict.problems)}`);
    assert.equal(verdict.valid, verdict.tests.length === 0);
    if (other !== undefined) assert.deepEqual(verdict.tests, [other.test]);
    // the suite's failing examples fail the test they are made for, whatever else they fail
    else if (!one.valid) assert.ok(verdict.tests.includes(one.test), `${one.name}: ${verdict.tests.join()}`);
  }
});

const sample = (): Record<string, never> =>
  JSON.parse(
    readFileSync(new URL("../src/feeds/csaf-document/sample.ndjson", import.meta.url), "utf8").split("\n")[0] ?? "",
  ) as Record<string, never>;

test("checkCsaf() asks no address, whatever the document names and whatever is asked for", async (t) => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
  const document = sample() as unknown as { document: { references: object[] } };
  document.document.references = [
    { category: "self", summary: "a", url },
    { category: "external", summary: "b", url: `${url}?b` },
  ];
  const verdict = await checkCsaf(document, { optional: true, informative: true });
  assert.ok(verdict.infos !== undefined && verdict.warnings !== undefined);
  assert.equal(asked, 0);
});

test("the sample's advisories of a maker are valid CSAF 2.0", async () => {
  const lines = controllerAdvisories(Date.parse("2026-11-19T08:42:00Z")).trim().split("\n");
  assert.ok(lines.length >= 2);
  for (const line of lines) assert.deepEqual((await checkCsaf(JSON.parse(line))).problems, []);
});

test("checkCsaf() answers any value, and says that it is no document", async () => {
  await fc.assert(
    fc.asyncProperty(fc.anything({ withObjectString: true }), async (value) => {
      const verdict = await checkCsaf(value);
      assert.ok(!verdict.valid && verdict.tests.includes("schema"));
    }),
    { numRuns: 60 },
  );
  const odd = { document: { tracking: { revision_history: [null, 7, "x"] }, category: 7 }, vulnerabilities: {} };
  assert.ok(!(await checkCsaf(odd)).valid);
});

test("waglan csaf check answers a line a document: lines, files, what is no document", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "waglan-csaf-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const good = sample();
  const bad = structuredClone(good) as unknown as { document: { tracking: { version: string } } };
  bad.document.tracking.version = "7";
  writeFileSync(
    join(folder, "lines.jsonl"),
    `${JSON.stringify({ id: 1, document: good })}\n${JSON.stringify({ id: "two", document: bad })}\nno json\n${JSON.stringify(good)}\n`,
  );
  writeFileSync(join(folder, "one.json"), JSON.stringify(good, null, 2));
  writeFileSync(join(folder, "one.json.asc"), "-----BEGIN PGP SIGNATURE-----\n");
  const { exit, out } = await waglan(["csaf", "check", folder]);
  const lines = out
    .trim()
    .split("\n")
    .map(
      (line) => JSON.parse(line) as { id: unknown; valid?: boolean; tests?: string[]; problems: { code: string }[] },
    );
  assert.equal(exit, 3, "one line could not be read");
  assert.deepEqual(
    lines.map(({ id, valid, tests }) => [typeof id === "string" ? id.replace(/^.*\//, "") : id, valid, tests]),
    [
      [1, lines[0]?.valid, lines[0]?.tests],
      ["two", false, [...(lines[0]?.tests ?? []), "6.1.16"].sort()],
      [null, undefined, undefined],
      ["EX-2026-001", lines[0]?.valid, lines[0]?.tests],
      ["one.json", lines[0]?.valid, lines[0]?.tests],
    ],
  );
  assert.deepEqual(
    lines[2]?.problems.map(({ code: problem }) => problem),
    ["WGL_ROW_JSON"],
  );
});
