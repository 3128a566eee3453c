import Type, { type Static } from "typebox";

/** Names of server-sent events: what a page may have to ask for again. The order is alphabetical and means nothing. */
export const changeTopics = ["community", "findings", "sources", "status"] as const;
export type ChangeTopic = (typeof changeTopics)[number];

/**
 * `data` of an event: how many of the rows this viewer may see are not what they were. It says that there is something
 * to look at and never what, so that the routes alone decide what is shown.
 *
 *   event: findings
 *   data: {"changed":3}
 */
export const Change = Type.Object({ changed: Type.Integer({ minimum: 1 }) }, { $id: "Change" });
export type Change = Static<typeof Change>;
