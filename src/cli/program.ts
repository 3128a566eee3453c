import type { Command } from "commander";
import type { Abilities } from "./abilities.ts";
import { benchVerb } from "./bench.ts";
import { collectVerb } from "./collect.ts";
import { configVerb } from "./config.ts";
import { csafVerb } from "./csaf.ts";
import { evidenceVerb } from "./evidence.ts";
import { exclusionVerb, judgeVerb } from "./exclusion.ts";
import type { Exit } from "./exit.ts";
import { exportVerb } from "./export.ts";
import { huntVerb } from "./hunt.ts";
import { importVerb } from "./import.ts";
import { inventoryVerb } from "./inventory.ts";
import { type Io, processIo } from "./io.ts";
import { memberVerb } from "./member.ts";
import { patternVerb } from "./pattern.ts";
import { rulesVerb } from "./rules.ts";
import { programOf, runVerbs } from "./run-verbs.ts";
import { scanVerb } from "./scan.ts";
import { sensorVerb } from "./sensor.ts";
import { serveVerb } from "./serve.ts";
import { stateVerbs } from "./state.ts";
import { stixVerb } from "./stix.ts";
import { tokenVerb } from "./token.ts";
import { userVerb } from "./user.ts";
import type { Cli, Verb } from "./verb.ts";

/** In the order of `waglan --help`: what needs nothing first. */
const verbs: readonly Verb[] = [
  scanVerb,
  inventoryVerb,
  patternVerb,
  stixVerb,
  collectVerb,
  csafVerb,
  sensorVerb,
  serveVerb,
  importVerb,
  exportVerb,
  huntVerb,
  memberVerb,
  userVerb,
  tokenVerb,
  judgeVerb,
  exclusionVerb,
  rulesVerb,
  evidenceVerb,
  stateVerbs,
  configVerb,
  benchVerb,
];

/** Runs one command line to its end (`run-verbs.ts`). */
export const run = (argv: readonly string[], io: Io, abilities: Abilities): Promise<Exit> =>
  runVerbs(verbs, argv, io, abilities);

/** The program with its verbs. */
export const buildProgram = (cli: Cli): Command => programOf(verbs, cli);

/** What `main.ts` calls: the command line of this process, and how it ends. */
export const runCli = async (argv: readonly string[], abilities: Abilities): Promise<void> => {
  process.exitCode = await run(argv, processIo(), abilities);
};
