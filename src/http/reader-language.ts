import { type Language, preferredLanguage } from "#words/language.ts";

/** The language of ours that an Accept-Language header asks for first (RFC 9110 §12.5.4); English when it asks for none. */
export const readerLanguage = (header: string | undefined): Language => {
  if (header === undefined) return "en";
  // 16 is more than any browser sends; the rest of a hostile header is not sorted.
  const tags = header.split(",", 16).flatMap((part) => {
    const [tag = "", ...parameters] = part.split(";").map((piece) => piece.trim());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    const q = weight === undefined ? 1 : Number(weight.slice(2));
    return q > 0 && q <= 1 ? [{ tag, q }] : [];
  });
  return preferredLanguage(
    tags.sort((a, b) => b.q - a.q).map(({ tag }) => tag),
    "en",
  );
};
