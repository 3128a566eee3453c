import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { root } from "./import-graph.ts";
import { runTests } from "./run-tests.ts";
import { testFiles } from "./test-files.ts";

// Writes what the code says now into the golden files, and names those that changed: read them like code.
const golden = (): ReadonlyMap<string, string> =>
  new Map(
    globSync(["src/**/*.expected.*", "test/**/*.expected.*"], { cwd: root }).map((file) => [
      file,
      createHash("sha256")
        .update(readFileSync(root + file))
        .digest("hex"),
    ]),
  );

const before = golden();
const code = await runTests(testFiles("golden"), ["--test-update-snapshots"]);
const changed = [...golden()].filter(([file, hash]) => before.get(file) !== hash).map(([file]) => file);
process.stdout.write(
  changed.length === 0 ? "no golden file changed\n" : `changed:\n${changed.map((file) => `  ${file}\n`).join("")}`,
);
process.exitCode = code;
