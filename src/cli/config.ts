import { printConfig, shownConfig } from "#jobs/config/print.ts";
import { exits } from "./exit.ts";
import { feedsOf, type SettingsOptions, settingsOf, withSettings } from "./settings.ts";
import type { Verb } from "./verb.ts";

export const configVerb: Verb = (program, cli) => {
  const command = program
    .command("config")
    .summary("print the configuration in force")
    .description(
      "Prints the configuration in force: defaults, file, environment and options together, passwords left out.\n" +
        "Exit code: 0, or 2 with every problem of it.",
    )
    .option("--json", "as one line of JSON instead of YAML");
  withSettings(command).action(async (options: SettingsOptions & { readonly json?: true }) => {
    const config = settingsOf(cli.io, options);
    feedsOf(config);
    await (options.json ? cli.talk.json(shownConfig(config)) : cli.talk.line(printConfig(config).trimEnd()));
    cli.end(exits.done);
  });
};
