import { problem, type Result } from "#core/result.ts";
import { BadBody } from "#feeds/bad-body.ts";
import { checkCsaf, type CsafCheckOptions, type CsafVerdict } from "#feeds/csaf-check.ts";
import { parseJson } from "#feeds/json.ts";
import { isObject, jsonAt, textAt } from "#feeds/json-shape.ts";
import { limits } from "#feeds/limits.ts";
import { type Exit, exits } from "./exit.ts";
import { type Input, inputsOf, unpacked } from "./input.ts";
import { type Answered, answerLines, type JsonLine, takesLines } from "./ndjson-verb.ts";
import type { Cli, Verb } from "./verb.ts";

export const csafVerb: Verb = (program, cli) => {
  const csaf = program.command("csaf").summary("security advisories in CSAF 2.0");
  takesLines(
    csaf
      .command("check")
      .summary("is it a valid CSAF 2.0 document?")
      .description(
        "Checks documents by schema and every mandatory test of CSAF 2.0 §6.1, and answers a line for each:\n" +
          '  {"id": …, "valid": true or false, "tests": the tests that failed, "problems": [{message, at}]}\n' +
          'Lines are {"id", "document"} or documents; a file named .json holds one document, and its id is its path.\n' +
          "Nothing is fetched: the informative tests that ask addresses are never run.\n" +
          "Exit code: 0 every document was checked, whatever the verdict; 3 something could not be read.",
      ),
  )
    .option("--optional", 'also the optional tests (§6.2), as "warnings"')
    .option("--informative", 'also the informative tests (§6.3), as "infos"')
    .action(async (paths: readonly string[], options: CsafCheckOptions) => {
      cli.end(await check(cli, paths, options));
    });
};

const check = async (cli: Cli, paths: readonly string[], options: CsafCheckOptions): Promise<Exit> => {
  const { inputs, problems } = inputsOf(cli.io, paths.length === 0 ? ["-"] : paths);
  for (const one of problems) cli.talk.tell(one);
  let exit: Exit = problems.length > 0 ? exits.input : exits.done;
  for (const input of inputs) {
    // what lies beside documents in a folder: hashes, signatures, pages
    if (!input.named && !/\.(?:json|jsonl|ndjson)(?:\.gz)?$/i.test(input.file)) continue;
    const ended = /\.json(?:\.gz)?$/i.test(input.file)
      ? await checkFile(cli, input, options)
      : await answerLines(cli, [input.file], (line) => answer(line, options));
    if (ended > exit) exit = ended;
  }
  return exit;
};

const answer = async (line: JsonLine, options: CsafCheckOptions): Promise<Answered> => {
  const document = Object.hasOwn(line, "id") ? line["document"] : isWhole(line) ? line : line["document"];
  if (!isObject(document)) return { ok: false, problem: problem("WGL_ROW_FIELD", { field: "document" }) };
  const verdict = await checkCsaf(document, options);
  return {
    ok: true,
    value: document === line ? { id: textAt(line, "document", "tracking", "id"), ...verdict } : verdict,
  };
};

/** A document itself has its own `document`, with a title or a version of CSAF in it. */
const isWhole = (value: object): boolean =>
  isObject(jsonAt(value, "document")) && jsonAt(value, "document", "document") === undefined;

const checkFile = async (cli: Cli, input: Input, options: CsafCheckOptions): Promise<Exit> => {
  const read = await documentOf(input);
  if (!read.ok) {
    cli.talk.tell(read.problem, input.file);
    await cli.talk.json({ id: input.file, problems: [read.problem] });
    return exits.input;
  }
  const { value } = read;
  const line: JsonLine = isObject(value) ? { ...value } : {};
  const isLine = Object.hasOwn(line, "id") && isObject(line["document"]);
  const verdict: CsafVerdict = await checkCsaf(isLine ? line["document"] : value, options);
  await cli.talk.json({ id: isLine ? line["id"] : input.file, ...verdict });
  return exits.done;
};

const documentOf = async (input: Input): Promise<Result<unknown>> => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of unpacked(input, () => {})) {
    length += chunk.length;
    if (length > limits.downloadBytes)
      return { ok: false, problem: problem("WGL_BODY_LARGE", { limit: limits.downloadBytes }) };
    // the reader may use its buffer again
    parts.push(Uint8Array.from(chunk));
  }
  try {
    return { ok: true, value: parseJson(Buffer.concat(parts)) };
  } catch (error) {
    if (error instanceof BadBody) return { ok: false, problem: error.problem };
    throw error;
  }
};
