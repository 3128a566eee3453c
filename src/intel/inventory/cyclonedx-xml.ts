import { childOf, childrenOf, type XmlElement } from "#feeds/xml.ts";

/** The namespace says the version: "http://cyclonedx.org/schema/bom/1.6". @see ECMA-424, XML representation */
const namespace = /^http:\/\/cyclonedx\.org\/schema\/bom\/(\d+\.\d+)$/;

/** A CycloneDX document as its JSON would be, as far as an inventory is read from it; undefined: it is none. */
export const cyclonedxOfXml = (root: XmlElement): object | undefined => {
  const version = root.name === "bom" ? namespace.exec(root.space)?.[1] : undefined;
  if (version === undefined) return undefined;
  const about = childOf(childOf(root, "metadata"), "component");
  return {
    ...{ bomFormat: "CycloneDX", specVersion: version },
    ...(about === undefined ? {} : { metadata: { component: componentOf(about) } }),
    components: componentsOf(root),
  };
};

const componentsOf = (place: XmlElement): readonly object[] =>
  childrenOf(childOf(place, "components"), "component").map(componentOf);

const componentOf = (component: XmlElement): object => {
  const text = (name: string): string => childOf(component, name)?.text.trim() ?? "";
  const maker = (name: string): string => childOf(childOf(component, name), "name")?.text.trim() ?? "";
  return {
    ...{ group: text("group"), name: text("name"), version: text("version"), publisher: text("publisher") },
    ...{ cpe: text("cpe"), purl: text("purl") },
    ...{ supplier: { name: maker("supplier") }, manufacturer: { name: maker("manufacturer") } },
    properties: childrenOf(childOf(component, "properties"), "property").map((one) => ({
      name: one.attributes.get("name") ?? "",
      value: one.text.trim(),
    })),
    components: componentsOf(component),
  };
};
