import { createHash } from "node:crypto";
import { splitComposite } from "#misp/attribute-value.ts";

/**
 * What a value is found by: its whole, and the halves of a composite, in lower case. 64 bits of sha-256 as the decimal text
 * of a signed number, which is what the store's index holds.
 */
export const valueKeys = (type: string, value: string): readonly string[] => {
  const halves = type.includes("|") || type === "malware-sample" ? splitComposite(type, value) : undefined;
  return [valueKey(value), ...(halves ?? []).map(valueKey)];
};

export const valueKey = (text: string): string =>
  createHash("sha256").update(text.trim().toLowerCase()).digest().readBigInt64BE(0).toString();

/** Types whose equal values say nothing: a port, a comment, a yes. @see MISP, types that are not correlated */
const sayNothing: ReadonlySet<string> = new Set([
  ...["comment", "text", "other", "http-method", "aba-rtn", "gender", "counter", "float", "integer", "port"],
  ...["nationality", "cortex", "boolean", "anonymised", "size-in-bytes", "datetime", "mime-type", "hex"],
]);

export const correlates = (type: string): boolean => !sayNothing.has(type);
