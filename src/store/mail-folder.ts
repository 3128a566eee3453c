import { mkdir, readdir, readFile, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Folder } from "#jobs/collect/folder.ts";

/** Where a Maildir keeps its mails; a plain folder of .eml files has them beside. */
const places = ["", "new", "cur"] as const;

/**
 * A Maildir, or a folder of .eml files, on this machine; or one that something else writes a file a body to. Only regular
 * files are bodies; names that begin with a dot are being written still.
 */
export const mailFolder: Folder = {
  list: async (folder, holds) => {
    const found: string[] = [];
    for (const place of holds === "mails" ? places : ([""] as const)) {
      const entries = await readdir(join(folder, place), { withFileTypes: true }).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code === "ENOENT" && place !== "") return [];
          throw error;
        },
      );
      for (const entry of entries)
        if (
          entry.isFile() &&
          !entry.name.startsWith(".") &&
          (place !== "" || holds === "bodies" || /\.eml$/i.test(entry.name))
        )
          found.push(place === "" ? entry.name : `${place}/${entry.name}`);
    }
    return found.sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
  },
  read: (folder, name) => readFile(join(folder, name)),
  move: async (folder, name, to) => {
    await mkdir(join(folder, to), { recursive: true, mode: 0o700 });
    await rename(join(folder, name), join(folder, to, basename(name)));
  },
};
