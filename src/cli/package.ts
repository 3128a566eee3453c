import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The package's own folder: two above this file, in `src` as in `dist`. */
export const packageFolder: string = join(import.meta.dirname, "..", "..");

/** As package.json has it. */
export const packageVersion = (): string => {
  const read: unknown = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  return typeof read === "object" && read !== null && "version" in read ? String(read.version) : "";
};
