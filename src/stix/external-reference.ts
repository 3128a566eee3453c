import { type Check, isFields, step } from "./check-notes.ts";
import { digests, textForms } from "./text-forms.ts";

const cve = /^CVE-\d{4}-(?:0\d{3}|[1-9]\d{3,})$/;
const capec = /^CAPEC-\d+$/;

/** Registries whose names and ids the specification fixes: §4.1.1 CAPEC, §4.19.1 CVE. */
const registries = [
  { source: "cve", id: cve },
  { source: "capec", id: capec },
] as const;

/**
 * One external reference: a source, and at least one of an id, an address, a description.
 * @see STIX 2.1 §2.5 External Reference
 */
export const checkExternalReference: Check = (value, at, key, notes) => {
  const here = at + step(key);
  if (!isFields(value)) return notes.must("WGL_STIX_OBJECT", { property: String(key), wanted: "object" }, here);
  const source = value["source_name"];
  const id = value["external_id"];
  if (typeof source !== "string") notes.must("WGL_STIX_REQUIRED", { property: "source_name" }, `${here}/source_name`);
  if (!["description", "url", "external_id"].some((name) => Object.hasOwn(value, name)))
    notes.must("WGL_STIX_ONE_OF", { properties: "description, url, external_id" }, here);
  for (const name of ["description", "external_id"])
    if (Object.hasOwn(value, name) && typeof value[name] !== "string")
      notes.must("WGL_STIX_OBJECT", { property: name, wanted: "string" }, here + step(name));
  const { url } = value;
  if (url !== undefined && (typeof url !== "string" || !textForms.url.test(url)))
    notes.must("WGL_STIX_OBJECT", { property: "url", wanted: textForms.url.wanted }, `${here}/url`);
  for (const registry of registries) {
    const itsId = typeof id === "string" && registry.id.test(id);
    if (source === registry.source && !itsId)
      notes.must(
        "WGL_STIX_OBJECT",
        { property: "external_id", wanted: `id of ${registry.source}` },
        `${here}/external_id`,
      );
    if (itsId && source !== registry.source)
      notes.must("WGL_STIX_OBJECT", { property: "source_name", wanted: `"${registry.source}"` }, `${here}/source_name`);
  }
  hashesOf(value["hashes"], here, notes);
  return undefined;
};

const hashesOf = (value: unknown, at: string, notes: Parameters<Check>[3]): void => {
  if (value === undefined) return;
  if (!isFields(value) || Object.keys(value).length === 0)
    return notes.must("WGL_STIX_OBJECT", { property: "hashes", wanted: "hashes" }, `${at}/hashes`);
  for (const [name, digest] of Object.entries(value)) {
    const shape = Object.hasOwn(digests, name) ? digests[name] : undefined;
    if (typeof digest !== "string" || shape?.test(digest) === false)
      notes.must("WGL_STIX_OBJECT", { property: name, wanted: `digest of ${name}` }, `${at}/hashes${step(name)}`);
  }
  return undefined;
};
