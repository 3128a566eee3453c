import { parseInstant } from "#core/instant.ts";
import type { Problem } from "#core/result.ts";
import { badOption, type Exit, exits } from "./exit.ts";
import { inputsOf, wholeOf } from "./input.ts";
import { type SettingsOptions, settingsOf, withSettings } from "./settings.ts";
import { printTable } from "./table.ts";
import type { Cli, Verb } from "./verb.ts";
import { withOpened } from "./with-opened.ts";

interface ExclusionOptions extends SettingsOptions {
  readonly list?: string;
  readonly reason: string;
  readonly until?: string;
  readonly source?: string;
  readonly json?: true;
}

/** The largest of MISP's lists is some 30 MiB. */
const largest = 256 * 1_048_576;

export const exclusionVerb: Verb = (program, cli) => {
  const exclusion = program
    .command("exclusion")
    .summary("values kept out of matching and lists")
    .description(
      "Values too common or too harmless to act on: kept out of block-lists and of the match with telemetry, for the\n" +
        "past too, and never out of the match with members' own assets.",
    );
  const add = exclusion
    .command("add")
    .description("Excludes one value, or the entries of a MISP warning list.")
    .argument("[value]", "an address, a network, a name, a hash …")
    .option("--list <file>", "a MISP warning list, JSON, perhaps gzipped; one of the same name is replaced")
    .requiredOption("--reason <text>", "why, for whoever asks later")
    .option("--until <time>", "ISO 8601; it ends by itself then")
    .option("--json", "the result as JSON");
  withSettings(add).action(async (value: string | undefined, options: ExclusionOptions) =>
    cli.end(await addExclusion(cli, value, options)),
  );
  const end = exclusion
    .command("end")
    .description("Ends an exclusion: what it took back stands again.")
    .argument("<name>", "as it is listed")
    .requiredOption("--reason <text>", "why")
    .option("--json", "the result as JSON");
  withSettings(end).action(async (name: string, options: ExclusionOptions) =>
    cli.end(
      await withOpened(cli, settingsOf(cli.io, options), async (opened) => {
        const wrong = await opened.care.include(name, options.reason);
        return told(cli, wrong, options, { name, ended: wrong === undefined }, `${name} is no longer excluded`);
      }),
    ),
  );
  const list = exclusion
    .command("list")
    .description("Lists what was excluded here; lists of the configured folder are not among them.")
    .option("--json", "one a line as JSON");
  withSettings(list).action(async (options: ExclusionOptions) =>
    cli.end(
      await withOpened(cli, settingsOf(cli.io, options), async (opened) => {
        await printTable(cli, await opened.care.exclusions(), options.json === true);
        return exits.done;
      }),
    ),
  );
};

/** Judging what sources say. */
export const judgeVerb: Verb = (program, cli) => {
  const judge = program
    .command("judge")
    .summary("say that a value is a false positive")
    .description(
      "Says that a value, or one source's claim of it, is a false positive, or takes that back. It leaves the match and\n" +
        "every list at once; findings that rest on nothing else are taken back, and those who were told are told so.",
    )
    .argument("<value>", "the value")
    .argument("<verdict>", "false or restored")
    .option("--source <id>", "only what this source says")
    .requiredOption("--reason <text>", "why")
    .option("--json", "the result as JSON");
  withSettings(judge).action(async (value: string, verdict: string, options: ExclusionOptions) => {
    if (verdict !== "false" && verdict !== "restored") throw badOption("judge", verdict, "false or restored");
    cli.end(
      await withOpened(cli, settingsOf(cli.io, options), async (opened) => {
        const { source, reason } = options;
        const judged = await opened.care.judge({ value, verdict, reason, ...(source === undefined ? {} : { source }) });
        if (!judged.ok) return told(cli, judged.problem, options, {}, "");
        const { weighed, takenBack, restored } = judged.value;
        const says = `${value}: ${weighed} findings weighed, ${takenBack} taken back, ${restored} restored`;
        return told(cli, undefined, options, { value, verdict, weighed, takenBack, restored }, says);
      }),
    );
  });
};

const addExclusion = async (cli: Cli, value: string | undefined, options: ExclusionOptions): Promise<Exit> => {
  const { list, reason, until, json } = options;
  if ((value === undefined) === (list === undefined))
    throw badOption("exclusion add", "", "a value or --list, one of them");
  const time = until === undefined ? undefined : parseInstant(until);
  if (time?.ok === false) throw badOption("--until", until ?? "", "a time in ISO 8601");
  const deciding = { reason, ...(time === undefined ? {} : { until: time.value }) };
  let body: Uint8Array | undefined;
  if (list === "-") throw badOption("--list", list, "a file, whose name tells how far the list reaches");
  if (list !== undefined) {
    const { inputs, problems } = inputsOf(cli.io, [list]);
    for (const one of problems) cli.talk.tell(one);
    const [input] = inputs;
    if (input === undefined) return exits.input;
    if (!input.named) throw badOption("--list", list, "one file");
    const read = await wholeOf(input, largest, () => {});
    if (!read.ok) {
      cli.talk.tell(read.problem, list);
      return exits.input;
    }
    body = read.value;
  }
  return withOpened(cli, settingsOf(cli.io, options), async (opened) => {
    const what = body === undefined ? { value: value ?? "" } : { body, file: list ?? "" };
    const put = await opened.care.exclude(what, deciding);
    if (!put.ok) return told(cli, put.problem, options, {}, "", list);
    const { name, entries } = put.value;
    await (json ? cli.talk.json({ name, entries }) : cli.talk.line(`${name}: ${entries} entries excluded`));
    return exits.done;
  });
};

const told = async (
  cli: Cli,
  wrong: Problem | undefined,
  { json }: ExclusionOptions,
  result: Readonly<Record<string, unknown>>,
  says: string,
  at?: string,
): Promise<Exit> => {
  if (wrong !== undefined) {
    cli.talk.tell(wrong, at);
    return exits.input;
  }
  await (json ? cli.talk.json(result) : cli.talk.line(says));
  return exits.done;
};
