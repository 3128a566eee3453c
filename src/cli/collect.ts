import { printGrade } from "#core/grade.ts";
import { printInstant } from "#core/instant.ts";
import { type Problem, problem } from "#core/result.ts";
import { detectFeed } from "#feeds/detect-feed.ts";
import type { Feed, RawIndicator } from "#feeds/feed.ts";
import { limits } from "#feeds/limits.ts";
import { type ReadPolicy, total } from "#feeds/read.ts";
import { type FeedSummary, openSummary } from "#feeds/summary.ts";
import type { Turn } from "#intel/ports.ts";
import { printTurn } from "#jobs/collect/collect.ts";
import { openBody } from "#jobs/collect/intake.ts";
import { type Pieces, readPieces } from "#jobs/pieces.ts";
import { printRejected } from "./collect-rejected.ts";
import { badOption, type Exit, exits } from "./exit.ts";
import { type Input, inputsOf, sizeOf, wholeOf } from "./input.ts";
import { openProgress } from "./progress.ts";
import { feedsOf, type SettingsOptions, settingsOf, withSettings } from "./settings.ts";
import { withOpened } from "./with-opened.ts";
import type { Cli, Verb } from "./verb.ts";

interface CollectOptions extends SettingsOptions {
  readonly from?: readonly string[];
  readonly feed?: string;
  readonly dryRun?: true;
  readonly rows?: true;
  readonly add?: true;
  readonly part?: string;
  readonly replay?: string;
  readonly turn?: string;
  readonly rejected?: string;
  readonly json?: true;
}

export const collectVerb: Verb = (program, cli) => {
  const command = program
    .command("collect")
    .summary("read feeds")
    .description(
      "Reads the feeds that are due, or one of them, or files in place of what a publisher would send.\n" +
        "Exit code: 0 all taken, 3 a list was quarantined, held or unreadable, 4 a publisher could not be reached.",
    )
    .option("--feed <id>", "this feed only; with --from: the files are of this feed (default: told by their shape)")
    .option("--from <path...>", "files, folders or - instead of the network")
    .option("--dry-run", "with --from: say what would be taken, a line a file; needs no database")
    .option("--add", "with --from: add their rows to the list, delist nothing; for repaired rows")
    .option("--part <name>", "with --from: the list of the feed they belong to, where it has several")
    .option("--replay <id>", "read the last body kept of this feed again, after a mistake was mended")
    .option("--turn <n>", "with --replay: that of this turn")
    .option("--rejected <id>", "print the rows this feed was refused, as they came, so that they can be repaired")
    .option("--rows", "with --dry-run: also each row as it would be taken, before its file")
    .option("--json", "lines of JSON");
  withSettings(command).action(async (options: CollectOptions) => {
    if (options.dryRun && options.from === undefined) throw badOption("--dry-run", "", "--from with it");
    if (options.rows && !options.dryRun) throw badOption("--rows", "", "--dry-run with it");
    if ((options.add || options.part !== undefined) && options.from === undefined)
      throw badOption(options.add ? "--add" : "--part", options.part ?? "", "--from with it");
    if (options.turn !== undefined && (options.replay === undefined || !/^[1-9]\d{0,14}$/.test(options.turn)))
      throw badOption("--turn", options.turn, "a turn's number, and --replay with it");
    cli.end(await (options.dryRun ? dryRun(cli, options) : collectIntoStore(cli, options)));
  });
};

/** The feed of `--feed`, if one was named. */
const askedFeed = (feeds: readonly Feed[], id: string | undefined, option = "--feed"): Feed | undefined => {
  if (id === undefined) return undefined;
  const found = feeds.find((feed) => feed.id === id);
  if (found === undefined) throw badOption(option, id, `one of ${feeds.map((feed) => feed.id).join(", ")}`);
  return found;
};

/** Hands each input's bytes to `each`; what cannot be read is told. @returns the worst end */
const eachBody = async (
  cli: Cli,
  paths: readonly string[],
  each: (input: Input, body: Uint8Array) => Promise<Exit>,
  refused: (input: Input, why: Problem) => Promise<void>,
): Promise<Exit> => {
  const { inputs, problems } = inputsOf(cli.io, paths);
  for (const one of problems) cli.talk.tell(one);
  let exit: Exit = problems.length > 0 ? exits.input : exits.done;
  const progress = openProgress(cli.io, cli.talk, "reading", sizeOf(inputs));
  for (const input of inputs) {
    const body = await wholeOf(input, limits.unpackedBytes, progress.read);
    if (!body.ok) await refused(input, body.problem);
    const end = body.ok ? await each(input, body.value) : exits.input;
    if (end > exit) exit = end;
  }
  progress.done();
  return exit;
};

const dryRun = async (cli: Cli, options: CollectOptions): Promise<Exit> => {
  const config = settingsOf(cli.io, options);
  const feeds = feedsOf(config).map(({ feed }) => feed);
  const asked = askedFeed(feeds, options.feed);
  const policy: ReadPolicy = { reserved: "reject", allow: config.values.allow, now: cli.io.now() };
  const print = async (summary: FeedSummary): Promise<void> => {
    await (options.json ? cli.talk.json(summary) : cli.talk.line(summaryLine(summary)));
  };
  return eachBody(
    cli,
    options.from ?? [],
    async ({ file }, body) => {
      const feed = asked ?? detectFeed(file, body.subarray(0, 4096));
      const problems: Problem[] = [];
      const { pieces } = await openBody(feed, body, file);
      const summing = openSummary(feed, file);
      for await (const part of readPieces(feed, pieces, policy)) {
        summing.take(part);
        for (const one of part.problems)
          if (problems.length < problemsShown) problems.push(part.name === "" ? one : within(part.name, one));
      }
      const summary = summing.end();
      const taken = summary.verdict !== "quarantine";
      // Nothing of a quarantined list is used, so none of it is shown as if it were.
      if (options.rows && taken) await printRows(cli, feed, pieces, file, policy, options.json === true);
      await print(summary);
      for (const one of problems) cli.talk.tell(one, file);
      const more = total(summary.rejected) + total(summary.skipped) + total(summary.notes) - problems.length;
      if (more > 0) cli.talk.say(`${file}: and ${more} more rows`);
      return taken ? exits.done : exits.input;
    },
    async ({ file }, why) => {
      const nothing = { rows: 0, accepted: 0, duplicates: 0, rejected: {}, skipped: {}, notes: {}, kinds: {} };
      const reason = { code: why.code, message: why.message };
      await print({ file, feed: asked?.id ?? "generic-lines", ...nothing, verdict: "quarantine", reason });
    },
  );
};

/** A row of an archive's list: "malware/qakbot row 12". */
const within = (part: string, one: Problem): Problem => ({ ...one, at: `${part} ${one.at ?? ""}`.trimEnd() });

/** Problems told of each file. */
const problemsShown = 10;

/** Each row in the order of the body; a value that stands in several lists of an archive is a row of each. */
const printRows = async (
  cli: Cli,
  feed: Feed,
  pieces: Pieces,
  file: string,
  policy: ReadPolicy,
  json: boolean,
): Promise<void> => {
  for await (const part of readPieces(feed, pieces, policy))
    for (const raw of part.indicators)
      await (json
        ? cli.talk.json({ file, feed: feed.id, ...(part.name === "" ? {} : { part: part.name }), ...rowOf(raw) })
        : cli.talk.line(`${raw.observable.kind}\t${raw.observable.value}\t${raw.labels.join(", ")}`));
};

const rowOf = ({ observable, labels, seenAt, grade, tlp, flags }: RawIndicator): Readonly<Record<string, unknown>> => ({
  ...observable,
  labels,
  ...(seenAt === undefined ? {} : { seenAt: printInstant(seenAt) }),
  ...(grade === undefined ? {} : { grade: printGrade(grade) }),
  ...(tlp === undefined ? {} : { tlp }),
  ...(flags === undefined ? {} : { flags }),
});

/** "bad.txt: generic-lines, 25 rows, 20 accepted (ipv4 18, domain 2), 3 twice, 2 rejected (WGL_IP 2)" */
const summaryLine = (summary: FeedSummary): string => {
  const table = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ");
  const many = (word: string, counts: Readonly<Record<string, number>>): string =>
    total(counts) === 0 ? "" : `, ${total(counts)} ${word} (${table(counts)})`;
  const kinds = summary.accepted > 0 ? ` (${table(summary.kinds)})` : "";
  return [
    `${summary.file}: ${summary.feed}, ${summary.rows} rows, ${summary.accepted} accepted${kinds}`,
    summary.duplicates > 0 ? `, ${summary.duplicates} twice` : "",
    many("rejected", summary.rejected),
    many("of no use yet", summary.skipped),
    many("noted", summary.notes),
    summary.reason === undefined ? "" : `: quarantined, ${summary.reason.message} [${summary.reason.code}]`,
  ].join("");
};

const collectIntoStore = async (cli: Cli, options: CollectOptions): Promise<Exit> => {
  const config = settingsOf(cli.io, options);
  const feeds = feedsOf(config).map(({ feed }) => feed);
  const asked = askedFeed(feeds, options.feed);
  // asked before a store is opened: a wrong name costs nothing
  askedFeed(feeds, options.replay, "--replay");
  askedFeed(feeds, options.rejected, "--rejected");
  return withOpened(cli, config, async (opened) => {
    const report = async (turn: Turn): Promise<Exit> => {
      await (options.json ? cli.talk.json({ ...turn, at: printInstant(turn.at) }) : cli.talk.line(printTurn(turn)));
      if (turn.reason !== undefined) cli.talk.tell(turn.reason, turn.feed);
      return turn.state === "healthy" ? exits.done : turn.state === "failing" ? exits.world : exits.input;
    };
    const { replay, rejected } = options;
    if (rejected !== undefined) return printRejected(cli, opened.rejected(rejected), options.json === true);
    if (replay !== undefined) {
      const turn = await opened.replay(replay, options.turn === undefined ? undefined : Number(options.turn));
      if (turn !== undefined) return report(turn);
      cli.talk.tell(problem("WGL_FEED_BUSY", { feed: replay }), replay);
      return exits.world;
    }
    if (options.from === undefined) {
      let exit: Exit = exits.done;
      for await (const turn of opened.collect(options.feed)) {
        const end = await report(turn);
        if (end > exit) exit = end;
      }
      return exit;
    }
    return eachBody(
      cli,
      options.from,
      async ({ file }, body) => {
        const feed = asked ?? detectFeed(file, body.subarray(0, 4096));
        const turn = await opened.collectBody(feed, body, file, {
          ...(options.add ? { add: true } : {}),
          ...(options.part === undefined ? {} : { part: options.part }),
        });
        if (turn !== undefined) return report(turn);
        cli.talk.tell(problem("WGL_FEED_BUSY", { feed: feed.id }), file);
        return exits.world;
      },
      async ({ file }, why) => cli.talk.tell(why, file),
    );
  });
};
