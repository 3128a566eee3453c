import type { Feed } from "#feeds/feed.ts";
import { feedById } from "#feeds/index.ts";
import type { Source } from "#jobs/collect-feed.ts";
import type { Desk } from "./desk.ts";

/** The source of this id as it is configured, else as it is built in. */
export const sourceNamed = (desk: Desk, id: string): Source | undefined => {
  const configured = desk.sources().find((one) => one.feed.id === id);
  const builtIn = feedById.get(id);
  return configured ?? (builtIn && { feed: builtIn, trusted: false });
};

export const feedNamed = (desk: Desk, id: string): Feed | undefined => sourceNamed(desk, id)?.feed;

/** The feed's title; of one nobody knows any more, its id. */
export const feedTitle = (desk: Desk, id: string): string => feedNamed(desk, id)?.title ?? id;
