/** The cookie that carries a session's secret; nothing else about the session is in the browser. */
export interface SessionCookie {
  readonly read: (header: string | undefined) => string | undefined;
  /** A Set-Cookie value. @param until, now milliseconds since 1970 */
  readonly carry: (secret: string, until: number, now: number) => string;
  readonly drop: () => string;
}

/**
 * @param secure readers come over TLS: the name then begins with __Host-, which a browser takes only from this very
 *   host, over TLS, for all paths (RFC 6265bis §4.1.3.2). Without, only a loopback server is ever listened on.
 */
export const sessionCookie = (secure: boolean): SessionCookie => {
  const name = secure ? "__Host-waglan" : "waglan";
  const attributes = `Path=/; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
  return {
    read: (header) => {
      const found = (header ?? "").split(";").flatMap((pair) => {
        const [key, value] = pair.trim().split("=", 2);
        return key === name && value !== undefined ? [value] : [];
      });
      // Two of one name: somebody tosses cookies; neither is believed.
      return found.length > 1 ? "" : found[0];
    },
    carry: (secret, until, now) =>
      `${name}=${secret}; Max-Age=${Math.max(0, Math.floor((until - now) / 1000))}; ${attributes}`,
    drop: () => `${name}=; Max-Age=0; ${attributes}`,
  };
};
