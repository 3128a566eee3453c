import { createHmac } from "node:crypto";

/**
 * The key under which one organisation's records have their fields hashed: a sensor inside the organisation is given it, and
 * can tell nothing of anybody else's. 64 hexadecimal digits.
 *
 * @param secret of the deployment
 */
export const fieldKeyOf = (secret: string, organisation: string): string =>
  createHmac("sha256", secret).update("field key\0").update(organisation).digest("hex");

/** What stands in the place of a value that is not to be kept: keyed by `secret`, 32 hexadecimal digits. */
export const fieldHash =
  (secret: string) =>
  (value: string): string =>
    createHmac("sha256", secret).update("field\0").update(value).digest("hex").slice(0, 32);
