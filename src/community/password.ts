import { argon2, timingSafeEqual } from "node:crypto";
import { no, ok, type Result } from "#core/result.ts";

/**
 * The text kept of a password (PHC string format), salt included:
 *   $argon2id$v=19$m=19456,t=2,p=1$<salt, base64 without padding>$<tag>
 *
 * @param salt 16 random bytes, made by the caller
 * @see RFC 9106 (Argon2); github.com/P-H-C/phc-string-format
 */
export const hashPassword = async (password: string, salt: Uint8Array, cost: Cost = costNow): Promise<string> =>
  print(cost, salt, await derive(password, salt, cost, tagBytes));

/**
 * Does the password fit? With `stored` absent (no such account) or unreadable the answer is no, after the same work, so
 * that time does not tell which names exist.
 */
export const verifyPassword = async (password: string, stored: string | undefined): Promise<boolean> => {
  const kept = stored === undefined ? undefined : parse(stored);
  const { cost, salt, tag } = kept ?? nobody;
  const derived = await derive(password, salt, cost, tag.byteLength);
  return timingSafeEqual(derived, tag) && kept !== undefined;
};

/** True when the stored text was made at another cost than today's: hash anew at the next sign-in. */
export const outdated = (stored: string): boolean => {
  const kept = parse(stored);
  return (
    kept === undefined ||
    kept.cost.memoryKiB !== costNow.memoryKiB ||
    kept.cost.passes !== costNow.passes ||
    kept.cost.lanes !== costNow.lanes
  );
};

/**
 * May this be an account's password? Length is what counts (NIST SP 800-63B §3.1.1); no rules about digits and signs,
 * which make people write `Password1!`.
 *
 * @returns the password as it will be hashed | WGL_PASSWORD_SHORT, WGL_PASSWORD_LONG, WGL_PASSWORD_NAME
 */
export const acceptPassword = (password: string, account: string): Result<string> => {
  const text = password.normalize("NFC");
  const length = [...text].length;
  if (length < leastCharacters) return no("WGL_PASSWORD_SHORT", { length, least: leastCharacters });
  const bytes = Buffer.byteLength(text);
  if (bytes > mostBytes) return no("WGL_PASSWORD_LONG", { length: bytes, most: mostBytes });
  const name = canonicalAccount(account);
  if (name.length >= 4 && canonicalAccount(text).includes(name)) return no("WGL_PASSWORD_NAME");
  return ok(text);
};

/** One account, however its name is typed: "Ｕｓｅｒ ", "USER" and "user" are one (NFKC, lower case, no outer space). */
export const canonicalAccount = (name: string): string => name.normalize("NFKC").toLowerCase().normalize("NFKC").trim();

export interface Cost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
}

/** OWASP Password Storage Cheat Sheet, the Argon2id row with most memory that a small office server bears under ten sign-ins at once: 19 MiB each. */
const costNow: Cost = { memoryKiB: 19_456, passes: 2, lanes: 1 };

/** 128 bits is what RFC 9106 §3.1 asks at least for verification; 256 as its recommended options have. */
const tagBytes = 32;

/** Too few lets people use what is guessed in ten tries a quarter of an hour; too many makes them write it down. */
const leastCharacters = 12;
/** No person types more; more only costs us hashing time. */
const mostBytes = 1024;

const derive = (password: string, salt: Uint8Array, cost: Cost, length: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const parameters = {
      message: password.normalize("NFC"),
      nonce: salt,
      parallelism: cost.lanes,
      tagLength: length,
      memory: cost.memoryKiB,
      passes: cost.passes,
    };
    argon2("argon2id", parameters, (error, key) => (error ? reject(error) : resolve(key)));
  });

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64").replace(/=+$/, "");

const print = (cost: Cost, salt: Uint8Array, tag: Uint8Array): string =>
  `$argon2id$v=19$m=${cost.memoryKiB},t=${cost.passes},p=${cost.lanes}$${base64(salt)}$${base64(tag)}`;

const written =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

interface Kept {
  readonly cost: Cost;
  readonly salt: Uint8Array;
  readonly tag: Uint8Array;
}

/** Undefined for text we did not write. Costs are bounded so that a stored text cannot ask for a gigabyte. */
const parse = (stored: string): Kept | undefined => {
  const found = written.exec(stored);
  if (!found) return undefined;
  const [, memory, passes, lanes, salt, tag] = found;
  const cost = { memoryKiB: Number(memory), passes: Number(passes), lanes: Number(lanes) };
  const sane =
    cost.lanes >= 1 &&
    cost.lanes <= 16 &&
    cost.passes >= 1 &&
    cost.memoryKiB >= 8 * cost.lanes &&
    cost.memoryKiB <= 1_048_576;
  return sane ? { cost, salt: Buffer.from(salt ?? "", "base64"), tag: Buffer.from(tag ?? "", "base64") } : undefined;
};

/** Whom unknown names are compared with. Nobody's password gives this tag, and if one did the answer would still be no. */
const nobody: Kept = { cost: costNow, salt: new Uint8Array(16), tag: new Uint8Array(tagBytes) };
