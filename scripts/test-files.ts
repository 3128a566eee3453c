import { readFileSync } from "node:fs";
import { filesBelow, importGraph, reach, root } from "./import-graph.ts";

/**
 * Which tests a run takes:
 *   all       every test/*.test.ts: needs what npm brings, and nothing else
 *   fast      those of them that start no engine: nothing they lean on is in src/store, src/history or src/main.ts
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
    if (suite === "fast") return !leansOn.some((one) => engine.test(one));
    if (suite === "database") return leansOn.includes("test/cluster.ts");
    return leansOn.some((one) => one.startsWith("test/") && /\bfileSnapshot\(/.test(readFileSync(root + one, "utf8")));
  });
};

const engine = /^src\/(?:store|history)\/|^src\/main\.ts$/;
