import { assert } from "#core/result.ts";

/** A mail server as `mail.smtp` names it. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly tls: "implicit" | "starttls" | "none";
  readonly login?: { readonly user: string; readonly password: string };
}

/**
 *   smtp://user:password@mail.example        STARTTLS, port 587; refused when the server has none
 *   smtps://mail.example                     TLS from the first byte, port 465
 *   smtp://127.0.0.1:25?tls=none             in clear: a relay on this machine
 *
 * @param smtp a URL that `readConfig` accepted
 */
export const mailServerOf = (smtp: string): MailServer => {
  const url = URL.parse(smtp);
  assert(url !== null, "mail.smtp was read as a URL before");
  const tls = url.protocol === "smtps:" ? "implicit" : url.searchParams.get("tls") === "none" ? "none" : "starttls";
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (tls === "implicit" ? 465 : tls === "none" ? 25 : 587) : Number(url.port),
    tls,
    ...(url.username === ""
      ? {}
      : { login: { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) } }),
  };
};

/** "Harbour City CERT <cert@harbour.example>" → its name and its address; a bare address is called waglan. */
export const mailboxOf = (from: string): { readonly name: string; readonly address: string } => {
  const [, name, address] = /^([^<>"]*)<([^<>]+)>$/.exec(from) ?? [];
  return { name: name?.trim() || "waglan", address: address ?? from };
};
