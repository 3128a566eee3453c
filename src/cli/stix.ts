import { no, ok } from "#core/result.ts";
import { checkSlice } from "#stix/check-slice.ts";
import { memberSlices } from "#stix/object-slices.ts";
import { stixId } from "#stix/sco-id.ts";
import { isTypeName } from "#stix/text-forms.ts";
import { type Answered, answerLines, type JsonLine, type LineAt, takesLines } from "./ndjson-verb.ts";
import { fromMispWord, toMispWord } from "./stix-misp.ts";
import { checkPlain } from "./stix-plain.ts";
import type { StixWord } from "./stix-word.ts";
import type { Cli, Verb } from "./verb.ts";

const checkWord: StixWord = (stix, cli) => {
  takesLines(stix.command("check"))
    .summary("check STIX 2.1 objects and bundles")
    .description(
      "Answers {id, object} with {id, valid, problems, warnings}: problems break a MUST of the specification, warnings\n" +
        "depart from a SHOULD. Objects of STIX 2.0 are checked as what they become in 2.1. With allow_custom: false on\n" +
        "the line, what the specification does not define is a problem; with draft: true, id and times may be missing.\n" +
        "Exit code: 0 every line was answered, whatever the verdict; 3 a line or a path could not be used.",
    )
    .option(
      "--plain",
      "read objects, bundles, envelopes and lists as they are; answers stand under each object's own id",
    )
    .action(async (paths: readonly string[], { plain }: { readonly plain?: true }) =>
      cli.end(plain === true ? await checkPlain(cli, paths) : await answerLines(cli, paths, check)),
    );
};

const idWord: StixWord = (stix, cli) => {
  takesLines(stix.command("id"))
    .summary("make the ids of cyber-observables")
    .description(
      "Answers {id, sco} with {id, stixId, deterministic}; where the specification wants a random id, a random one.\n" +
        "For types of your own, contributing on the line names the properties their ids are made of.\n" +
        "Exit code: 0 every line was answered; 3 a line or a path could not be used.",
    )
    .action(async (paths: readonly string[]) => cli.end(await answerLines(cli, paths, idOf(cli))));
};

/** In the order of `waglan stix --help`. */
const stixWords: readonly StixWord[] = [checkWord, idWord, fromMispWord, toMispWord];

export const stixVerb: Verb = (program, cli) => {
  const stix = program
    .command("stix")
    .summary("check STIX objects, make their ids")
    .description("STIX 2.1: an answer a line for each line of the input, in order, with its id.");
  for (const word of stixWords) word(stix, cli);
};

const check = (line: JsonLine, { text }: LineAt): Answered => {
  const members = memberSlices(Buffer.from(text, "utf8"));
  if (!members.ok) return members;
  const [broken] = members.value.problems;
  if (broken !== undefined) return { ok: false, problem: members.value.problems };
  const object = members.value.members.get("object");
  if (object === undefined) return no("WGL_STIX_OBJECT", { property: "object", wanted: "object" });
  const { problems, warnings } = checkSlice(object, {
    custom: line["allow_custom"] === false ? "refuse" : "take",
    draft: line["draft"] === true,
  });
  return ok({ valid: problems.length === 0, problems, warnings });
};

const idOf =
  (cli: Cli) =>
  (line: JsonLine, { text }: LineAt): Answered => {
    const members = memberSlices(Buffer.from(text, "utf8"));
    if (!members.ok) return members;
    const slice = members.value.members.get("sco");
    const problems = [...members.value.problems, ...(slice?.problems ?? [])];
    if (problems.length > 0) return { ok: false, problem: problems };
    const { sco, contributing } = line;
    if (!isObservable(sco)) return no("WGL_STIX_OBJECT", { property: "sco", wanted: "object" });
    const named = Array.isArray(contributing)
      ? contributing.filter((name): name is string => typeof name === "string")
      : undefined;
    return ok(stixId(sco, cli.io.random(16), named));
  };

const isObservable = (value: unknown): value is JsonLine & { readonly type: string } =>
  typeof value === "object" &&
  value !== null &&
  "type" in value &&
  typeof value.type === "string" &&
  isTypeName(value.type);
