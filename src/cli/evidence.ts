import type { EvidenceReport } from "./abilities.ts";
import { type Exit, exits } from "./exit.ts";
import { type SettingsOptions, settingsOf, withSettings } from "./settings.ts";
import type { Cli, Verb } from "./verb.ts";
import { withOpened } from "./with-opened.ts";

interface EvidenceOptions extends SettingsOptions {
  readonly json?: true;
}

export const evidenceVerb: Verb = (program, cli) => {
  const evidence = program
    .command("evidence")
    .summary("the log that cannot be rewritten")
    .description("The log of releases, alerts, answers, privileges and policies.");
  const verify = evidence
    .command("verify")
    .summary("prove that nothing was changed")
    .description(
      "Computes the log's tree anew and compares it with the signed checkpoints.\n" +
        "Exit code: 0 it is whole, 1 it is not.",
    )
    .argument("[folder]", "an exported log; without it this waglan's own")
    .option("--json", "the result as JSON");
  withSettings(verify).action(async (folder: string | undefined, options: EvidenceOptions) =>
    cli.end(
      folder === undefined
        ? await withOpened(cli, settingsOf(cli.io, options), async (opened) =>
            report(cli, await opened.evidence.verify(), options),
          )
        : await report(cli, await cli.abilities.verifyEvidence(folder), options),
    ),
  );
  const out = evidence
    .command("export")
    .description("Writes the log to a folder, for somebody who does not trust us to verify.")
    .argument("<folder>")
    .option("--json", "the result as JSON");
  withSettings(out).action(async (folder: string, options: EvidenceOptions) =>
    cli.end(
      await withOpened(cli, settingsOf(cli.io, options), async (opened) =>
        report(cli, await opened.evidence.export(folder), options),
      ),
    ),
  );
};

const report = async (
  cli: Cli,
  { leaves, checkpoints, problems }: EvidenceReport,
  options: EvidenceOptions,
): Promise<Exit> => {
  const whole = problems.length === 0;
  for (const one of problems) cli.talk.say(one);
  await (options.json
    ? cli.talk.json({ leaves, checkpoints, whole, problems })
    : cli.talk.line(
        `${leaves} leaves under ${checkpoints} checkpoints: ${whole ? "whole" : `${problems.length} problems`}`,
      ));
  return whole ? exits.done : exits.findings;
};
