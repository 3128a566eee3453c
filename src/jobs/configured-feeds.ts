import { type Problem, problem, type Result } from "#core/result.ts";
import type { Feed } from "#feeds/feed.ts";
import { feeds as builtIn } from "#feeds/index.ts";
import type { FeedSetting } from "./config-feeds.ts";

/** A feed as this waglan knows it, and how it comes here. */
export interface ConfiguredFeed {
  readonly feed: Feed;
  /** none: only by `collect --from` or by API. A path stands as written (`placeOf`). */
  readonly from:
    | { readonly kind: "url"; readonly url: string }
    | { readonly kind: "path"; readonly path: string }
    | { readonly kind: "none" };
  /** It speaks from its first turn on; else it starts in shadow. */
  readonly trusted: boolean;
  /** It is collected when due. A built-in feed that nobody configured is not: reaching out, and a licence, are the operator's to accept. */
  readonly enabled: boolean;
}

/**
 * The built-in feeds, changed as the operator says, and the operator's own; by id. `--from` may name any of them.
 *
 * @returns problems WGL_CONFIG_VALUE: `use`, or an id without `use`, names no built-in feed
 */
export const configuredFeeds = (
  settings: readonly FeedSetting[],
  known: readonly Feed[] = builtIn,
): Result<readonly ConfiguredFeed[], readonly Problem[]> => {
  const problems: Problem[] = [];
  const byId = new Map(known.map((feed) => [feed.id, feed]));
  const found = new Map<string, ConfiguredFeed>(
    known.map((feed) => [feed.id, { feed, from: placeOfFeed(feed, undefined), trusted: false, enabled: false }]),
  );
  for (const setting of settings) {
    const base = byId.get(setting.use ?? setting.id);
    if (base === undefined) {
      const key = setting.use === undefined ? "id of a feed without use" : `use of feed ${setting.id}`;
      const wanted = `one of ${[...byId.keys()].join(", ")}`;
      problems.push(problem("WGL_CONFIG_VALUE", { key, value: setting.use ?? setting.id, wanted }));
      continue;
    }
    const feed = changed(base, setting);
    const from = placeOfFeed(feed, setting.path);
    found.set(feed.id, { feed, from, trusted: setting.trusted, enabled: setting.enabled && from.kind !== "none" });
  }
  if (problems.length > 0) return { ok: false, problem: problems };
  return { ok: true, value: [...found.values()].sort((a, b) => (a.feed.id < b.feed.id ? -1 : 1)) };
};

const changed = (base: Feed, setting: FeedSetting): Feed => {
  const { use: _use, path, means, trusted: _trusted, enabled: _enabled, ...said } = setting;
  const { url, ...rest } = { ...base, ...said };
  return {
    ...rest,
    // What is read from a file is not fetched as well.
    ...(path !== undefined || url === undefined ? {} : { url }),
    means: { ...base.means, ...means },
  };
};

const placeOfFeed = (feed: Feed, path: string | undefined): ConfiguredFeed["from"] =>
  path !== undefined
    ? { kind: "path", path }
    : feed.url !== undefined
      ? { kind: "url", url: feed.url }
      : { kind: "none" };
