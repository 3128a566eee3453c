import { readFileSync } from "node:fs";
import { filesBelow, importGraph, reach, root } from "./import-graph.ts";

/**
 * Which tests a run takes:
 *   all       every test/*.test.ts: needs what npm brings, and nothing else
 *   fast      those of them that start no engine, server or command line (nothing they lean on is in src/store, src/history,
 *             src/wiring or src/deliver, or is the HTTP server or test/cli-process.ts), play no day or month, do not say that they
 *             take seconds (`slow`) and
 *             read no corpus beside the checkout, and the golden ones: seconds, for `npm run ok`
 *   database  those that open a database by test/cluster.ts; CI runs them again on another PostgreSQL
 *   browser   test/browser/*.test.ts: needs chromium
 *   golden    those that hold a file beside a plugin to what the code says
 * What a test leans on is read from its imports, so that no list has to be kept.
 */
export const suites = ["all", "fast", "database", "browser", "golden"] as const;
export type Suite = (typeof suites)[number];

export const testFiles = (suite: Suite): readonly string[] => {
  const here = filesBelow(["test"]).filter((file) => file.endsWith(".test.ts"));
  if (suite === "browser") return here.filter((file) => file.startsWith("test/browser/"));
  const all = here.filter((file) => !file.startsWith("test/browser/"));
  if (suite === "all") return all;
  const graph = importGraph(filesBelow(["src", "test", "sample"]));
  return all.filter((file) => {
    const leansOn = [...reach(file, graph)];
    const golden = leansOn.some((one) => says(one, "fileSnapshot("));
    if (suite === "fast")
      return golden || !(says(file, slow) || leansOn.some((one) => engine.test(one) || says(one, "shared/corpora")));
    return suite === "database" ? leansOn.includes("test/cluster.ts") : golden;
  });
};

/** Laws on many made-up inputs: a test file that begins so is for `npm test`. */
const slow = "// Takes seconds";

const says = (file: string, text: string): boolean =>
  file.startsWith("test/") && readFileSync(root + file, "utf8").includes(text);

const engine =
  /^src\/(?:store|history|wiring|deliver)\/|^src\/http\/server\.ts$|^src\/main\.ts$|^sample\/make-telemetry\.ts$|^test\/(?:cli-process|benign-month)\.ts$/;
