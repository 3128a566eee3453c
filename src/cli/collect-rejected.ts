import { printInstant } from "#core/instant.ts";
import type { KeptReject } from "#intel/ports.ts";
import { type Exit, exits } from "./exit.ts";
import type { Cli } from "./verb.ts";

/**
 * Refused rows, newest first. As text: the rows alone as they came, within what makes them a body again, so that the file
 * can be repaired and read with `--from FILE --feed ID --add`; reasons go to stderr. As JSON: a line each with everything.
 */
export const printRejected = async (cli: Cli, rows: AsyncIterable<KeptReject>, json: boolean): Promise<Exit> => {
  let frame: KeptReject["frame"];
  let printed = 0;
  let without = 0;
  for await (const one of rows) {
    if (json) {
      const { n: _n, frame: _frame, ...row } = one;
      await cli.talk.json({ ...row, at: printInstant(one.at) });
      continue;
    }
    cli.talk.tell(one.problem, one.part === "" ? `turn ${one.turn}` : `turn ${one.turn}, ${one.part}`);
    if (one.text === undefined) {
      without++;
      continue;
    }
    if (printed === 0 && one.frame !== undefined) {
      frame = one.frame;
      if (frame.before !== "") await cli.talk.line(frame.before.trimEnd());
    }
    const separator = printed > 0 ? (frame?.between ?? "").trim() : "";
    await cli.talk.line(`${separator}${one.text}`);
    printed++;
  }
  if (frame !== undefined && frame.after.trim() !== "") await cli.talk.line(frame.after.trimEnd());
  if (without > 0) cli.talk.say(`${without} rows came without a text that could be kept`);
  return exits.done;
};
