import { type Problem, problem, type Result } from "#core/result.ts";
import type { Feed } from "#feeds/feed.ts";
import { feeds as builtIn } from "#feeds/index.ts";
import type { FeedSetting } from "#jobs/config/feeds.ts";
import { keyName } from "#jobs/config/keys.ts";

/** A feed as this waglan knows it, and how it comes here. */
export interface ConfiguredFeed {
  readonly feed: Feed;
  /** none: only by `collect --from` or by API. A path stands as written (`placeOf`). */
  readonly from:
    | { readonly kind: "url"; readonly url: string }
    | { readonly kind: "path"; readonly path: string }
    | { readonly kind: "none" };
  /** Where its publisher pushes the same besides, and as whom we come. */
  readonly stream?: { readonly url: string; readonly login?: string };
  /** It speaks from its first turn on; else it starts in shadow. */
  readonly trusted: boolean;
  readonly key?: string;
  /** Stands as written (`placeOf`). */
  readonly keyFile?: string;
  readonly keepDays?: number;
  /** It is collected when due. A built-in feed that nobody configured is not: reaching out, and a licence, are the operator's to accept. */
  readonly enabled: boolean;
}

/**
 * The built-in feeds, changed as the operator says, and the operator's own; by id. `--from` may name any of them.
 *
 * @returns problems WGL_CONFIG_VALUE: `use`, or an id without `use`, names no built-in feed; WGL_CONFIG_NEEDS: an
 *          enabled feed whose publisher answers nobody without a key has none
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
    const parts = setting.map === undefined ? undefined : mappedParts(base, setting.id, setting.map, problems);
    const feed = changed(parts === undefined ? base : { ...base, parts }, setting);
    const from = placeOfFeed(feed, setting.path);
    const enabled = setting.enabled && from.kind !== "none";
    const { key, keyFile, keepDays, stream, login } = setting;
    if (stream !== undefined && (feed.pushes === undefined || from.kind !== "url"))
      problems.push(
        problem("WGL_CONFIG_VALUE", { key: `stream of feed ${feed.id}`, value: stream, wanted: streamWanted }),
      );
    if (enabled && from.kind === "url" && feed.auth?.required && key === undefined && keyFile === undefined)
      problems.push(
        problem("WGL_CONFIG_NEEDS", { key: `feed ${feed.id}`, other: `key, keyFile or ${keyName(feed.id)}` }),
      );
    found.set(feed.id, {
      ...{ feed, from, trusted: setting.trusted, enabled },
      ...(key === undefined ? {} : { key }),
      ...(keyFile === undefined ? {} : { keyFile }),
      ...(keepDays === undefined ? {} : { keepDays }),
      ...(stream === undefined ? {} : { stream: { url: stream, ...(login === undefined ? {} : { login }) } }),
    });
  }
  if (problems.length > 0) return { ok: false, problem: problems };
  return { ok: true, value: [...found.values()].sort((a, b) => (a.feed.id < b.feed.id ? -1 : 1)) };
};

const streamWanted = "a feed that has a stream (n6-events, n6-threats) and a url";

/** The reader of a source whose shape the operator declares. */
const mappedParts = (
  base: Feed,
  id: string,
  map: Readonly<Record<string, string>>,
  problems: Problem[],
): Feed["parts"] | undefined => {
  const read = base.mapped?.(map);
  if (read === undefined)
    problems.push(problem("WGL_CONFIG_VALUE", { key: `use of feed ${id}`, value: base.id, wanted: "a generic feed" }));
  else if (!read.ok)
    for (const why of read.problem) problems.push({ ...why, at: `map of feed ${id}${why.at ? `, ${why.at}` : ""}` });
  return read?.ok === true ? read.value : undefined;
};

const changed = (base: Feed, setting: FeedSetting): Feed => {
  // A feed goes everywhere, a key only to its publisher.
  const { use: _use, path, means, trusted: _trusted, enabled: _enabled, map: _map, ...own } = setting;
  const { key: _key, keyFile: _keyFile, keepDays: _keepDays, stream: _stream, login: _login, ...said } = own;
  const { url, hosts, ...rest } = { ...base, ...said };
  return {
    ...rest,
    // another address leads elsewhere, if at all
    ...(hosts === undefined || path !== undefined || url !== base.url ? {} : { hosts }),
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
