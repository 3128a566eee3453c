import { no, ok, type Result } from "#core/result.ts";
import { jsonAt, listAt, textAt } from "#feeds/json-shape.ts";
import { plainLine } from "#feeds/plain-text.ts";
import { type Inventory, InventoryTally } from "./item.ts";
import { saysExposed, worthOf } from "./standing.ts";

const versions = ["1.4", "1.5", "1.6"];

/**
 * The components of a CycloneDX document, those inside others too, and what it is about (`metadata.component`), which
 * names the asset. Its properties "waglan:exposed" and "waglan:worth" say how the asset stands, a component's how it does.
 *
 * @returns WGL_INVENTORY_VERSION
 * @see ECMA-424 (CycloneDX 1.6), `components`, `metadata`; 1.4 and 1.5 say the same of them
 */
export const readCyclonedx = (document: unknown): Result<Inventory> => {
  const version = textAt(document, "specVersion");
  if (!versions.includes(version))
    return no("WGL_INVENTORY_VERSION", { format: "CycloneDX", version, wanted: versions.join(", ") });
  const tally = new InventoryTally();
  const about = jsonAt(document, "metadata", "component");
  const asset = plainLine(textAt(about, "name"), 200);
  const [ownExposed, ownWorth] = [property(about, "waglan:exposed"), property(about, "waglan:worth")];
  const waiting: (readonly [component: unknown, at: string])[] = [
    ...(about === undefined ? [] : [[about, "/metadata/component"] as const]),
    ...below(document, ""),
  ].reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [component, at] = next;
    waiting.push(...below(component, at).reverse());
    tally.add({
      ...{ asset, at },
      vendor: plainLine(vendorOf(component), 200),
      name: plainLine(textAt(component, "name"), 200),
      version: plainLine(textAt(component, "version"), 200),
      cpes: [textAt(component, "cpe")],
      purl: textAt(component, "purl"),
      exposed: saysExposed(property(component, "waglan:exposed") || ownExposed),
      ...worthOf(property(component, "waglan:worth") || ownWorth),
    });
  }
  return ok(tally.ended("cyclonedx"));
};

const property = (component: unknown, name: string): string =>
  textAt(
    listAt(component, "properties").find((one) => textAt(one, "name") === name),
    "value",
  );

const below = (place: unknown, at: string): (readonly [unknown, string])[] =>
  listAt(place, "components").map((one, index) => [one, `${at}/components/${index}`]);

const vendorOf = (component: unknown): string =>
  textAt(component, "supplier", "name") ||
  textAt(component, "manufacturer", "name") ||
  textAt(component, "publisher") ||
  textAt(component, "group");
