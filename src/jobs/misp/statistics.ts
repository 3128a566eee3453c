import { json, type MispDo } from "./call.ts";

/** `attributes/attributeStatistics` */
export const attributeStatistics: MispDo = async (here, call) => {
  const rows = await here.tx.misp.statistics(call.params[0] === "category" ? "category" : "type", here.reader().reach);
  const all = rows.reduce((sum, { count }) => sum + count, 0);
  const share = call.params[1] === "true" || call.params[1] === "1";
  return json(
    Object.fromEntries(
      rows.map(({ name, count }) => [name, share ? `${Math.round((count / all) * 10_000) / 100}%` : String(count)]),
    ),
  );
};

/** `tags/tagStatistics` */
export const tagStatistics: MispDo = async (here) => {
  const rows = await here.tx.misp.tagsInUse(here.reader().reach, 20_000);
  return json({
    tags: Object.fromEntries(rows.map(({ name, events, attributes }) => [name, events + attributes])),
    taxonomies: [],
  });
};
