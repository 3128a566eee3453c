import { createHmac } from "node:crypto";

/** What stands in the place of a value that is not to be kept: keyed per deployment, 32 hexadecimal digits. */
export const fieldHash =
  (secret: string) =>
  (value: string): string =>
    createHmac("sha256", secret).update("field\0").update(value).digest("hex").slice(0, 32);
