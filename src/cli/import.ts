import { no } from "#core/result.ts";
import type { Opened } from "./abilities.ts";
import { badOption, type Exit, exits } from "./exit.ts";
import { type MoveInOptions, moveInWays, runMoveIn } from "./import-move-in.ts";
import { type Input, inputsOf, sizeOf, unpacked } from "./input.ts";
import { openProgress } from "./progress.ts";
import { settingsOf, withSettings } from "./settings.ts";
import type { Cli, Verb } from "./verb.ts";
import { withOpened } from "./with-opened.ts";

interface ImportOptions extends MoveInOptions {
  readonly telemetry?: true;
  readonly sensor?: string;
}

export const importVerb: Verb = (program, cli) => {
  const command = program
    .command("import")
    .summary("take in telemetry from files, or all that another system has")
    .description(
      "Takes in telemetry as if the sensor had sent it, or moves in what MISP, IntelMQ, Tuency, n6 or OpenCTI has (docs/moving-in.md).\n" +
        "The same again changes nothing, and what was broken off goes on. What is moved in speaks to nobody until a person\n" +
        "lets it. Exit code: 0 all taken, 3 something could not be read, 4 the store or the network failed.",
    )
    .argument("[path...]", "files, folders, .gz, or - for standard input; with --from-misp also an address")
    .option("--telemetry", "logs of a sensor, or parcels (*.parcel, *.parcel.gz) of one behind a one-way link")
    .option("--sensor <key>", "with --telemetry: the sensor, as the directory calls it")
    .option("--from-misp", "events of a MISP instance: exported files, a feed's folder or address, or its API")
    .option("--key-file <file>", "with --from-misp and an address: the key for its API")
    .option("--from-intelmq", "the events table of IntelMQ's EventDB, as CSV or JSON lines")
    .option("--from-contacts", "IntelMQ's contact tables: a folder with a CSV file a table")
    .option("--from-tuency", "Tuency's contact database: JSON of its API, a CSV file a table, or an SQL dump")
    .option("--from-n6-auth", "n6's auth DB: a CSV or JSON file a table, or an SQL dump")
    .option("--dry-run", "with contacts of any system: only say what would be taken, and what is wrong")
    .option("--from-opencti", "a STIX export of OpenCTI")
    .option("--compare", "notifications another system sent, beside what we told or would have told; sends nothing")
    .option("--since <time>", "with --compare: from when on (default: the first notification)")
    .option("--until <time>", "with --compare: until when (default: the last one)")
    .option("--runs", "list what was moved in, and how far it is")
    .option("--json", "a file, run or comparison a line as JSON");
  withSettings(command).action(async (paths: readonly string[], options: ImportOptions) => {
    const ways = moveInWays.filter((way) => options[way] === true);
    const [way] = ways;
    if (ways.length + (options.telemetry ? 1 : 0) !== 1)
      throw badOption(
        "import",
        "",
        "one of --telemetry, --from-misp, --from-intelmq, --from-contacts, --from-tuency, --from-n6-auth, --from-opencti, --compare, --runs",
      );
    cli.end(await (way === undefined ? telemetry(cli, paths, options) : runMoveIn(cli, way, paths, options)));
  });
};

const telemetry = async (cli: Cli, paths: readonly string[], options: ImportOptions): Promise<Exit> => {
  const { sensor } = options;
  if (sensor === undefined) throw badOption("--sensor", "", "the key of a sensor");
  if (paths.length === 0) throw badOption("PATH", "", "a log, a folder, or - for standard input");
  const config = settingsOf(cli.io, options);
  const { inputs, problems } = inputsOf(cli.io, paths);
  for (const one of problems) cli.talk.tell(one);
  return withOpened(cli, config, async (opened) => {
    const progress = openProgress(cli.io, cli.talk, "importing", sizeOf(inputs));
    let wrong = problems.length;
    for (const input of inputs) {
      if (isParcel(input.file)) {
        if (!(await parcel(cli, opened, sensor, input, options))) wrong++;
        continue;
      }
      const chunks = unpacked(input, progress.read);
      const report = await opened.importTelemetry(sensor, { file: input.file, chunks });
      const { batches, repeated, lines, bytes } = report;
      const again = repeated > 0 ? `, ${repeated} of them taken before` : "";
      await (options.json
        ? cli.talk.json({ file: input.file, batches, repeated, lines, bytes })
        : cli.talk.line(`${input.file}: ${lines} lines in ${batches} batches${again}`));
    }
    progress.done();
    return wrong > 0 ? exits.input : exits.done;
  });
};

/** As `waglan sensor` names what it lays down for a one-way link. */
const isParcel = (file: string): boolean => /\.parcel(?:\.gz)?$/i.test(file);

/** Bytes of a parcel's file: a sensor makes them far smaller. */
const parcelBytes = 64 * 1024 * 1024;

/** @returns false when it could not be taken */
const parcel = async (
  cli: Cli,
  { carry }: Opened,
  sensor: string,
  { file, chunks }: Input,
  { json }: ImportOptions,
): Promise<boolean> => {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of chunks()) {
    size += piece.length;
    if (size > parcelBytes) break;
    pieces.push(Uint8Array.from(piece));
  }
  const taken =
    size > parcelBytes
      ? no("WGL_SENSOR_FILE", { reason: `it has more than ${parcelBytes} bytes` })
      : await carry.parcel(sensor, Buffer.concat(pieces));
  if (!taken.ok) {
    cli.talk.tell(taken.problem, file);
    return false;
  }
  const { number, lines, repeated } = taken.value;
  await (json
    ? cli.talk.json({ file, parcel: number, lines, repeated })
    : cli.talk.line(`${file}: parcel ${number}, ${lines} lines${repeated ? ", taken before" : ""}`));
  return true;
};
