import type { Fact } from "./facts.ts";
import type { Made } from "./templates.ts";

/** Facts about what a file's contents are, which together make one attribute. */
const isContent = ({ path }: Fact): boolean => path.startsWith("content_ref.");

export interface Contents {
  readonly made: readonly Made[];
  readonly rest: readonly Fact[];
}

/**
 * The contents of a file: a sample in its zip under the password "infected", or a plain attachment; with them the facts
 * that remain. `template` decides what an attachment is called.
 */
export const contentsOf = (template: string, facts: readonly Fact[]): Contents => {
  const content = facts.filter(isContent);
  const rest = facts.filter((fact) => !isContent(fact));
  if (content.length === 0) return { made: [], rest };
  const say = (path: string): string | undefined => content.find((fact) => fact.path === `content_ref.${path}`)?.value;
  const data = say("payload_bin");
  const link = say("x_misp_url") ?? say("url");
  const links: readonly Made[] = link === undefined ? [] : [{ relation: "url", type: "url", value: link }];
  const name = say("x_misp_filename") ?? facts.find(({ path }) => path === "name")?.value;
  const md5 =
    say("hashes.MD5") ?? (data === undefined ? undefined : facts.find(({ path }) => path === "hashes.MD5")?.value);
  const isSample = say("decryption_key") !== undefined || say("encryption_algorithm") !== undefined;
  if (template !== "image" && isSample && name !== undefined && md5 !== undefined) {
    const value = `${name}|${md5}`;
    return {
      rest,
      made: [{ relation: "malware-sample", type: "malware-sample", value, ...(data === undefined ? {} : { data }) }],
    };
  }
  if (name === undefined) return { rest, made: links };
  const attachment: Made = {
    relation: "attachment",
    type: "attachment",
    value: name,
    ...(data === undefined ? {} : { data }),
  };
  return { rest, made: data === undefined && say("x_misp_filename") === undefined ? links : [attachment, ...links] };
};
