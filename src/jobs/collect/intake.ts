import type { Problem } from "#core/result.ts";
import { BadBody } from "#feeds/bad-body.ts";
import { detectFeed } from "#feeds/detect-feed.ts";
import type { Feed } from "#feeds/feed.ts";
import { feed as freeText } from "#feeds/free-text/feed.ts";
import { feed as genericLines } from "#feeds/generic-lines/feed.ts";
import { mailText } from "#feeds/mime.ts";
import { type Pieces, pieceOf } from "#jobs/pieces.ts";

/** A body as it can be collected: itself, or what it carries. */
export interface OpenedBody {
  readonly pieces: Pieces;
  /** Its name for people; of a mail, also who says to have sent it, and its id. */
  readonly file: string;
}

/**
 * Opens what only carries other bodies (mail), and finds each piece its reader. A body that carries nothing is its own
 * piece. A mail that cannot be opened at all is a bad body, which `collect` then tells.
 */
export const openBody = async (feed: Feed, body: Uint8Array, file: string): Promise<OpenedBody> => {
  if (feed.opens === undefined) return { pieces: pieceOf(body, file), file };
  try {
    const { pieces, problems, said } = await feed.opens(body, file);
    const read = pieces.map((piece) => ({ ...piece, file: piece.name, reader: readerOf(piece.name, piece.body) }));
    const each = async function* (): AsyncGenerator<(typeof read)[number]> {
      yield* read;
    };
    return { pieces: { bytes: body.byteLength, each, problems }, file: namedBy(file, said) };
  } catch (error) {
    if (!(error instanceof BadBody)) throw error;
    return { pieces: badPieces(body, error.problem), file };
  }
};

const badPieces = (body: Uint8Array, bad: Problem): Pieces => ({
  bytes: body.byteLength,
  bad,
  each: async function* () {},
});

/** Who knows the shape of this piece; sentences are searched, and whatever is left has a value a line. */
export const readerOf = (name: string, body: Uint8Array): Feed => {
  if (name === mailText || name.endsWith(`/${mailText}`) || /\.html?$/i.test(name)) return freeText;
  const head = body.subarray(0, 4096);
  const known = detectFeed(name, head);
  if (known.opens !== undefined) return freeText;
  return known === genericLines && hasSentences(head) ? freeText : known;
};

/** Most lines of a list are one word, or a word and a comment. */
const hasSentences = (head: Uint8Array): boolean => {
  const lines = Buffer.from(head)
    .toString("utf8")
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\s*(?:#|;|\/\/)/.test(line));
  const sentences = lines.filter(
    (line) => /^(?:[^\s#;]+[ \t]+){3}[^\s#;]/.test(line.trim()) || /[\u3000-\u303f\u4e00-\u9fff]/.test(line),
  );
  return sentences.length * 3 > lines.length;
};

const namedBy = (file: string, said: Readonly<Record<string, string>>): string => {
  const told = ["from", "message-id"].flatMap((name) => (said[name] === undefined ? [] : [`${name} ${said[name]}`]));
  return told.length === 0 ? file : `${file} (${told.join(", ")})`;
};
