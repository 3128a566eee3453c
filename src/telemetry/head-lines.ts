const decoder = new TextDecoder();

/** Lines looked at; the rest of a stream is believed to be like them. */
const looked = 24;

/** The first whole lines of a stream's first bytes, blank ones left out; the last is cut off unless it is the only one. */
export const headLines = (head: Uint8Array): readonly string[] => {
  const lines = decoder.decode(head).split(/\r?\n/);
  if (lines.length > 1) lines.pop();
  return lines.filter((line) => line.trim() !== "").slice(0, looked);
};

/** True when at least half of the first lines are such lines: a stream of many programs is nobody's own format. */
export const mostLines = (head: Uint8Array, isSuch: (line: string) => boolean): boolean => {
  const lines = headLines(head);
  return lines.length > 0 && lines.filter(isSuch).length * 2 >= lines.length;
};

/** The text of a stream's first bytes when it looks like JSON: a record, an array of records, or an object over lines. */
export const jsonHead = (head: Uint8Array): string | undefined => {
  const text = decoder.decode(head).trimStart();
  return /^(?:\[\s*)?\{/.test(text) ? text : undefined;
};
