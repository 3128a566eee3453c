import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ended, inFolder, repository } from "./cli-process.ts";

const launcher = join(repository, "bin", "waglan");
/** Says which file ran, under which Node options, with which arguments, and ends as it was told. */
const told = (which: string): string =>
  `console.log(JSON.stringify({ which: "${which}", conditions: process.execArgv, args: process.argv.slice(2) }));\nprocess.exitCode = Number(process.env.END ?? 0);\n`;

/** A package of ours in `folder`, with what is in `files`, and the launcher. */
const install = (folder: string, files: Readonly<Record<string, string>>): string => {
  const all = { "package.json": '{"type":"module"}', ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  mkdirSync(join(folder, "bin"), { recursive: true });
  cpSync(launcher, join(folder, "bin", "waglan"));
  return join(folder, "bin", "waglan");
};

/** A program called node that only says its version. */
const pretend = (folder: string, version: string): string => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "node"), `#!/bin/sh\necho ${version}\n`);
  chmodSync(join(folder, "node"), 0o755);
  return folder;
};

const tools = "/usr/bin:/bin";
const noNode = async (folder: string): Promise<string> => {
  // A PATH on which there is everything a shell script may want, and no Node.
  const bin = join(folder, "tools");
  mkdirSync(bin);
  for (const tool of ["sh", "dirname", "readlink"]) {
    const { out } = await ended("/bin/sh", ["-c", `command -v ${tool}`], { env: { PATH: tools } });
    symlinkSync(out.trim(), join(bin, tool));
  }
  return bin;
};

/** Keeps the young generation small, and gives back what a busy hour left: a server idles most of the day. */
const flat = ["--max-semi-space-size=8", "--expose-gc"];

test("bin/waglan takes the package's own Node, runs the sources of a checkout, and passes arguments and exit code on", () =>
  inFolder({}, async (folder) => {
    const bin = install(folder, { "src/main.ts": told("src"), "dist/main.js": told("dist") });
    mkdirSync(join(folder, "node_modules", ".bin"), { recursive: true });
    symlinkSync(process.execPath, join(folder, "node_modules", ".bin", "node"));
    const path = pretend(join(folder, "old"), "20.20.2");
    const { exit, rows } = await ended(bin, ["scan", "a b", "--x=*", ""], {
      env: { PATH: `${path}:${tools}`, END: "3" },
    });
    assert.equal(exit, 3);
    assert.deepEqual(rows, [
      { which: "src", conditions: [...flat, "-C", "source"], args: ["scan", "a b", "--x=*", ""] },
    ]);
  }));

test("bin/waglan runs the built package where there are no sources, through symbolic links, from any folder", () =>
  inFolder({}, async (folder) => {
    const root = join(folder, "node_modules", "waglan");
    install(root, { "dist/main.js": told("dist") });
    const bins = join(folder, "node_modules", ".bin");
    mkdirSync(bins);
    symlinkSync("../waglan/bin/waglan", join(bins, "waglan"));
    symlinkSync(process.execPath, join(bins, "node"));
    symlinkSync(join(bins, "waglan"), join(folder, "w"));
    const { exit, rows } = await ended(join(folder, "w"), ["--version"], { cwd: "/", env: { PATH: tools } });
    assert.deepEqual([exit, rows], [0, [{ which: "dist", conditions: flat, args: ["--version"] }]]);
  }));

test("bin/waglan takes a new enough Node on PATH, and says plainly that an old one, or none, will not do", () =>
  inFolder({}, async (folder) => {
    const bin = install(join(folder, "waglan"), { "dist/main.js": told("dist") });
    const bare = await noNode(folder);
    mkdirSync(join(folder, "new"));
    symlinkSync(process.execPath, join(folder, "new", "node"));
    const works = await ended(bin, ["x"], { env: { PATH: `${join(folder, "new")}:${bare}` } });
    assert.deepEqual([works.exit, works.rows[0]?.["which"]], [0, "dist"], works.err);
    const old = await ended(bin, ["x"], { env: { PATH: `${pretend(join(folder, "old"), "20.20.2")}:${bare}` } });
    assert.equal(old.exit, 4);
    assert.match(old.err, /^Cannot run with Node 20\.20\.2, wanted Node 24 or newer: /);
    const none = await ended(bin, ["x"], { env: { PATH: bare } });
    assert.equal(none.exit, 4);
    assert.match(none.err, /^Cannot find Node, wanted Node 24 or newer: /);
  }));
