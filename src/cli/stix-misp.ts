import { ok } from "#core/result.ts";
import { fromMisp } from "#misp/from-misp.ts";
import { printEvent } from "#misp/print-event.ts";
import { readDocument } from "#misp/read-event.ts";
import { toMisp } from "#misp/to-misp.ts";
import { type Answered, answerLines, type JsonLine, takesLines } from "./ndjson-verb.ts";
import type { StixWord } from "./stix-word.ts";
import type { Cli } from "./verb.ts";

export const fromMispWord: StixWord = (stix, cli) => {
  takesLines(stix.command("from-misp"))
    .summary("turn MISP events into STIX 2.1 bundles")
    .description(
      "Answers {id, misp} with {id, bundle, problems}: misp is an event, a response or list of events, attributes,\n" +
        "objects or galaxies; problems are what the reader had to leave out, with their places.\n" +
        "Exit code: 0 every line was answered; 3 a line or a path could not be used.",
    )
    .option("--typed-patterns", "write numbers in patterns as numbers, not quoted as MISP's own exports have them")
    .action(async (paths: readonly string[], { typedPatterns }: { readonly typedPatterns?: true }) =>
      cli.end(await answerLines(cli, paths, (line) => bundleOf(cli, line, typedPatterns === true))),
    );
};

export const toMispWord: StixWord = (stix, cli) => {
  takesLines(stix.command("to-misp"))
    .summary("turn STIX 2.1 bundles into MISP events")
    .description(
      "Answers {id, bundle} with {id, misp, problems}: misp is a list of events, one for each report or grouping, one\n" +
        "when there is none; problems are the objects a MISP event has no place for.\n" +
        "Exit code: 0 every line was answered; 3 a line or a path could not be used.",
    )
    .action(async (paths: readonly string[]) => cli.end(await answerLines(cli, paths, eventsOf)));
};

const bundleOf = (cli: Cli, { misp }: JsonLine, isTyped: boolean): Answered => {
  const read = readDocument(misp);
  if (!read.ok) return read;
  const bundle = fromMisp(read.value.value, { now: cli.io.now(), patterns: isTyped ? "stix" : "misp" });
  return ok({ bundle, problems: read.value.problems });
};

const eventsOf = ({ bundle }: JsonLine): Answered => {
  const made = toMisp(bundle);
  if (!made.ok) return made;
  const { events, problems } = made.value;
  return ok({ misp: events.map((event) => printEvent(event).Event), problems });
};
