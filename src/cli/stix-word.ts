import type { Command } from "commander";
import type { Cli } from "./verb.ts";

/** Adds one word behind `waglan stix`; `stix.ts` lists them. */
export type StixWord = (stix: Command, cli: Cli) => void;
