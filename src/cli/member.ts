import { badOption, type Exit, exits } from "./exit.ts";
import type { DirectoryFormat } from "./abilities.ts";
import { inputsOf, wholeOf } from "./input.ts";
import { type SettingsOptions, settingsOf, withSettings } from "./settings.ts";
import { printTable } from "./table.ts";
import type { Cli, Verb } from "./verb.ts";
import { withOpened } from "./with-opened.ts";

interface ImportOptions extends SettingsOptions {
  readonly format?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

export const memberVerb: Verb = (program, cli) => {
  const member = program
    .command("member")
    .summary("the community's directory")
    .description("The community's directory.");
  const take = member
    .command("import")
    .summary("take in a directory file, whole or not at all")
    .description(
      "Takes in a directory file: YAML with organisations, people, assets and sensors, or CSV with assets.\n" +
        "Every problem is told with its place, and with one problem nothing is taken. Exit code: 0 taken, 3 problems.",
    )
    .argument("<file>", "the file, or - for standard input")
    .option("--format <name>", "yaml or csv (default: by the name's end, else yaml)")
    .option("--dry-run", "only say what is wrong with it")
    .option("--json", "problems and the result as JSON");
  withSettings(take).action(async (file: string, options: ImportOptions) =>
    cli.end(await importFile(cli, file, options)),
  );
  const list = member.command("list").description("Lists the organisations.").option("--json", "one a line as JSON");
  withSettings(list).action(async (options: ImportOptions) =>
    cli.end(
      await withOpened(cli, settingsOf(cli.io, options), async (opened) => {
        await printTable(cli, await opened.members(), options.json === true);
        return exits.done;
      }),
    ),
  );
};

/** The station reads at most 10 MiB and says so itself; we only do not fill memory before it can. */
const largest = 64 * 1_048_576;

const importFile = async (cli: Cli, file: string, options: ImportOptions): Promise<Exit> => {
  const format = formatOf(file, options.format);
  const { inputs, problems } = inputsOf(cli.io, [file]);
  for (const one of problems) cli.talk.tell(one);
  const [input] = inputs;
  if (input === undefined) return exits.input;
  if (!input.named) throw badOption("FILE", file, "one file");
  const body = await wholeOf(input, largest, () => {});
  if (!body.ok) {
    cli.talk.tell(body.problem, file);
    return exits.input;
  }
  return withOpened(cli, settingsOf(cli.io, options), async (opened) => {
    const {
      problems: wrong,
      holds,
      applied,
    } = await opened.importDirectory(body.value, format, options.dryRun === true);
    for (const one of wrong) {
      cli.talk.tell(one, file);
      if (options.json)
        await cli.talk.json({
          file,
          code: one.code,
          message: one.message,
          ...(one.at === undefined ? {} : { at: one.at }),
        });
    }
    const held = Object.entries(holds).map(([what, count]) => `${count} ${what}`);
    const done = applied
      ? "taken"
      : wrong.length > 0
        ? `${wrong.length} problems, nothing taken`
        : "nothing wrong, nothing taken";
    await (options.json
      ? cli.talk.json({ file, holds, problems: wrong.length, applied })
      : cli.talk.line(`${file}: ${[...held, done].join(", ")}`));
    return wrong.length > 0 ? exits.input : exits.done;
  });
};

const formatOf = (file: string, asked: string | undefined): DirectoryFormat => {
  if (asked === undefined) return /\.csv$/i.test(file) ? "csv" : "yaml";
  if (asked === "yaml" || asked === "csv") return asked;
  throw badOption("--format", asked, "yaml or csv");
};
