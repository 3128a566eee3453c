import type { Frame } from "./feed.ts";

/**
 * What makes JSON texts of rows a document again, in which they stand where the path finds rows: "$.data[*]" is
 * `{"data":[` … `]}`. A wildcard over an object's members is one over a list here, which reads the same.
 *
 * @see RFC 9535 §2.3
 */
export const jsonFrame = (path: string): Frame => {
  const steps = [...path.matchAll(/\.\*|\[\*\]|\.([A-Za-z_]\w*)|\['([^']*)'\]/g)].map(
    ([, bare, quoted]) => bare ?? quoted,
  );
  const before = steps.map((step) => (step === undefined ? "[" : `{${JSON.stringify(step)}:`)).join("");
  const after = steps
    .map((step) => (step === undefined ? "]" : "}"))
    .toReversed()
    .join("");
  return { before, between: ",\n", after: `${after}\n` };
};
