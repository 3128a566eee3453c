import { runCli } from "#cli/program.ts";
import { noStore } from "./cli-abilities.ts";

// The program as a process of its own, without a store: what `waglan scan` and `collect --dry-run` need.
await runCli(process.argv.slice(2), noStore);
