import { fileURLToPath } from "node:url";
import { exits } from "./exit.ts";
import { feedsOf, type SettingsOptions, settingsOf, withSettings } from "./settings.ts";
import type { Verb } from "./verb.ts";

interface ServeOptions extends SettingsOptions {
  readonly port?: string;
  readonly host?: string;
  readonly roles?: string;
  readonly sample?: boolean;
}

const sampleConfig = fileURLToPath(new URL("../../sample/waglan.yaml", import.meta.url));

export const serveVerb: Verb = (program, cli) => {
  const command = program
    .command("serve")
    .summary("run the platform")
    .description("Runs the platform until it is told to stop (Ctrl-C, SIGTERM), then finishes what is under way.")
    .option("--host <address>", "where to listen (default: 127.0.0.1)")
    .option("--port <number>", "0 takes any that is free (default: 8420)")
    .option("--sample", "play the sample community, a harbour city that does not exist")
    .option("--roles <list>", "what this process does, of api,collect,match,work (default: all)");
  withSettings(command).action(async (options: ServeOptions) => {
    const { host, port, roles, sample } = options;
    const config = settingsOf(cli.io, sample ? { config: sampleConfig, ...options } : options, {
      ...(host === undefined ? {} : { "http.host": host }),
      ...(port === undefined ? {} : { "http.port": port }),
      ...(roles === undefined ? {} : { roles }),
    });
    feedsOf(config);
    await cli.abilities.serve(config, cli.io.stopped(), cli.talk.say);
    cli.end(exits.done);
  });
};
