import { splitComposite } from "#misp/attribute-value.ts";
import { sco, setPath, type StixObject } from "#misp/stix-object.ts";
import { sampleArtifact } from "./addresses.ts";
import { sampleParts } from "./attribute-shape.ts";
import { type ObjectPart, type ObjectShape, Parts } from "./object-part.ts";
import { type PatternGroup, type PatternPart } from "./pattern-text.ts";
import { tableFields } from "./table-shape.ts";

/** An executable's header and sections, from the objects a file includes. */
export interface Executable {
  readonly pe: readonly ObjectPart[];
  readonly sections: readonly (readonly ObjectPart[])[];
}

/** STIX 2.1 §6.7 File with what its object says of contents, folder and executable header. */
export const fileShape = (name: string, parts: Parts, uuid: string, executable?: Executable): ObjectShape => {
  const { properties, pattern } = tableFields(name, parts);
  const more: StixObject[] = [];
  const compared: PatternGroup[] = [...pattern];
  const folder = name === "lnk" ? parts.one("fullpath", "path") : parts.one("path");
  if (folder !== undefined) {
    properties["parent_directory_ref"] = `directory--${folder.uuid}`;
    more.push(sco("directory", folder.uuid, { path: folder.value }));
    if (folder.ids) compared.push({ path: "file:parent_directory_ref.path", value: folder.value });
  }
  const sample = parts.all.find(({ relation, fits }) => relation === "malware-sample" && fits);
  if (sample !== undefined) {
    if (sample.ids) compared.push(samplePattern(sample));
    if (sample.data !== undefined) {
      parts.one("malware-sample");
      properties["content_ref"] = `artifact--${sample.uuid}`;
      more.push(sampleObject(sample, sample.data));
    }
  }
  if (executable !== undefined) {
    const { extension, patterns } = executableOf(executable);
    setPath(properties, "extensions.windows-pebinary-ext", extension);
    compared.push(...patterns);
  }
  // A sample without its file is compared as a sample, and kept as the custom property it is.
  const customs = parts
    .customPattern("file:")
    .filter((group) => !("path" in group) || group.path !== "file:x_misp_malware_sample");
  return {
    objects: [sco("file", uuid, { ...properties, ...parts.custom() }), ...more],
    pattern: [...compared, ...customs],
  };
};

const sampleObject = (sample: ObjectPart, data: string): StixObject => {
  const [filename, md5] = splitComposite("malware-sample", sample.value) ?? [sample.value, ""];
  return sampleArtifact(sample.uuid, data, {
    ...(md5 === "" ? {} : { hashes: { MD5: md5 } }),
    x_misp_filename: filename,
  });
};

const samplePattern = (sample: ObjectPart): PatternGroup => {
  const [filename, md5] = splitComposite("malware-sample", sample.value) ?? [sample.value, ""];
  const all: PatternPart[] = [];
  if (sample.data !== undefined) all.push({ path: "file:content_ref.payload_bin", value: sample.data });
  all.push({ path: "file:content_ref.x_misp_filename", value: filename });
  if (md5 !== "") all.push({ path: "file:content_ref.hashes.MD5", value: md5 });
  for (const part of sampleParts) if ("path" in part) all.push(part);
  return { all };
};

const ext = "file:extensions.'windows-pebinary-ext'";

/** STIX 2.1 §6.7.5 Windows PE Binary File Extension. */
const executableOf = ({
  pe,
  sections,
}: Executable): { readonly extension: unknown; readonly patterns: readonly PatternGroup[] } => {
  const parts = new Parts(pe);
  const { properties, pattern } = tableFields("pe", parts);
  const extensions = properties["extensions"];
  const known =
    typeof extensions === "object" && extensions !== null
      ? (Object.values(extensions)[0] as Readonly<Record<string, unknown>>)
      : {};
  const patterns: PatternGroup[] = [...pattern, ...parts.customPattern(`${ext}.`)];
  const built = sections.map((section, index) => {
    const own = new Parts(section);
    const table = tableFields("pe-section", own);
    const at = `${ext}.sections[${index}]`;
    for (const group of [...table.pattern, ...own.customPattern("file:")])
      if ("path" in group) patterns.push({ ...group, path: `${at}.${group.path.replace(/^file:/, "")}` });
    return { ...table.properties, ...own.custom() };
  });
  return {
    extension: { ...known, ...(built.length === 0 ? {} : { sections: built }), ...parts.custom() },
    patterns,
  };
};

/** A header that no file includes: a file of which only this is known. */
export const executableShape = (executable: Executable, uuid: string): ObjectShape => {
  const { extension, patterns } = executableOf(executable);
  const name = executable.pe.find(({ relation }) => relation === "original-filename")?.value;
  return {
    objects: [
      sco("file", uuid, {
        ...(name === undefined ? {} : { name }),
        extensions: { "windows-pebinary-ext": extension },
      }),
    ],
    pattern: patterns,
  };
};

const mediaTypes: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  bmp: "image/bmp",
  svg: "image/svg+xml",
  webp: "image/webp",
  tiff: "image/tiff",
};

/** A picture: a file whose contents are an artifact, attached or at an address. */
export const imageShape = (parts: Parts, uuid: string): ObjectShape => {
  const { properties, pattern } = tableFields("image", parts);
  const picture = parts.one("attachment");
  const link = parts.one("url");
  const compared: PatternGroup[] = [...pattern];
  const more: StixObject[] = [];
  const content = picture ?? link;
  if (content !== undefined) {
    const media = mediaTypes[/\.(\w+)$/.exec(content.value)?.[1]?.toLowerCase() ?? ""];
    properties["content_ref"] = `artifact--${content.uuid}`;
    more.push(
      sco("artifact", content.uuid, {
        ...(media === undefined || picture === undefined ? {} : { mime_type: media }),
        ...(picture?.data === undefined ? {} : { payload_bin: picture.data }),
        ...(picture === undefined ? { url: content.value } : { x_misp_filename: picture.value }),
        ...(picture === undefined || link === undefined ? {} : { x_misp_url: link.value }),
      }),
    );
    const content_ref = "file:content_ref";
    if (picture?.ids === true) {
      if (picture.data !== undefined) compared.push({ path: `${content_ref}.payload_bin`, value: picture.data });
      if (media !== undefined) compared.push({ path: `${content_ref}.mime_type`, value: media });
      compared.push({ path: `${content_ref}.x_misp_filename`, value: picture.value });
    }
    if (link?.ids === true) compared.push({ path: `${content_ref}.url`, value: link.value });
  }
  const customs = parts.customPattern("file:");
  return {
    objects: [sco("file", uuid, { ...properties, ...parts.custom() }), ...more],
    pattern: [...compared, ...customs],
  };
};

/** A registry key with the values its own object has, and those of the objects it contains. */
export const registryShape = (parts: Parts, uuid: string, values: readonly (readonly ObjectPart[])[]): ObjectShape => {
  const { properties, pattern } = tableFields("registry-key", parts);
  const compared: PatternGroup[] = [...pattern];
  const built = values.map((value, index) => {
    const own = new Parts(value);
    const table = tableFields("registry-key-value", own);
    for (const group of table.pattern)
      if ("path" in group) compared.push({ ...group, path: group.path.replace("values[0]", `values[${index}]`) });
    const [first] = Array.isArray(table.properties["values"]) ? table.properties["values"] : [];
    return { ...(first as Readonly<Record<string, unknown>> | undefined), ...own.custom() };
  });
  if (built.length > 0) properties["values"] = built;
  const customs = parts.customPattern("windows-registry-key:");
  return {
    objects: [sco("windows-registry-key", uuid, { ...properties, ...parts.custom() })],
    pattern: [...compared, ...customs],
  };
};
