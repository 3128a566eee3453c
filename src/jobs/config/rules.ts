import { type Tlp, tlps } from "#core/marking.ts";
import { path, type Reading } from "./values.ts";
import { isSaidList, isSaidMap, type Said } from "./yaml.ts";

/** A folder of Sigma rules, and how far what its rules say may be told. */
export interface RuleFolderSetting {
  /** Relative to the data folder; "waglan" for those that come with us. */
  readonly path: string;
  /** Absent: to the organisation concerned. */
  readonly tlp?: Tlp;
}

/** In one line, as the environment has it: "rules/site", "rules/site tlp:green". */
export const ruleFolder: Reading<string> = {
  wanted: `a path, or { path: …, tlp: ${tlps.join(" | ")} }`,
  read: (text) => (path.read(text) === undefined || folderOf(text) === undefined ? undefined : text),
};

const folderOf = (text: string): RuleFolderSetting | undefined => {
  const [, place = text, said] = /^(.*\S) tlp:(\S*)$/.exec(text) ?? [];
  const tlp = tlps.find((one) => one === said);
  if (said === undefined) return place === "" ? undefined : { path: place };
  return tlp === undefined ? undefined : { path: place, tlp };
};

/** A folder that is named twice counts once, as it is first written. */
export const ruleFoldersOf = (texts: readonly string[]): readonly RuleFolderSetting[] => {
  const folders = new Map<string, RuleFolderSetting>();
  for (const text of texts) {
    const folder = folderOf(text);
    if (folder !== undefined && !folders.has(folder.path)) folders.set(folder.path, folder);
  }
  return [...folders.values()];
};

/** Folders that are written as maps, in one line each; what else stands there is left for whoever reads it. */
export const foldersInLines = (said: Said | undefined): Said | undefined => {
  if (said === undefined || !isSaidList(said.value)) return said;
  return {
    at: said.at,
    value: said.value.map((item): Said => {
      if (!isSaidMap(item.value)) return item;
      const { fields } = item.value;
      const text = (name: string): string | undefined => {
        const value = fields.get(name)?.value;
        return typeof value === "string" ? value : undefined;
      };
      const [place, tlp] = [text("path"), text("tlp")];
      const strange = [...fields.keys()].some((key) => key !== "path" && key !== "tlp");
      if (place === undefined || place === "" || strange) return item;
      return { at: item.at, value: tlp === undefined || tlp === "" ? place : `${place} tlp:${tlp}` };
    }),
  };
};
