import type { Problem } from "#core/result.ts";
import { BadBody } from "#feeds/bad-body.ts";
import type { Feed } from "#feeds/feed.ts";
import { type PartReading, type ReadPolicy, readParts } from "#feeds/read.ts";

/** One body of a turn that may have many. */
export interface Piece {
  /** Becomes the name of its lists; "" when the turn has one body. */
  readonly name: string;
  readonly file: string;
  readonly body: Uint8Array;
  /** What reads it where the feed only carries it (mail); everything but the reading stays the feed's. */
  readonly reader?: Feed;
}

/** The bodies of a turn, one in memory at a time; they are gone through twice. */
export interface Pieces {
  /** Of all of them. */
  readonly bytes: number;
  readonly each: () => AsyncIterable<Piece>;
  /** What could not be made a piece, each with its place: refused rows of the turn. */
  readonly problems?: readonly Problem[];
  /** The whole could not be opened: nothing of it is used. */
  readonly bad?: Problem;
}

/** A body alone; `name`: that of its list, where the body does not say. */
export const pieceOf = (body: Uint8Array, file: string, name = ""): Pieces => ({
  bytes: body.byteLength,
  each: async function* () {
    yield { name, file, body };
  },
});

/**
 * The lists of all pieces, one after the other, under names of their own. A carried piece that cannot be read is a
 * refused row of the turn and spoils nothing beside it; any other bad body is the turn's.
 */
export async function* readPieces(
  feed: Feed,
  pieces: Pieces,
  policy: ReadPolicy,
): AsyncGenerator<PartReading, void, undefined> {
  if (pieces.bad !== undefined) yield badPart(pieces.bad);
  const problems = pieces.problems ?? [];
  if (problems.length > 0) yield refusedOf("", problems);
  const names = new Map<string, number>();
  for await (const piece of pieces.each()) {
    const reader = readerOf(feed, piece);
    const body = await preparedBody(reader, piece);
    const readings = body instanceof Uint8Array ? readParts(reader, body, piece.file, policy) : [badPart(body)];
    for (const reading of readings) {
      const name = uniqueName(names, partName(piece.name, reading.name));
      const isApart = piece.reader !== undefined || (feed.apart === true && piece.name !== "");
      yield reading.bad !== undefined && isApart
        ? refusedOf(name, [{ ...reading.bad, at: piece.name }])
        : { ...reading, name };
    }
  }
}

/** The feed as it reads this piece. */
const readerOf = (feed: Feed, { reader }: Piece): Feed => {
  if (reader === undefined) return feed;
  const { prepare: _prepare, opens: _opens, widest: _widest, ...rest } = feed;
  return {
    ...rest,
    parts: reader.parts,
    ...(reader.prepare === undefined ? {} : { prepare: reader.prepare }),
  };
};

const preparedBody = async (reader: Feed, { body, file }: Piece): Promise<Uint8Array | Problem> => {
  if (reader.prepare === undefined) return body;
  try {
    return await reader.prepare(body, file);
  } catch (error) {
    if (error instanceof BadBody) return error.problem;
    throw error;
  }
};

const partName = (piece: string, part: string): string =>
  piece === "" ? part : part === "" ? piece : `${piece}/${part}`;

const uniqueName = (names: Map<string, number>, name: string): string => {
  const before = names.get(name) ?? 0;
  names.set(name, before + 1);
  return before === 0 ? name : `${name}#${before + 1}`;
};

const empty = {
  ...{ rows: 0, accepted: 0, duplicates: 0, rejected: {}, skipped: {}, notes: {}, kinds: {} },
  ...{ indicators: [], reports: [], advisories: [], problems: [] },
} as const;

const badPart = (bad: Problem): PartReading => ({ ...empty, name: "", bad });

const refusedOf = (name: string, problems: readonly Problem[]): PartReading => {
  const rejected: Record<string, number> = {};
  for (const { code } of problems) rejected[code] = (rejected[code] ?? 0) + 1;
  return { ...empty, name, rows: problems.length, rejected, problems };
};
