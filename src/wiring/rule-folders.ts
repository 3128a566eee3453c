import { readdir, readFile, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Tlp } from "#core/marking.ts";
import { WaglanError } from "#core/result.ts";
import { type Config, placeOf } from "#jobs/config/config.ts";
import type { RuleFolder } from "#jobs/rules/memory.ts";

/** A rule of more than this is no rule; the largest of SigmaHQ has 60 kB. */
const ruleBytes = 4_194_304;

/** In `rules.folders` the name of the rules that come with us. */
const packaged = "waglan";

/** The folders of rules of this configuration, in its order. Links are not followed: a folder says what is in it. */
export const ruleFolders = (config: Config): readonly RuleFolder[] =>
  config.rules.folders.map(({ path: name, tlp }) =>
    ruleFolder(
      name,
      name === packaged ? fileURLToPath(new URL("../../sample/rules/", import.meta.url)) : placeOf(config, name),
      tlp,
    ),
  );

export const ruleFolder = (name: string, place: string, tlp?: Tlp): RuleFolder => ({
  name,
  ...(tlp === undefined ? {} : { tlp }),
  list: async () => {
    const entries = await readdir(place, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile() && /\.(?:ya?ml|jsonl)$/i.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    return Promise.all(
      paths.map(async (path) => {
        const { mtimeMs, size } = await stat(path);
        return { path: path.slice(join(place, sep).length).split(sep).join("/"), stamp: `${mtimeMs} ${size}` };
      }),
    );
  },
  read: async (path) => {
    const bytes = await readFile(join(place, path));
    if (bytes.length > ruleBytes)
      throw new WaglanError("WGL_RULE_LARGE", { file: `${name}/${path}`, size: bytes.length, limit: ruleBytes });
    return new TextDecoder().decode(bytes);
  },
});
