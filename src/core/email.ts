import { no, ok, type Result } from "#core/result.ts";
import { domainName } from "./domain.ts";
import type { Observable } from "./observable.ts";

/** RFC 5321 §4.1.2 Dot-string of RFC 5322 atext, at most 64 octets (§4.5.3.1.1). Quoted local parts are problems: no sender needs one. */
const localPart = /^(?=.{1,64}$)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;

/** "Local@Example.NET" becomes "Local@example.net": only the domain is case-insensitive (RFC 5321 §2.4). */
export const parseEmail = (text: string): Result<Observable> => {
  const at = text.lastIndexOf("@");
  const domain = at < 0 ? undefined : domainName(text.slice(at + 1));
  return domain !== undefined && localPart.test(text.slice(0, at))
    ? ok({ kind: "email", value: `${text.slice(0, at)}@${domain}` })
    : no("WGL_EMAIL", { value: text });
};
