import type { NamedLabel } from "#api/named-label.ts";
import type { Viewer } from "#community/viewer.ts";
import { scopeOf } from "#community/visibility.ts";
import type { Desk } from "./desk.ts";

/** Words looked up for one page. */
const labelsAtMost = 64;

/** What the words of sources mean to those who collect names, as far as this viewer may know their collections. */
export const namedLabels = async (desk: Desk, viewer: Viewer, labels: readonly string[]): Promise<NamedLabel[]> => {
  const distinct = [...new Set(labels)].sort().slice(0, labelsAtMost);
  const found = await desk.views.namesOf(scopeOf(viewer, "indicators.read"), distinct);
  return found.map(({ label, meanings }) => ({
    label,
    meanings: meanings.map(({ id, name, kind, source, aliases, url, gone }) => ({
      ...{ id, name, kind, source, gone, aliases: [...aliases] },
      ...(url === undefined ? {} : { url }),
    })),
  }));
};
