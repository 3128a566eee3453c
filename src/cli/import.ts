import { badOption, type Exit, exits } from "./exit.ts";
import { inputsOf, sizeOf, unpacked } from "./input.ts";
import { openProgress } from "./progress.ts";
import { type SettingsOptions, settingsOf, withSettings } from "./settings.ts";
import type { Cli, Verb } from "./verb.ts";
import { withOpened } from "./with-opened.ts";

interface ImportOptions extends SettingsOptions {
  readonly telemetry?: true;
  readonly sensor: string;
  readonly json?: true;
}

export const importVerb: Verb = (program, cli) => {
  const command = program
    .command("import")
    .summary("take in telemetry from files")
    .description(
      "Takes in telemetry as if the sensor had sent it. The same file again is not taken twice.\n" +
        "Exit code: 0 all taken, 3 something could not be read, 4 the store could not take it.",
    )
    .argument("<path...>", "logs: files, folders, .gz, or - for standard input")
    .requiredOption("--sensor <key>", "the sensor, as the directory calls it")
    .option("--telemetry", "what is imported; there is nothing else yet, and it must be said")
    .option("--json", "a file a line as JSON");
  withSettings(command).action(async (paths: readonly string[], options: ImportOptions) => {
    if (!options.telemetry) throw badOption("import", "", "--telemetry");
    cli.end(await run(cli, paths, options));
  });
};

const run = async (cli: Cli, paths: readonly string[], options: ImportOptions): Promise<Exit> => {
  const config = settingsOf(cli.io, options);
  const { inputs, problems } = inputsOf(cli.io, paths);
  for (const one of problems) cli.talk.tell(one);
  return withOpened(cli, config, async (opened) => {
    const progress = openProgress(cli.io, cli.talk, "importing", sizeOf(inputs));
    for (const input of inputs) {
      const chunks = unpacked(input, progress.read);
      const report = await opened.importTelemetry(options.sensor, { file: input.file, chunks });
      const { batches, repeated, lines, bytes } = report;
      const again = repeated > 0 ? `, ${repeated} of them taken before` : "";
      await (options.json
        ? cli.talk.json({ file: input.file, batches, repeated, lines, bytes })
        : cli.talk.line(`${input.file}: ${lines} lines in ${batches} batches${again}`));
    }
    progress.done();
    return problems.length > 0 ? exits.input : exits.done;
  });
};
