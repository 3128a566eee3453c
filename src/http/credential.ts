import { readSessionSecret, readToken, type SecretHash } from "#community/token.ts";

/** What a request presents; nothing of it is believed until acts have looked it up. */
export type Credential =
  | { readonly kind: "none" }
  /** Something was presented that no credential of ours ever looked like. */
  | { readonly kind: "unreadable" }
  | { readonly kind: "session"; readonly hash: SecretHash }
  | { readonly kind: "token"; readonly prefix: string; readonly hash: SecretHash };

/**
 * An Authorization header wins over a cookie, so that a script in a browser's session is what its token says. `Bearer`
 * (RFC 6750 §2.1), or `Basic` (RFC 7617) with the token as password and any name, which is all that many firewalls speak.
 * A token in a URL is never read: it would stand in logs and histories.
 */
export const readCredential = (authorization: string | undefined, cookie: string | undefined): Credential => {
  if (authorization !== undefined) {
    const text = bearer(authorization) ?? basic(authorization);
    const token = text === undefined ? undefined : readToken(text);
    return token ? { kind: "token", ...token } : { kind: "unreadable" };
  }
  if (cookie === undefined) return { kind: "none" };
  const hash = readSessionSecret(cookie);
  return hash === undefined ? { kind: "unreadable" } : { kind: "session", hash };
};

const bearer = (header: string): string | undefined => /^bearer +(\S+)$/i.exec(header)?.[1];

const basic = (header: string): string | undefined => {
  const encoded = /^basic +([A-Za-z0-9+/]{1,400}={0,2})$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : text.slice(colon + 1);
};
