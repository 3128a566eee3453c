import { readFileSync } from "node:fs";

/** Of this checkout or package: two folders above this file in both. */
export const packageVersion = (): string =>
  (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }).version;
