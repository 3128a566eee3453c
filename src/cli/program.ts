import { Command, CommanderError } from "commander";
import type { Abilities } from "./abilities.ts";
import { benchVerb } from "./bench.ts";
import { collectVerb } from "./collect.ts";
import { configVerb } from "./config.ts";
import { csafVerb } from "./csaf.ts";
import { evidenceVerb } from "./evidence.ts";
import { exclusionVerb, judgeVerb } from "./exclusion.ts";
import { type Exit, exits, stopOf } from "./exit.ts";
import { exportVerb } from "./export.ts";
import { huntVerb } from "./hunt.ts";
import { importVerb } from "./import.ts";
import { inventoryVerb } from "./inventory.ts";
import { type Io, processIo, Unread } from "./io.ts";
import { memberVerb } from "./member.ts";
import { packageVersion } from "./package.ts";
import { patternVerb } from "./pattern.ts";
import { rulesVerb } from "./rules.ts";
import { scanVerb } from "./scan.ts";
import { serveVerb } from "./serve.ts";
import { stateVerbs } from "./state.ts";
import { stixVerb } from "./stix.ts";
import { openTalk } from "./talk.ts";
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

/**
 * Runs one command line to its end. Never throws: whatever goes wrong is told on standard error, in the language of
 * LANG, with its code; a stack is shown only with WAGLAN_DEBUG.
 */
export const run = async (argv: readonly string[], io: Io, abilities: Abilities): Promise<Exit> => {
  const talk = openTalk(io);
  let exit: Exit = exits.done;
  const cli: Cli = {
    ...{ io, talk, abilities, argv },
    end: (how) => {
      exit = how;
    },
  };
  try {
    try {
      await buildProgram(cli).parseAsync([...argv], { from: "user" });
    } finally {
      await talk.flush();
    }
  } catch (error) {
    talk.settle();
    if (error instanceof Unread) return exits.world;
    // Commander has said it already. Help that was asked for is no mistake; help for want of a verb is.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exits.done : exits.usage;
    const stop = stopOf(error);
    for (const problem of stop.problems) talk.tell(problem);
    if (io.env["WAGLAN_DEBUG"] && error instanceof Error) talk.say(causes(error));
    return stop.exit;
  }
  return exit;
};

/** The program with its verbs; it neither exits nor writes but through `cli`. */
export const buildProgram = (cli: Cli): Command => {
  const { io } = cli;
  const program = new Command("waglan")
    .description("Cyber threat information sharing and early warning for a CERT and the community it guards.")
    .version(packageVersion(), "--version", "print the version")
    .helpOption("-h, --help", "say what a verb does and how it ends")
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 findings where the verb says so, 2 usage, 3 input problems, 4 world failed.\n" +
        "Results go to standard output, words and progress to standard error. Languages: English, 繁體中文, 简体中文 (LANG).",
    )
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    })
    .showHelpAfterError("(waglan --help, or --help behind a verb, says more)")
    .exitOverride();
  for (const verb of verbs) verb(program, cli);
  return program;
};

/** What `main.ts` calls: the command line of this process, and how it ends. */
export const runCli = async (argv: readonly string[], abilities: Abilities): Promise<void> => {
  process.exitCode = await run(argv, processIo(), abilities);
};

const causes = (error: Error): string => {
  const stack = error.stack ?? error.message;
  return error.cause instanceof Error ? `${stack}\ncaused by ${causes(error.cause)}` : stack;
};
