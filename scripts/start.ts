import { join } from "node:path";
import { compileCache } from "./run-tests.ts";
import { root } from "./import-graph.ts";
import { freshPortal } from "./portal.ts";

// npm start: the portal when it is stale, then waglan with the sample community in var/sample. This process *becomes*
// waglan (execve), so signals, terminal and exit code are its own and no second Node stays in memory.
await freshPortal();
process.chdir(root);
const waglan = join(root, "bin/waglan");
const env = Object.fromEntries(
  Object.entries({ ...process.env, ...compileCache }).filter((pair) => pair[1] !== undefined),
);
if (process.execve === undefined) throw new Error("Cannot start waglan, wanted Node 24 or newer");
process.execve(waglan, [waglan, "serve", "--sample", "--data", "var/sample", ...process.argv.slice(2)], env);
