import type { Command } from "commander";
import type { Abilities } from "./abilities.ts";
import type { Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import type { Talk } from "./talk.ts";

/** What every verb is given. */
export interface Cli<A = Abilities> {
  readonly io: Io;
  readonly talk: Talk;
  readonly abilities: A;
  /** What the program was called with, without its own name. */
  readonly argv: readonly string[];
  /** How the program will end; said once, by the verb that ran. */
  readonly end: (exit: Exit) => void;
}

/** Adds one verb of DESIGN §6 to the program. */
export type Verb<A = Abilities> = (program: Command, cli: Cli<A>) => void;
