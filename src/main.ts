import { enableCompileCache } from "node:module";

enableCompileCache();
const [{ runCli }, { abilities }] = await Promise.all([import("#cli/program.ts"), import("#wiring/abilities.ts")]);
await runCli(process.argv.slice(2), abilities);
