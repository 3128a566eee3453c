import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "./shadowserver-table.ts";
import { root } from "./import-graph.ts";

// Writes src/feeds/shadowserver/known-reports.ts from a checkout of The-Shadowserver-Foundation/report_schema:
//   node -C source scripts/shadowserver.ts PATH-OF-CHECKOUT
// The schema names no licence, so nothing of its text comes along: only facts about columns, in our own form.
const folder = process.argv[2];
if (folder === undefined) {
  process.stderr.write("usage: shadowserver.ts PATH (a checkout of report_schema)\n");
  process.exit(2);
}
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const text = generate(JSON.parse(read("reports.json")), [read("types.md"), read("severity.md")]);
writeFileSync(`${root}src/feeds/shadowserver/known-reports.ts`, text);
process.stdout.write(`src/feeds/shadowserver/known-reports.ts: ${text.split("\n").length} lines\n`);
