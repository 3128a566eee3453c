import { problem } from "#core/result.ts";
import { lenient } from "#core/value-policy.ts";
import { detectFeed } from "#feeds/detect-feed.ts";
import { guard } from "#feeds/guard.ts";
import { limits } from "#feeds/limits.ts";
import { keptProblems, readParts } from "#feeds/read.ts";
import { ProductIndex } from "#intel/products/product-index.ts";
import { type Input, inputsOf, sizeOf, wholeOf } from "./input.ts";
import { openProgress } from "./progress.ts";
import type { Cli } from "./verb.ts";

/** What `waglan inventory` compares with. */
export interface AdvisorySet {
  readonly index: ProductIndex;
  /** Advisories and records of CVEs, with those that name no product (EPSS). */
  readonly read: number;
  /** Files that could not be used, or that were named and hold no advisory. */
  readonly bad: number;
  /** Files met in folders that are no advisories. */
  readonly passed: number;
}

/** Feeds whose rows are advisories; a file of any other shape is none. */
const advisoryFeeds = new Set([
  ...["cisa-kev", "csaf-document", "csaf-provider", "cve-record", "first-epss", "nist-nvd"],
]);

/** Bytes a shape is told from: a CSAF document may thank many people before it says what it is. */
const headBytes = 65_536;

/** Reads advisories of every shape we know, files, folders or archives. A list of which more rows are wrong than right is told and not used. */
export const readAdvisories = async (cli: Cli, paths: readonly string[]): Promise<AdvisorySet> => {
  const { inputs, problems } = inputsOf(cli.io, paths);
  for (const one of problems) cli.talk.tell(one);
  const progress = openProgress(cli.io, cli.talk, "advisories", sizeOf(inputs));
  const index = new ProductIndex();
  const sums = { read: 0, bad: problems.length, passed: 0 };
  for (const input of inputs) {
    const took = await readInto(index, input, cli, progress.read);
    if (took === "passed") sums.passed++;
    else if (took === "bad") sums.bad++;
    else {
      sums.read += took.read;
      if (!took.whole) sums.bad++;
    }
  }
  progress.done();
  return { index, ...sums };
};

type Took = "passed" | "bad" | { readonly read: number; readonly whole: boolean };

/** Wrong rows told of each list: enough to see what is wrong with it. */
const problemsShown = 5;

const readInto = async (
  index: ProductIndex,
  input: Input,
  cli: Cli,
  onRead: (bytes: number) => void,
): Promise<Took> => {
  const body = await wholeOf(input, limits.unpackedBytes, onRead);
  if (!body.ok) {
    cli.talk.tell(body.problem, input.file);
    return "bad";
  }
  const feed = detectFeed(input.file, body.value.subarray(0, headBytes));
  if (!advisoryFeeds.has(feed.id)) {
    if (!input.named) return "passed";
    cli.talk.tell(problem("WGL_INVENTORY_ADVISORIES"), input.file);
    return "bad";
  }
  let read = 0;
  let whole = true;
  for (const part of readParts(feed, body.value, input.file, lenient)) {
    const name = part.name === "" ? input.file : `${input.file} ${part.name}`;
    for (const one of part.problems.slice(0, problemsShown)) cli.talk.tell(one, name);
    const more = part.problems.length - problemsShown;
    if (more > 0)
      cli.talk.say(
        `${name}: and ${more}${part.problems.length === keptProblems ? " or more" : ""} more rows like these`,
      );
    const judged = guard(part, undefined);
    if (judged.verdict !== "accept") {
      cli.talk.tell(judged.reason, name);
      whole = false;
      continue;
    }
    for (const raw of part.advisories) index.add(raw, feed);
    read += part.advisories.length;
  }
  return { read, whole };
};
