import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { errors } from "#core/errors.ts";
import { feeds } from "#feeds/index.ts";
import { formats } from "#telemetry/index.ts";
import { settings } from "#jobs/config/keys.ts";
import { pages } from "../scripts/docs.ts";
import { filesBelow, root } from "../scripts/import-graph.ts";

const read = (file: string): string => readFileSync(root + file, "utf8");
const all = (text: string, shape: RegExp): readonly string[] =>
  [...new Set([...text.matchAll(shape)].map((found) => found[1] ?? ""))].toSorted();

for (const [file, text] of Object.entries(pages()))
  test(`${file} is what the code says (node -C source scripts/docs.ts writes it)`, () => {
    assert.ok(existsSync(root + file), `${file} is missing`);
    assert.equal(read(file), text);
  });

test("docs/errors.md has every code of the table and no other, each below the name of its part", () => {
  const page = read("docs/errors.md");
  assert.deepEqual(all(page, /^\| `(WGL_\w+)` \|/gm), Object.keys(errors).toSorted());
  assert.doesNotMatch(page, /^## $/m);
});

test("every error code is used by the code, and the code uses no other", () => {
  const tables = /^src\/core\/errors\.ts$|^src\/words\/.*errors\.ts$/;
  const text = filesBelow(["src"])
    .filter((file) => !tables.test(file))
    .map(read)
    .join("\n");
  const used = new Set(all(text, /["'`](WGL_[A-Z0-9_]+)["'`]/g));
  assert.deepEqual(
    Object.keys(errors).filter((code) => !used.has(code)),
    [],
  );
  assert.deepEqual(
    [...used].filter((code) => !Object.hasOwn(errors, code)),
    [],
  );
});

test("error sentences say what we could not do, without a full stop or a contraction", () => {
  for (const [code, { says }] of Object.entries(errors)) {
    assert.match(says, /^Cannot /, code);
    assert.doesNotMatch(says, /\.$|n't\b/, code);
  }
});

test("docs/feeds.md has every feed and no other", () => {
  assert.deepEqual(all(read("docs/feeds.md"), /^\| `([a-z0-9-]+)` \|/gm), feeds.map((feed) => feed.id).toSorted());
});

test("docs/formats.md has every log format and no other", () => {
  assert.deepEqual(
    all(read("docs/formats.md"), /^\| `([a-z0-9-]+)` \|/gm),
    formats.map((format) => format.id).toSorted(),
  );
});

test("docs/configuration.md and waglan.example.yaml know every setting, and the page every name in the environment", () => {
  const page = read("docs/configuration.md");
  const example = read("waglan.example.yaml");
  const undocumented = Object.entries(settings).flatMap(([path, { env }]) => [
    ...(page.includes(`\`${path}\``) ? [] : [path]),
    ...(page.includes(env) ? [] : [env]),
    ...(new RegExp(`^\\s*#?\\s*${path.split(".").at(-1)}:`, "m").test(example) ? [] : [`${path} in the example`]),
  ]);
  assert.deepEqual(undocumented, []);
});

test("docs/dependencies.md gives a reason for every package of package.json and web/package.json, and for no other", () => {
  const named = ["package.json", "web/package.json"].flatMap((file) => {
    const manifest = JSON.parse(read(file)) as Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;
    return ["dependencies", "devDependencies", "optionalDependencies"].flatMap((kind) =>
      Object.keys(manifest[kind] ?? {}),
    );
  });
  assert.deepEqual(all(read("docs/dependencies.md"), /^\| `([@\w/.-]+)` \|/gm), [...new Set(named)].toSorted());
});

test("docs/sources.md lists every RFC that the code cites", () => {
  const cited = filesBelow(["src", "web/src"]).flatMap((file) =>
    all(read(file), /\bRFC[ -]?(\d{3,5})\b/g).map((number) => `RFC ${number}`),
  );
  assert.ok(cited.length > 20);
  const page = new Set(all(read("docs/sources.md"), /\[(RFC \d+)\]/g));
  assert.deepEqual([...new Set(cited)].filter((rfc) => !page.has(rfc)).toSorted(), []);
});
