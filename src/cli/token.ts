import { badOption, exits } from "./exit.ts";
import { type SettingsOptions, settingsOf, withSettings } from "./settings.ts";
import { printTable } from "./table.ts";
import type { Verb } from "./verb.ts";
import { withOpened } from "./with-opened.ts";

interface TokenOptions extends SettingsOptions {
  readonly sensor?: string;
  readonly partner?: string;
  readonly title: string;
  readonly json?: true;
}

export const tokenVerb: Verb = (program, cli) => {
  const token = program
    .command("token")
    .summary("keys of sensors and partners")
    .description("Keys by which sensors and partners are known.");
  const make = token
    .command("make")
    .summary("make a key")
    .description("Makes a key and prints it this once: only its hash is kept.")
    .option("--sensor <key>", "of this sensor of the directory")
    .option("--partner <key>", "of this organisation of the directory")
    .requiredOption("--title <text>", "where it will be used, to know it by later")
    .option("--json", "the result as JSON");
  withSettings(make).action(async (options: TokenOptions) => {
    const { sensor, partner, title, json } = options;
    const subject = sensor ?? partner;
    if (subject === undefined || (sensor !== undefined && partner !== undefined))
      throw badOption("token make", "", "--sensor or --partner, one of them");
    const kind = sensor === undefined ? "partner" : "sensor";
    cli.end(
      await withOpened(cli, settingsOf(cli.io, options), async (opened) => {
        const made = await opened.tokens.make({ kind, subject, title });
        await (json
          ? cli.talk.json({ kind, subject, title, prefix: made.prefix, token: made.text })
          : cli.talk.line(made.text));
        cli.talk.say(`This token cannot be shown again; it is revoked by "waglan token revoke ${made.prefix}"`);
        return exits.done;
      }),
    );
  });
  const revoke = token
    .command("revoke")
    .description("Ends a key at once.")
    .argument("<prefix>", "the eight characters it is listed by")
    .option("--json", "the result as JSON");
  withSettings(revoke).action(async (prefix: string, options: TokenOptions) =>
    cli.end(
      await withOpened(cli, settingsOf(cli.io, options), async (opened) => {
        await opened.tokens.revoke(prefix);
        await (options.json ? cli.talk.json({ prefix, revoked: true }) : cli.talk.line(`${prefix} is revoked`));
        return exits.done;
      }),
    ),
  );
  const list = token.command("list").description("Lists the keys.").option("--json", "one a line as JSON");
  withSettings(list).action(async (options: TokenOptions) =>
    cli.end(
      await withOpened(cli, settingsOf(cli.io, options), async (opened) => {
        await printTable(cli, await opened.tokens.list(), options.json === true);
        return exits.done;
      }),
    ),
  );
};
