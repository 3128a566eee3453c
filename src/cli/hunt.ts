import { setTimeout as wait } from "node:timers/promises";
import { type Problem, problem } from "#core/result.ts";
import type { HuntProgress } from "#jobs/hunt/port.ts";
import { huntRuleAtMost, type RuleWanted } from "#jobs/hunt/rule-asked.ts";
import type { PatternProgress } from "#jobs/hunt/pattern-port.ts";
import type { RuledProgress } from "#jobs/hunt/rule-port.ts";
import { lookedAt } from "#jobs/hunt/state.ts";
import { parseTlp, tlps } from "#core/marking.ts";
import { type Instant, printInstant } from "#core/instant.ts";
import type { Opened } from "./abilities.ts";
import { badOption, type Exit, exits } from "./exit.ts";
import { inputsOf, wholeOf } from "./input.ts";
import { type SettingsOptions, settingsOf, withSettings } from "./settings.ts";
import type { Cli, Verb } from "./verb.ts";
import { withOpened } from "./with-opened.ts";

interface HuntOptions extends SettingsOptions {
  readonly purpose: string;
  readonly values?: string;
  readonly pattern?: string;
  readonly rule?: string;
  readonly organisation?: string;
  readonly since?: string;
  readonly until?: string;
  readonly atSensors?: true;
  readonly tlp?: string;
  readonly json?: true;
}

/** Bytes of a list of values. */
const largest = 16 * 1_048_576;
/** Milliseconds between looks at how far the hunt is. */
const lookEveryMs = 200;
/** Seconds in which somebody must have taken it up: a waglan that serves looks every second. */
const takenWithin = 20;

/** hunt: values in kept telemetry, by a waglan that is serving. */
export const huntVerb: Verb = (program, cli) => {
  const hunt = program
    .command("hunt")
    .summary("look for values in kept telemetry")
    .description(
      "Looks for addresses, networks, names, pages, hashes … in the telemetry that is kept, as live matching would have\n" +
        "seen them, oldest first. A waglan that is serving does it. The purpose stands in the evidence. Ctrl-C cancels.\n" +
        "Exit code 1 when something was seen.",
    )
    .argument("[value...]", "in any writing, defanged too")
    .requiredOption("--purpose <text>", "why, for whoever asks later")
    .option("--values <file>", 'a file of values, one a line; "-" for standard input')
    .option(
      "--pattern <stix>",
      "a STIX 2.1 pattern: its values, or what it says of records of one organisation together",
    )
    .option("--rule <file>", "Sigma rules instead of values: a file, or the id or name of a rule that is there")
    .option("--organisation <key>", "only in what this member's sensors saw")
    .option("--at-sensors", "in what sensors keep inside their organisations, instead of here; waits for their answers")
    .option("--tlp <tlp>", "how far what is hunted may be told, when sensors are asked (default: amber)")
    .option("--since <time>", "ISO 8601; default: all that is kept")
    .option("--until <time>", "ISO 8601, excluded; default: now")
    .option("--json", "one sighting a line as JSON");
  withSettings(hunt).action(async (values: readonly string[], options: HuntOptions) =>
    cli.end(await runHunt(cli, values, options)),
  );
};

const runHunt = async (cli: Cli, words: readonly string[], options: HuntOptions): Promise<Exit> => {
  const { purpose, pattern, organisation, since, until } = options;
  const listed = options.values === undefined ? [] : await valuesIn(cli, options.values);
  if (listed === undefined) return exits.input;
  const values = [...words, ...listed];
  const ways = [values.length > 0, pattern !== undefined, options.rule !== undefined].filter(Boolean).length;
  if (ways !== 1) throw badOption("hunt", "", "values, --pattern or --rule");
  const tlp = parseTlp(options.tlp ?? "amber");
  if (!tlp.ok) throw badOption("--tlp", options.tlp ?? "", tlps.join(", "));
  const atSensors = options.atSensors === true;
  const rule = options.rule === undefined ? undefined : await ruleIn(cli, options.rule);
  return withOpened(cli, settingsOf(cli.io, options), async (opened) => {
    const asked = await opened.hunts.ask({
      ...{ purpose },
      ...(rule === undefined ? (pattern === undefined ? { values } : { pattern }) : { rule }),
      ...(organisation === undefined ? {} : { organisation }),
      ...(since === undefined ? {} : { from: since }),
      ...(until === undefined ? {} : { to: until }),
      ...(atSensors ? { sensors: tlp.value } : {}),
    });
    if (!asked.ok) {
      cli.talk.tell(asked.problem);
      return exits.input;
    }
    const ended = await untilOver(cli, opened, asked.value, atSensors);
    if ("code" in ended) {
      cli.talk.tell(ended);
      return exits.world;
    }
    return printHunt(cli, opened, ended, options.json === true);
  });
};

const valuesIn = async (cli: Cli, file: string): Promise<readonly string[] | undefined> => {
  const { inputs, problems } = inputsOf(cli.io, [file]);
  for (const one of problems) cli.talk.tell(one);
  const [input] = inputs;
  if (input === undefined) return undefined;
  const read = await wholeOf(input, largest, () => {});
  if (!read.ok) {
    cli.talk.tell(read.problem, file);
    return undefined;
  }
  const lines = new TextDecoder().decode(read.value).split(/\r?\n/);
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
};

/** A file of rules where there is one of that name; else what a rule is called by. */
const ruleIn = async (cli: Cli, named: string): Promise<RuleWanted> => {
  const { inputs } = inputsOf(cli.io, [named]);
  const [input] = inputs;
  const read = input && (await wholeOf(input, huntRuleAtMost, () => {}));
  return read?.ok ? { text: new TextDecoder().decode(read.value) } : { id: named };
};

/** How it ended; or why nobody did it. */
const untilOver = async (
  cli: Cli,
  { hunts }: Opened,
  id: string,
  atSensors: boolean,
): Promise<HuntProgress | Problem> => {
  const stopped = cli.io.stopped();
  const begun = cli.io.elapsed();
  for (;;) {
    const hunt = await hunts.read(id);
    if (hunt.state !== "waiting" && hunt.state !== "running") {
      cli.talk.settle();
      return hunt;
    }
    if (stopped.aborted) await hunts.cancel(id);
    else if (!atSensors && hunt.state === "waiting" && cli.io.elapsed() - begun > takenWithin * 1000) {
      await hunts.cancel(id);
      return problem("WGL_HUNT_NOBODY", { seconds: takenWithin });
    } else {
      const { read, toRead } = lookedAt(hunt);
      const of = toRead === undefined ? "" : ` of at most ${toRead.toLocaleString("en")}`;
      cli.talk.progress(`hunting: ${read.toLocaleString("en")}${of} records, ${hunt.found.toLocaleString("en")} seen`);
      await wait(lookEveryMs);
    }
  }
};

const printHunt = async (cli: Cli, { hunts }: Opened, hunt: HuntProgress, json: boolean): Promise<Exit> => {
  for await (const row of hunts.results(hunt.id))
    await (json
      ? cli.talk.json(row)
      : cli.talk.line(
          row.match !== undefined
            ? `${row.time}  ${row.organisation}  ${row.sensor}  ${row.own ?? "-"}  ${row.direction}  (match ${row.match}, of ${row.records ?? 1} records)  ${row.text}`
            : row.rule === undefined
              ? `${row.time}  ${row.organisation}  ${row.sensor}  ${row.own ?? "-"}  ${row.direction}  ${row.where}  ${row.seen}  (${row.hunted}, ${row.weight})`
              : `${row.time}  ${row.organisation}  ${row.sensor}  ${row.own ?? "-"}  ${row.severity ?? ""}  ${row.title ?? ""}  (${row.rule})`,
        ));
  if (hunt.problem !== undefined) cli.talk.tell(hunt.problem);
  if (hunt.ruled !== undefined) tellRuled(cli, hunt.ruled);
  if (hunt.patterned !== undefined) tellPattern(cli, hunt.patterned);
  cli.talk.say(
    `${hunt.found.toLocaleString("en")} sightings in ${lookedAt(hunt).read.toLocaleString("en")} records; hunt ${hunt.id} is ${hunt.state}${hunt.cut ? ", and only the first sightings are kept" : ""}`,
  );
  if (hunt.state === "failed") return exits.world;
  return hunt.found > 0 ? exits.findings : exits.done;
};

/** What each rule found, and what rules cannot see in what is kept. */
const tellRuled = (cli: Cli, { counts, unseen, unread, blind }: RuledProgress): void => {
  const stamp = (at: Instant): string => printInstant(at);
  for (const { title, severity, count, first, last } of counts)
    cli.talk.say(
      `${severity.padEnd(8)} ${count.toLocaleString("en").padStart(8)}  ${stamp(first)} … ${stamp(last)}  ${title}`,
    );
  for (const { rule, format, field, blind: whole } of unseen.slice(0, unseenShown))
    cli.talk.say(
      `${field} of ${format} is not kept: rule ${rule} ${whole ? "is not asked of such records" : "can only miss there"}`,
    );
  if (unseen.length > unseenShown) cli.talk.say(`and ${unseen.length - unseenShown} more fields that are not kept`);
  if (blind > 0)
    cli.talk.say(`${blind.toLocaleString("en")} records a rule was not asked of, for what it must see is not kept`);
  tellUnread(cli, unread);
};

const tellUnread = (cli: Cli, unread: RuledProgress["unread"]): void => {
  for (const [code, count] of Object.entries(unread))
    cli.talk.say(`${count.toLocaleString("en")} records could not be read again as they are kept: ${code}`);
};

/** How often it was true, and what stood in the way of knowing. */
const tellPattern = (cli: Cli, { anchored, matches, unread, undecided, letGo }: PatternProgress): void => {
  cli.talk.say(
    `the pattern was true ${matches.toLocaleString("en")} times, of ${anchored ? "records that show its values" : "all records of the period"}`,
  );
  tellUnread(cli, unread);
  for (const [code, count] of Object.entries(undecided))
    cli.talk.say(`${count.toLocaleString("en")} times it could not be decided: ${code}`);
  if (letGo > 0)
    cli.talk.say(
      `${letGo.toLocaleString("en")} records with a part in it were let go of for want of room: say WITHIN, or ask for less time`,
    );
};

/** Fields told of; the rest is counted. */
const unseenShown = 12;
