import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { circles, filesBelow, importGraph, type Imports, root } from "../scripts/import-graph.ts";
import { adapters, layers, lintConfig, portalMay } from "../scripts/layers.ts";

const homes = ["src", "test", "scripts", "bench", "sample", "web/src"];
const files = [...filesBelow(homes), "web/vite.config.ts"];
const graph = importGraph(files);
const ours = files.filter((file) => file.startsWith("src/"));
/** `src/core/ip.ts` → "core"; the sample community stands beside src/ and is a folder like those. */
const folderOf = (file: string): string => (file.startsWith("sample/") ? "sample" : (file.split("/")[1] ?? ""));
const pluginOf = (file: string): string | undefined => (file.split("/").length > 3 ? file.split("/")[2] : undefined);

interface Finding {
  readonly code: string;
  readonly filename: string;
  readonly message: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

const oxlint = (
  cwd: string,
  ...args: readonly string[]
): { readonly diagnostics: readonly Finding[]; readonly number_of_files: number } => {
  const ran = spawnSync(process.execPath, [`${root}node_modules/oxlint/bin/oxlint`, "-f", "json", ...args], {
    cwd,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  assert.ok(ran.stdout.startsWith("{"), ran.stdout + ran.stderr);
  return JSON.parse(ran.stdout) as ReturnType<typeof oxlint>;
};

// ── the table ──

test("layers: every folder of src/ is in the table, and .oxlintrc.json is written from it", () => {
  const there = readdirSync(`${root}src`, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const known = new Set(layers.map((layer) => layer.folder));
  assert.deepEqual(
    there.map((entry) => entry.name).filter((name) => !known.has(name)),
    [],
  );
  assert.deepEqual(JSON.parse(readFileSync(`${root}.oxlintrc.json`, "utf8")), JSON.parse(JSON.stringify(lintConfig())));
});

test("layers: the linter reads every TypeScript file of the checkout", () => {
  assert.ok(files.length > 200);
  const listed = spawnSync(process.execPath, [`${root}node_modules/oxlint/bin/oxlint`, "--debug=files"], {
    cwd: root,
    encoding: "utf8",
  });
  const read = new Set(listed.stdout.split("\n").map((line) => line.trim().replace(root, "").replace(/^\.\//, "")));
  assert.deepEqual(
    files.filter((file) => !read.has(file)),
    [],
  );
});

// ── the linter itself: what it is there to catch, planted in a copy that holds nothing else ──

/** One file a breach: its path, the rule that must catch it, its text. */
const planted: { readonly file: string; readonly rule: string; readonly text: string }[] = [];
const plant = (beside: string, rule: string, text: string): void => {
  const file = beside.replace("planted", `planted-${planted.length}`);
  planted.push({ file, rule, text });
};
const imports = "eslint(no-restricted-imports)";
const globals = "eslint(no-restricted-globals)";
const properties = "eslint(no-restricted-properties)";

const folders = layers.map((layer) => layer.folder);
for (const { folder, may, builtins, packages, plugins, is } of layers) {
  const file = `src/${folder}/planted.ts`;
  for (const other of folders.filter((name) => name !== folder && !may.includes(name))) {
    plant(file, imports, `import { a } from "#${other}/a.ts";`);
    plant(file, imports, `import type { A } from "#${other}/a.ts";`);
    plant(file, imports, `export { a } from "#${other}/a/b.ts";`);
    plant(file, imports, `await import("#${other}/a.ts");`);
  }
  plant(file, imports, 'import { a } from "#main.ts";');
  plant(file, imports, 'import { a } from "../core/a.ts";');
  plant(file, imports, 'import { a } from "../a.ts";');
  for (const name of ["fastify", "postgres", "undici", "chdb", "nodemailer", "yaml", "tldts", "commander"])
    if (!packages.includes(name)) plant(file, imports, `import a from "${name}";`);
  if (builtins !== "any") {
    for (const name of [
      "node:fs",
      "node:fs/promises",
      "node:net",
      "node:child_process",
      "node:http",
      "node:os",
      "node:timers",
    ])
      plant(file, imports, `import { a } from "${name}";`);
    for (const line of ["performance.now();", "process.pid;"]) plant(file, globals, line);
    if (is !== "acts") plant(file, globals, "setTimeout(a, 1);");
    for (const line of ["Date.now();", "Math.random();"]) plant(file, properties, line);
    if (builtins.includes("node:crypto")) plant(file, imports, 'import { randomBytes } from "node:crypto";');
  }
  if (plugins) {
    plant(`src/${folder}/one/planted.ts`, imports, `import { a } from "#${folder}/two/a.ts";`);
    plant(`src/${folder}/one/planted.ts`, imports, 'import { a } from "../two/a.ts";');
    plant(`src/${folder}/one/planted.ts`, imports, 'import { a } from "#http/a.ts";');
  }
  if (folder !== "net") {
    plant(file, globals, 'fetch("https://example.org");');
    plant(file, properties, 'globalThis.fetch("https://example.org");');
    plant(file, properties, 'page.innerHTML = "<b>";');
  }
  if (folder !== "cli" && is !== "wiring") plant(file, "node(no-process-env)", 'const e = process.env["A"];');
  plant(file, "import(no-default-export)", "export default 1;");
  plant(file, "eslint(no-eval)", 'eval("1");');
  plant(file, "typescript(no-explicit-any)", "let b: any;");
  plant(file, "eslint(no-unused-vars)", "const unused = 1;");
}
plant("src/main.ts", globals, 'fetch("https://example.org");');
for (const line of [
  'import { a } from "#http/a.ts";',
  'import type { A } from "#jobs/a.ts";',
  'import { a } from "node:fs";',
  'import { a } from "../../src/http/a.ts";',
])
  plant("web/src/parts/planted.tsx", imports, line);
plant("web/src/parts/planted.tsx", properties, 'page.outerHTML = "<b>";');
plant(
  "web/src/parts/planted.tsx",
  "react(no-danger)",
  'export const B = () => <b dangerouslySetInnerHTML={{ __html: "x" }} />;',
);

test("layers: the linter catches a planted breach of every rule, in every folder", (t) => {
  const copy = mkdtempSync(join(tmpdir(), "waglan-lint-"));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(`${root}.oxlintrc.json`, join(copy, ".oxlintrc.json"));
  for (const { file, text } of planted) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), text);
  }
  const { diagnostics, number_of_files } = oxlint(copy);
  assert.equal(number_of_files, planted.length);
  const caught = new Set(diagnostics.map((one) => `${one.filename} ${one.code}`));
  assert.deepEqual(
    planted.filter(({ file, rule }) => !caught.has(`${file} ${rule}`)),
    [],
  );
});

test("layers: the linter lets through what the table allows", (t) => {
  const copy = mkdtempSync(join(tmpdir(), "waglan-lint-"));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(`${root}.oxlintrc.json`, join(copy, ".oxlintrc.json"));
  for (const { folder, may, packages } of layers) {
    const lines = [
      ...[...may, folder].map((other) => `export { a as ${other} } from "#${other}/a.ts";`),
      ...packages.map((name, n) => `export { a as p${n} } from "${name}";`),
      'export { a as own } from "./a.ts";',
    ];
    mkdirSync(join(copy, "src", folder), { recursive: true });
    writeFileSync(join(copy, "src", folder, "allowed.ts"), lines.join("\n"));
  }
  mkdirSync(join(copy, "web/src/parts"), { recursive: true });
  writeFileSync(
    join(copy, "web/src/parts/allowed.ts"),
    'export { a } from "@api/a.ts";\nexport { b } from "@words/b.ts";\nexport { c } from "#core/c.ts";\nexport { d } from "../words/d.ts";\n',
  );
  const { diagnostics, number_of_files } = oxlint(copy);
  assert.equal(number_of_files, layers.length + 1);
  assert.deepEqual(
    diagnostics.filter((one) => one.code === imports).map((one) => `${one.filename} ${one.message}`),
    [],
  );
});

test("layers: the linter knows types: a promise nobody waits for is caught", (t) => {
  const copy = mkdtempSync(join(tmpdir(), "waglan-lint-"));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  for (const name of [".oxlintrc.json", "tsconfig.json", "package.json"]) cpSync(root + name, join(copy, name));
  symlinkSync(`${root}node_modules`, join(copy, "node_modules"));
  mkdirSync(join(copy, "src/core"), { recursive: true });
  writeFileSync(join(copy, "src/core/a.ts"), "export const a = async (): Promise<number> => 1;\na();\n");
  const codes = oxlint(copy, "--type-aware", "src").diagnostics.map((one) => one.code);
  assert.ok(codes.includes("typescript(no-floating-promises)"), codes.join());
});

// ── what a linter cannot see ──

/** What no text of a folder may hold; `plant` is text that the pattern must find, or the check checks nothing. */
const forbidden: readonly {
  readonly says: string;
  readonly where: (file: string) => boolean;
  readonly pattern: RegExp;
  readonly plant: string;
}[] = [
  {
    says: "a station reads no clock",
    where: (file) => pure(file),
    pattern:
      /\bnew Date\(\s*\)|\bDate\(\s*\)|\bDate\s*\.\s*now\b|\bperformance\s*\.\s*now\b|\bTemporal\.Now\b|\bhrtime\b/,
    plant: "const now = new Date();",
  },
  {
    says: "a station has no randomness",
    where: (file) => pure(file),
    pattern: /\bMath\s*\.\s*random\b|\brandom(?:Bytes|UUID|Int|FillSync)\b|\bgetRandomValues\b/,
    plant: "const id = randomUUID();",
  },
  {
    says: "only main.ts, wiring/ and cli/ read the environment; history/embedded.ts hands it to the child it starts",
    where: (file) =>
      file.startsWith("src/") &&
      file !== "src/main.ts" &&
      !/^src\/(?:cli|wiring)\//.test(file) &&
      file !== "src/history/embedded.ts",
    pattern: /\bprocess\s*(?:\.\s*env\b|\[\s*["']env["']\s*\])|\bimport\.meta\.env\b/,
    plant: 'const dsn = process["env"].WAGLAN;',
  },
  {
    says: "the network is reached by net/egress.ts alone",
    where: (file) => file.startsWith("src/") && !file.startsWith("src/net/"),
    pattern: /(?<![\w.$"'`#-])fetch\s*\(|\bglobalThis\s*\.\s*fetch\b|\bnew WebSocket\(|\bnew EventSource\(/,
    plant: "const answer = await fetch(url);",
  },
  {
    says: "no HTML by string",
    where: (file) => file.startsWith("src/") || file.startsWith("web/src/"),
    pattern:
      /\bdangerouslySetInnerHTML\b|\.\s*(?:inner|outer)HTML\s*=|\binsertAdjacentHTML\b|\bdocument\s*\.\s*write\b|\btrustedTypes\s*\.\s*createPolicy\b/,
    plant: "<b dangerouslySetInnerHTML={x} />",
  },
  {
    says: "no way to run text as code",
    where: (file) => file.startsWith("src/") || file.startsWith("web/src/"),
    pattern: /(?<![\w.])eval\s*\(|\bnew Function\s*\(|\bfrom "node:vm"/,
    plant: 'new Function("x")',
  },
  {
    says: "no file is called utils, helpers, common, misc, types or manager (checked by name below); no barrel",
    where: (file) => file.startsWith("src/"),
    pattern: /^export \* from /m,
    plant: 'export * from "./a.ts";',
  },
];
const pure = (file: string): boolean =>
  file.startsWith("src/") && layers.some((layer) => layer.builtins !== "any" && layer.folder === folderOf(file));

/** Comments may speak of what code may not do. */
const codeOf = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");

test("layers: the checks by text find what they are there to find", () => {
  for (const { says, pattern, plant: text, where } of forbidden) {
    assert.match(codeOf(text), pattern, says);
    assert.ok(files.some(where), `${says}: looked at no file`);
  }
});

test("layers: nothing a linter cannot see stands in the code", () => {
  const found = files.flatMap((file) => {
    const text = codeOf(readFileSync(root + file, "utf8"));
    return forbidden
      .filter(({ where, pattern }) => where(file) && pattern.test(text))
      .map(({ says }) => `${file}: ${says}`);
  });
  assert.deepEqual(found, []);
  assert.deepEqual(
    ours.filter((file) => /\/(?:utils?|helpers?|common|misc|types|manager)\.ts$/.test(file)),
    [],
  );
});

// ── the graph, computed here: it also sees import("…").T, template strings and import.meta.resolve ──

const breaches = (of: ReadonlyMap<string, Imports>): readonly string[] =>
  [...of].flatMap(([file, { inside, outside, missing }]) => {
    if (!file.startsWith("src/") || file === "src/main.ts") return [];
    const layer = layers.find((one) => one.folder === folderOf(file));
    if (layer === undefined) return [`${file} stands in no layer`];
    const out: string[] = missing.map((name) => `${file} imports ${name}, which is not there`);
    for (const target of inside) {
      const folder = folderOf(target);
      if (!/^(?:src|sample)\//.test(target) || target === "src/main.ts") out.push(`${file} imports ${target}`);
      else if (folder !== layer.folder && !layer.may.includes(folder))
        out.push(`${file} imports ${target}: ${layer.folder} may use ${layer.may.join(", ")}`);
      else if (
        folder === layer.folder &&
        layer.plugins &&
        pluginOf(file) &&
        pluginOf(target) &&
        pluginOf(file) !== pluginOf(target)
      )
        out.push(`${file} imports ${target}: plugins of one kind know nothing of each other`);
    }
    for (const name of outside) {
      const builtin = name.startsWith("node:");
      const home = name
        .split("/")
        .slice(0, name.startsWith("@") ? 2 : 1)
        .join("/");
      if (builtin ? layer.builtins !== "any" && !layer.builtins.includes(name) : !layer.packages.includes(home))
        out.push(`${file} imports ${name}`);
    }
    return out;
  });

test("layers: the graph finds a planted breach of each kind", () => {
  const of = (inside: readonly string[], outside: readonly string[] = []): Imports => ({
    inside,
    outside,
    missing: [],
  });
  const bad: readonly (readonly [string, Imports])[] = [
    ["src/core/a.ts", of(["src/words/a.ts"])],
    ["src/feeds/a.ts", of(["src/telemetry/a.ts"])],
    ["src/store/a.ts", of(["src/history/a.ts"])],
    ["src/jobs/a.ts", of(["src/store/a.ts"])],
    ["src/feeds/one/a.ts", of(["src/feeds/two/a.ts"])],
    ["src/intel/a.ts", of([], ["node:fs"])],
    ["src/http/a.ts", of([], ["postgres"])],
    ["src/core/a.ts", of(["src/main.ts"])],
    ["src/new-folder/a.ts", of([])],
  ];
  for (const one of bad) assert.equal(breaches(new Map([one])).length, 1, one[0]);
  assert.deepEqual(
    circles(
      new Map([
        ["a", of(["b"])],
        ["b", of(["c"])],
        ["c", of(["a"])],
        ["d", of(["a"])],
      ]),
    ),
    [["a", "b", "c"]],
  );
  assert.deepEqual(
    circles(
      new Map([
        ["a", of(["b", "c"])],
        ["b", of(["c"])],
        ["c", of([])],
      ]),
    ),
    [],
  );
});

test("layers: imports go left or stay, adapters never meet, each package has one home", () => {
  assert.ok([...graph.values()].reduce((sum, one) => sum + one.inside.length, 0) > files.length, "the graph has edges");
  assert.deepEqual(breaches(graph), []);
});

test("layers: only main.ts, and wiring/ that it is made of, import adapters; only main.ts imports wiring/", () => {
  const hidden = new Set<string>([...adapters, "wiring"]);
  const wrong = ours
    .filter((file) => file !== "src/main.ts")
    .flatMap((file) =>
      (graph.get(file)?.inside ?? [])
        .filter(
          (target) =>
            hidden.has(folderOf(target)) &&
            folderOf(target) !== folderOf(file) &&
            (folderOf(file) !== "wiring" || folderOf(target) === "wiring"),
        )
        .map((target) => `${file} → ${target}`),
    );
  assert.deepEqual(wrong, []);
});

test("layers: the portal reads what it meets of the server, and nothing else", () => {
  const web = files.filter((file) => file.startsWith("web/src/"));
  assert.ok(web.length > 20);
  const wrong = web.flatMap((file) => {
    const { inside, missing } = graph.get(file) ?? { inside: [], missing: [] };
    return [
      ...inside
        .filter((target) => target.startsWith("src/") && !portalMay.includes(folderOf(target)))
        .map((target) => `${file} → ${target}`),
      ...missing.filter((name) => /\.tsx?$/.test(name)).map((name) => `${file} → ${name} is not there`),
    ];
  });
  assert.deepEqual(wrong, []);
});

test("layers: zero circles", () => {
  assert.deepEqual(circles(graph), []);
});
