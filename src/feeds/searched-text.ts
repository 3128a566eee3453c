import { BadBody } from "./bad-body.ts";
import { extract, searchedAtMost } from "./extract.ts";
import type { Part, Row } from "./feed.ts";
import { isPdf, pdfText } from "./pdf-text.ts";
import { htmlText } from "./plain-text.ts";
import { labelsOf } from "./row.ts";
import { textBody } from "./text-body.ts";

/** Vulnerabilities a text names that its values are labelled with; a text that names more is an overview. */
const cvesAtMost = 16;

/** Any text a person pastes or sends, as UTF-8: what a PDF or a web page says, else the bytes themselves. */
export const pastedText = async (body: Uint8Array): Promise<Uint8Array> => {
  if (body.length === 0) throw new BadBody("WGL_BODY_EMPTY");
  if (isPdf(body)) return Buffer.from(await pdfText(body), "utf8");
  const head = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, 1024)).toString("latin1").trimStart();
  if (!/^(?:<!doctype html|<html|<head|<body|<div|<p[ >]|<table)/i.test(head)) return body;
  return Buffer.from(htmlText(Buffer.from(body).toString("utf8")), "utf8");
};

/**
 * The values of a text, a row each, numbered by the line they stand on. What was plainly meant as a value and cannot be
 * read is a refused row; what may be something else (a file, a reference) is counted apart and not taken.
 */
export const searchedPart = (bytes: Uint8Array, name: string): Part => ({ name, rows: searchedRows(bytes) });

function* searchedRows(bytes: Uint8Array): Generator<Row, void, undefined> {
  const text = Buffer.from(textBody(bytes, { json: true })).toString("utf8");
  if (text.length > searchedAtMost) throw new BadBody("WGL_TEXT_LONG", { length: text.length, limit: searchedAtMost });
  const { found, cves } = extract(text);
  const labels = labelsOf(cves.slice(0, cvesAtMost));
  let [line, at] = [1, 0];
  for (const one of found) {
    for (let end = text.indexOf("\n", at); end >= 0 && end < one.start; end = text.indexOf("\n", at)) {
      line++;
      at = end + 1;
    }
    const row = { row: line, text: one.written };
    if (one.result.ok)
      yield { ...row, result: { ok: true, value: { observable: one.result.value, labels } }, legal: true };
    else {
      const result = { ok: false, problem: { ...one.result.problem, at: `row ${line}` } } as const;
      yield one.doubtful ? { ...row, result, legal: true } : { ...row, result };
    }
  }
}
