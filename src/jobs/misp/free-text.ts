import { no } from "#core/result.ts";
import { extract } from "#feeds/extract.ts";
import { describeTypes } from "#misp/describe-types.ts";
import { json, type MispDo } from "./call.ts";
import { addAttributes } from "./attributes.ts";
import { isExcluded } from "./whole.ts";

/** MISP's type of a value found in a text. */
const typeOfKind: Readonly<Record<string, string>> = {
  ...{ ipv4: "ip-dst", ipv6: "ip-dst", cidr: "ip-dst", domain: "domain", url: "url", email: "email-src", asn: "AS" },
  ...{ md5: "md5", sha1: "sha1", sha256: "sha256", sha512: "sha512", endpoint: "ip-dst|port" },
};

/** `events/freeTextImport`: values of a text become attributes, or with `returnMetaAttributes` are only told. */
export const freeText: MispDo = async (here, call) => {
  const text = call.input["value"];
  if (typeof text !== "string") return no("WGL_MISP_FIELD", { field: "value", what: "request", wanted: "a text" });
  const { found, cves } = extract(text);
  const attributes = [
    ...found.flatMap(({ result, written }) => {
      const type = result.ok ? typeOfKind[result.value.kind] : undefined;
      if (!result.ok || type === undefined) return [];
      const value =
        type === "ip-dst|port"
          ? result.value.value.replace(/:(\d+)$/, "|$1").replace(/[[\]]/g, "")
          : result.value.value;
      return [{ type, value, original_value: written }];
    }),
    ...cves.map((value) => ({ type: "vulnerability", value, original_value: value })),
  ]
    .filter(
      (one) =>
        call.input["adhereToWarninglists"] === undefined ||
        call.input["adhereToWarninglists"] === false ||
        !isExcluded(here, one),
    )
    .map((one) => ({
      ...one,
      category: describeTypes.sane_defaults[one.type]?.default_category ?? "Other",
      to_ids: describeTypes.sane_defaults[one.type]?.to_ids === 1,
      ...(call.input["distribution"] === undefined ? {} : { distribution: String(call.input["distribution"]) }),
      comment: "",
    }));
  const meta = call.input["returnMetaAttributes"];
  if (meta === true || meta === 1 || meta === "1")
    return json(attributes.map(({ type, ...one }) => ({ ...one, default_type: type, types: [type], type })));
  if (attributes.length === 0) return json([]);
  const added = await addAttributes(here, {
    ...call,
    body: attributes.map((one) =>
      Object.fromEntries(Object.entries(one).filter(([name]) => name !== "original_value")),
    ),
  });
  if (!added.ok) return added;
  const parsed = JSON.parse(added.value.body) as { readonly Attribute: unknown };
  return json(parsed.Attribute);
};
