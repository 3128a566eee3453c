import { no, ok, type Result, WaglanError } from "#core/result.ts";
import { checkObject } from "#stix/check-object.ts";
import { checkSlice } from "#stix/check-slice.ts";
import { objectSlices, type Slice, type Sliced } from "#stix/object-slices.ts";
import { type Exit, exitOf, exits } from "./exit.ts";
import { inputsOf, unpacked } from "./input.ts";
import type { Cli } from "./verb.ts";

/** Bytes of one plain document, unpacked; Enterprise ATT&CK has 34 million. */
const largestDocument = 268_435_456;

/** Answers `{id, valid, …}` for every object of documents as they are; of a bundle, first for the bundle itself. */
export const checkPlain = async (cli: Cli, paths: readonly string[]): Promise<Exit> => {
  const { inputs, problems } = inputsOf(cli.io, paths.length === 0 ? ["-"] : paths);
  for (const one of problems) cli.talk.tell(one);
  let exit: Exit = problems.length > 0 ? exits.input : exits.done;
  for (const input of inputs) {
    try {
      const body = await wholeDocument(unpacked(input, () => {}));
      for (const document of body.ok ? documentsOf(body.value) : [body]) {
        if (document.ok) await answerDocument(cli, document.value);
        else {
          exit = exits.input;
          cli.talk.tell(document.problem, input.file);
          await cli.talk.json({ id: null, problems: [document.problem] });
        }
      }
    } catch (error) {
      if (!(error instanceof WaglanError) || error.code === "WGL_OUTPUT") throw error;
      cli.talk.tell({ code: error.code, message: error.message, with: error.with }, input.file);
      exit = exitOf(error.code);
    }
  }
  return exit;
};

const wholeDocument = async (chunks: AsyncIterable<Uint8Array>): Promise<Result<Uint8Array>> => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > largestDocument) return no("WGL_BODY_LARGE", { limit: largestDocument });
    parts.push(chunk);
  }
  return ok(Buffer.concat(parts));
};

/** One document, or one on every line. */
const documentsOf = function* (body: Uint8Array): Generator<Result<Sliced>, void, void> {
  const whole = objectSlices(body);
  const newline = body.indexOf(10);
  if (whole.ok || newline < 0 || !objectSlices(body.subarray(0, newline)).ok) return yield whole;
  for (let start = 0; start < body.length; ) {
    const found = body.indexOf(10, start);
    const end = found < 0 ? body.length : found;
    if (end > start) yield objectSlices(body.subarray(start, end));
    start = end + 1;
  }
  return undefined;
};

const answerDocument = async (cli: Cli, { kind, members, objects, problems }: Sliced): Promise<void> => {
  if (kind === "envelope" && readable(members.get("type")) === "bundle") {
    const shell = Object.fromEntries([...members].map(([name, slice]) => [name, readable(slice)]));
    const own = checkObject(shell);
    const all = [...problems, ...[...members.values()].flatMap((slice) => slice.problems), ...own.problems];
    const id = readable(members.get("id")) ?? null;
    await cli.talk.json({ id, valid: all.length === 0, problems: all, warnings: own.warnings });
  }
  for (const slice of objects) {
    const value = readable(slice);
    const id = typeof value === "object" && value !== null && "id" in value ? value.id : null;
    await cli.talk.json({ id, ...answerOf(slice) });
  }
};

const readable = (slice: Slice | undefined): unknown => {
  const value = slice?.readLeniently();
  return value?.ok === true ? value.value : undefined;
};

const answerOf = (slice: Slice): object => {
  const { problems, warnings } = checkSlice(slice);
  return { valid: problems.length === 0, problems, warnings };
};
