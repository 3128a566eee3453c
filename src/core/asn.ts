import { no, ok, type Result } from "#core/result.ts";
import type { Observable } from "./observable.ts";

const written = /^(?:AS)?(0|[1-9]\d{0,9})$/i;

/** "AS64496" or "64496"; asplain of RFC 5396, 1 to 4294967295 (AS 0 is reserved, RFC 7607). */
export const parseAsn = (text: string): Result<Observable> => {
  const number = Number(written.exec(text)?.[1] ?? 0);
  return number >= 1 && number <= 4_294_967_295
    ? ok({ kind: "asn", value: `AS${number}` })
    : no("WGL_ASN", { value: text });
};
