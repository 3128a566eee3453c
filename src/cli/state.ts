import type { BackupReport } from "./abilities.ts";
import { exits } from "./exit.ts";
import { type SettingsOptions, settingsOf, withSettings } from "./settings.ts";
import type { Cli, Verb } from "./verb.ts";
import { withOpened } from "./with-opened.ts";

interface StateOptions extends SettingsOptions {
  readonly json?: true;
}

/** migrate, backup, restore, doctor: what an operator does to the engines. */
export const stateVerbs: Verb = (program, cli) => {
  const migrate = program
    .command("migrate")
    .summary("bring the databases to this version")
    .description(
      "Brings the databases of state and history to this version. What is there already is compared, not done again.",
    )
    .option("--json", "the result as JSON");
  withSettings(migrate).action(async (options: StateOptions) => {
    const done = await cli.abilities.migrate(settingsOf(cli.io, options));
    const steps = (what: string, ran: readonly number[]): string =>
      `${what}: ${ran.length === 0 ? "nothing to do" : `step ${ran.join(", ")}`}`;
    await (options.json
      ? cli.talk.json(done)
      : cli.talk.line(`${steps("state", done.state)}; ${steps("history", done.history)}; version ${done.version}`));
    cli.end(exits.done);
  });

  const backup = program
    .command("backup")
    .summary("write all state to a folder")
    .description(
      "Writes all rows of one instant to an empty folder, checked by hashes. Nobody has to stop working meanwhile.",
    )
    .argument("<folder>")
    .option("--json", "the result as JSON");
  withSettings(backup).action(async (folder: string, options: StateOptions) =>
    cli.end(
      await withOpened(cli, settingsOf(cli.io, options), async (opened) => {
        await reportBackup(cli, await opened.backup(folder), "written to", options.json === true);
        return exits.done;
      }),
    ),
  );

  const restore = program
    .command("restore")
    .summary("read a backup into an empty database")
    .description("Reads a backup into an empty database, embedded or a server's: all of it, or nothing.")
    .argument("<folder>")
    .option("--json", "the result as JSON");
  withSettings(restore).action(async (folder: string, options: StateOptions) => {
    await reportBackup(
      cli,
      await cli.abilities.restore(settingsOf(cli.io, options), folder),
      "read from",
      options.json === true,
    );
    cli.end(exits.done);
  });

  const doctor = program
    .command("doctor")
    .summary("look whether everything is well")
    .description("Looks at machine, folders and databases. Exit code: 0 all is well, 1 something is not.")
    .option("--json", "a check a line as JSON");
  withSettings(doctor).action(async (options: StateOptions) => {
    const checks = await cli.abilities.doctor(settingsOf(cli.io, options));
    for (const check of checks)
      await (options.json
        ? cli.talk.json(check)
        : cli.talk.line(`${check.ok ? "ok   " : "wrong"}  ${check.check}: ${check.says}`));
    cli.end(checks.every(({ ok }) => ok) ? exits.done : exits.findings);
  });
};

const reportBackup = async (cli: Cli, report: BackupReport, how: string, json: boolean): Promise<void> => {
  const { folder, tables, rows } = report;
  await (json
    ? cli.talk.json({ folder, tables, rows })
    : cli.talk.line(`${rows} rows of ${tables} tables ${how} ${folder}`));
};
