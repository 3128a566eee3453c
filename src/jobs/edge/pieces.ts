/** UTF-16 units of a piece. */
const pieceUnits = 65_536;

/**
 * JSON of a large value, in pieces: what is a hundred megabytes as one text is never one. The same text as JSON.stringify
 * gives for plain data.
 */
export function* jsonPieces(value: unknown): Generator<string, void, void> {
  let text = "";
  for (const part of parts(value)) {
    text += part;
    if (text.length < pieceUnits) continue;
    yield text;
    text = "";
  }
  if (text !== "") yield text;
}

/** Members below this are written at once. */
const small = 32;

function* parts(value: unknown): Generator<string, void, void> {
  if (Array.isArray(value)) {
    if (value.length < small && value.every(isFlat)) return yield JSON.stringify(value);
    yield "[";
    for (const [at, one] of value.entries()) {
      if (at > 0) yield ",";
      if (isFlat(one)) yield JSON.stringify(one) ?? "null";
      else yield* parts(one);
    }
    return yield "]";
  }
  if (typeof value !== "object" || value === null) return yield JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  if (entries.length < small && entries.every(([, one]) => isFlat(one))) return yield JSON.stringify(value);
  let first = true;
  yield "{";
  for (const [key, one] of entries) {
    yield `${first ? "" : ","}${JSON.stringify(key)}:`;
    first = false;
    yield* parts(one);
  }
  yield "}";
}

const isFlat = (value: unknown): boolean => typeof value !== "object" || value === null;
