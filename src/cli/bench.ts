import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { problem } from "#core/result.ts";
import { type Exit, exits, Stop } from "./exit.ts";
import { packageFolder } from "./package.ts";
import type { Verb } from "./verb.ts";

export const benchVerb: Verb = (program, cli) => {
  program
    .command("bench")
    .summary("measure this machine")
    .description("Measures what the README says of speed and memory, on this machine. Needs a checkout.")
    .argument("[name...]", "of these benches only (default: all)")
    .option("--json", "a figure a line as JSON")
    .action(async (names: readonly string[], options: { readonly json?: true }) => {
      const file = join(packageFolder, "bench", "run.ts");
      if (!existsSync(file)) throw new Stop([problem("WGL_NO_CHECKOUT", { what: "bench" })], exits.usage);
      for (const name of names)
        if (!/^[a-z][a-z-]*$/.test(name) || !existsSync(join(packageFolder, "bench", `${name}.ts`)))
          throw new Stop([problem("WGL_NAME_UNKNOWN", { what: "bench", value: name })], exits.usage);
      await cli.talk.flush();
      cli.end(await child(["-C", "source", file, ...names, ...(options.json ? ["--json"] : [])]));
    });
};

/** Runs the file in a process of its own, so that what was loaded for us does not count. */
const child = (args: readonly string[]): Promise<Exit> =>
  new Promise((resolve, reject) => {
    const running = spawn(process.execPath, [...args], { stdio: "inherit", cwd: packageFolder });
    running.once("error", reject);
    running.once("exit", (code) => resolve(code === 0 ? exits.done : exits.world));
  });
