/** Stands for text that the policy took out. */
export const withheld = "[withheld]";

/** Longest text looked through; longer, the whole of it is taken out. A request line of a server ends at 8 to 64 KiB. */
const longest = 1 << 18;

/** Parameter names that hold what lets somebody in; compared in lower case, without `-`, `_`, `.` and brackets. */
const exactly: ReadonlySet<string> = new Set(
  (
    "pass pwd pw psw passwd passwort passphrase pin otp totp mfacode secret sig sign signature key apikey auth authorization " +
    "authcode bearer jwt token sid sessid session sessionid jsessionid phpsessid aspsessionid cookie credential " +
    "credentials ticket assertion samlresponse samlrequest samlart code codeverifier state nonce"
  ).split(" "),
);
const within =
  /passw|secret|token|apikey|sessionid|accesskey|privatekey|xamz(?:signature|credential)|xgoog(?:signature|credential)/;

const isSecret = (name: string): boolean => {
  let plain = name;
  try {
    plain = decodeURIComponent(name);
  } catch {
    // A broken percent sign: the name as it stands
  }
  const bare = plain.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
  return exactly.has(bare) || within.test(bare);
};

/**
 * A URL, a target, a request line or a query string as it may be kept: values of secret parameters (`?password=…`,
 * `;jsessionid=…`, `#access_token=…`) and a password before the host are replaced, everything else is the same, byte for
 * byte.
 */
export const withoutSecrets = (text: string): string => cut(text, () => undefined);

/** The secrets that `withoutSecrets` replaces, as they stand. */
export const secretsIn = (text: string): readonly string[] => {
  const found: string[] = [];
  cut(text, (secret) => found.push(secret));
  return found;
};

const cut = (text: string, each: (secret: string) => void): string => {
  if (text.length > longest) {
    each(text);
    return withheld;
  }
  const one = (before: string, secret: string): string => {
    if (secret !== withheld) each(secret);
    return before + withheld;
  };
  const mark = text.indexOf("?");
  const path = (mark < 0 ? text : text.slice(0, mark)).replaceAll(
    /(:\/\/[^/?#@\s:]*:)([^/?#@\s]+)(?=@)/g,
    (_, before: string, secret: string) => one(before, secret),
  );
  const parameter =
    (inner: RegExp) =>
    (part: string): string =>
      part.replaceAll(inner, (whole, before: string, name: string, secret: string) =>
        isSecret(name) ? one(`${before}${name}=`, secret) : whole,
      );
  // Before "?" a parameter ends at the next ";" or "/"; behind it at "&", and never at a blank: that is one of its own.
  const ofPath = parameter(/(^|[&;#\s"])([^=&;?#\s"]{1,200})=([^&;#/\s]+)/g);
  const ofQuery = parameter(/([?&;#])([^=&;?#\s]{1,200})=([^&#]+?)(?= HTTP\/\d(?:\.\d)?$|[&#]|$)/g);
  return ofPath(path) + (mark < 0 ? "" : ofQuery(text.slice(mark)));
};
