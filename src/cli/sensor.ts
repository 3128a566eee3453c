import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { type Instant, instant, parseInstant } from "#core/instant.ts";
import { problem } from "#core/result.ts";
import { type EdgeConfig, readEdgeConfig } from "#jobs/edge/edge-config.ts";
import type { Abilities } from "./abilities.ts";
import { badOption, exits, Stop } from "./exit.ts";
import { packageVersion } from "./package.ts";
import { sentLines, statusLines } from "./sensor-print.ts";
import { languageOfEnvironment } from "./talk.ts";
import type { Cli, Verb } from "./verb.ts";

interface SensorOptions {
  readonly config?: string;
  readonly data?: string;
  readonly key?: string;
  readonly server?: string;
  readonly tokenFile?: string;
  readonly follow?: readonly string[];
  readonly format?: string;
  readonly networks?: readonly string[];
  readonly proxy?: string;
  readonly ca?: string;
  readonly out?: string;
  readonly knowledge?: string;
  readonly once?: true;
  readonly since?: string;
  readonly json?: true;
}

const withPlace = (command: Command): Command =>
  command
    .option("--config <file>", "the sensor's own configuration (default: sensor.yaml here, if there is one)")
    .option("--data <folder>", "folder of all it keeps (default: as configured, else sensor-data)")
    .option("--key <sensor>", "its key in the centre's directory");

/** sensor: a small process inside a department. Wired apart, so that it carries nothing of the centre (`wiring/sensor.ts`). */
export const sensorVerb: Verb<Pick<Abilities, "sensor">> = (program, cli) => {
  const sensor = program
    .command("sensor")
    .summary("run the sensor inside a department")
    .description(
      "Takes logs inside a department, matches them against what the centre lets it know, keeps a local history and answers\n" +
        "questions to it there. Only hits and counts leave. Runs until it is told to stop (Ctrl-C, SIGTERM).",
    );
  const run = withPlace(sensor.command("run", { isDefault: true }).summary("run it"))
    .description("Runs until it is told to stop; with --once until what is there was taken, answered and sent.")
    .option("--server <url>", "the centre; it is only ever called from here")
    .option("--token-file <file>", "file whose first line is the sensor's token")
    .option("--follow <path...>", "files or patterns to follow, beside the configured ones")
    .option("--format <name>", "format of what is followed; told from its bytes unless said")
    .option("--networks <cidr...>", "networks that are ours, beside those the centre knows")
    .option("--proxy <url>", "HTTP proxy on the way to the centre")
    .option("--ca <file>", "PEM of the centre's own certificate authority")
    .option("--out <folder>", "no line: write parcels here for a one-way link")
    .option("--knowledge <file>", "no line: what a one-way link brings (waglan export --for-sensor)")
    .option("--once", "take, answer and send what there is, and end")
    .option("--json", "end with its status as JSON");
  run.action(async (options: SensorOptions) => {
    const config = configOf(cli, options);
    const ran = await cli.abilities.sensor.run({
      ...{ config, cwd: cli.io.cwd, program: packageVersion(), once: options.once === true },
      ...{ stop: cli.io.stopped(), say: cli.talk.say, tell: (one) => cli.talk.tell(one) },
    });
    if (options.json) await cli.talk.json(ran.status);
    cli.end(exits.done);
  });
  withPlace(sensor.command("sent").summary("what left the department"))
    .description("Every parcel that was handed over, line by line, from the sensor's own folder; it may run meanwhile.")
    .option("--since <time>", "ISO 8601; default: all that is kept")
    .option("--json", "one line of what was sent a line, with its parcel's number and time")
    .action(async (options: SensorOptions) => {
      const since = sinceOf(options.since);
      const language = languageOfEnvironment(cli.io.env);
      for (const parcel of cli.abilities.sensor.sent(folderOf(cli, options), since))
        for (const line of sentLines(language, parcel))
          await (options.json
            ? cli.talk.json({ parcel: parcel.number, sent: new Date(parcel.at).toISOString(), ...line.said })
            : cli.talk.line(line.text));
      cli.end(exits.done);
    });
  withPlace(sensor.command("status").summary("how the sensor is"))
    .description(
      "What it knows, keeps and waits with, what the centre asks of its past and why, and what went wrong.\nExit code 1 when something did.",
    )
    .option("--json", "as JSON")
    .action(async (options: SensorOptions) => {
      const status = cli.abilities.sensor.status(folderOf(cli, options));
      if (options.json) await cli.talk.json(status);
      else for (const line of statusLines(languageOfEnvironment(cli.io.env), status)) await cli.talk.line(line);
      cli.end(status.troubles.length > 0 ? exits.findings : exits.done);
    });
};

/** @throws Stop with every problem of it */
const configOf = (cli: Pick<Cli, "io">, options: SensorOptions): EdgeConfig => {
  const named = options.config ?? "sensor.yaml";
  const file = resolve(cli.io.cwd, named);
  const { key, data, server, tokenFile, follow, format, networks, proxy, ca, out, knowledge } = options;
  const said = { data, server, tokenFile, follow, format, networks, proxy, ca, out, knowledge, sensor: key };
  const read = readEdgeConfig(
    options.config !== undefined || existsSync(file) ? textOf(file) : undefined,
    Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)),
  );
  if (read.ok) return read.value;
  const place = (at: string | undefined): string => (at?.startsWith("line ") ? `${named} ${at}` : (at ?? ""));
  throw new Stop(
    read.problem.map((one) => ({ ...one, at: place(one.at) })),
    exits.usage,
  );
};

/** Where it keeps what it keeps; a configuration need not be whole for that. */
const folderOf = (cli: Pick<Cli, "io">, options: SensorOptions): string => {
  if (options.data !== undefined) return resolve(cli.io.cwd, options.data);
  return resolve(cli.io.cwd, configOf(cli, options).data);
};

const sinceOf = (text: string | undefined): Instant => {
  if (text === undefined) return instant(0);
  const read = parseInstant(text);
  if (!read.ok) throw badOption("--since", text, "a time such as 2026-11-19T08:00Z");
  return read.value;
};

const textOf = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Stop([problem("WGL_CONFIG_FILE", { file, code })], exits.usage);
  }
};
