import { Command, CommanderError } from "commander";
import { type Exit, exits, stopOf } from "./exit.ts";
import { type Io, Unread } from "./io.ts";
import { packageVersion } from "./package.ts";
import { openTalk } from "./talk.ts";
import type { Cli, Verb } from "./verb.ts";

/**
 * Runs one command line to its end. Never throws: whatever goes wrong is told on standard error, in the language of
 * LANG, with its code; a stack is shown only with WAGLAN_DEBUG.
 */
export const runVerbs = async <A>(
  verbs: readonly Verb<A>[],
  argv: readonly string[],
  io: Io,
  abilities: A,
): Promise<Exit> => {
  const talk = openTalk(io);
  let exit: Exit = exits.done;
  const cli: Cli<A> = {
    ...{ io, talk, abilities, argv },
    end: (how) => {
      exit = how;
    },
  };
  try {
    try {
      await programOf(verbs, cli).parseAsync([...argv], { from: "user" });
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
export const programOf = <A>(verbs: readonly Verb<A>[], cli: Cli<A>): Command => {
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

const causes = (error: Error): string => {
  const stack = error.stack ?? error.message;
  return error.cause instanceof Error ? `${stack}\ncaused by ${causes(error.cause)}` : stack;
};
