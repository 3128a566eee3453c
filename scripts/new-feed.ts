import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";

const folder = new URL("../src/feeds/", import.meta.url);

/**
 * Starts a feed: a folder with declaration and a sample that has bad rows, and its line in `src/feeds/index.ts`. Returns
 * what the author does next.
 *
 * @throws Error when the id is no kebab-case word or the feed exists
 */
export const newFeed = (id: string): string => {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$/.test(id))
    throw new Error(
      `Cannot start feed "${id}", wanted the publisher and the list in kebab-case, such as "abusech-feodo"`,
    );
  const home = new URL(`${id}/`, folder);
  if (existsSync(home)) throw new Error(`Cannot start feed "${id}", src/feeds/${id} is there already`);
  mkdirSync(home);
  writeFileSync(new URL("feed.ts", home), declaration(id));
  writeFileSync(new URL("sample.txt", home), sample(id));
  register();
  return [
    `src/feeds/${id}/feed.ts     say who publishes it, under which licence, how sure, how long it lives, what it means`,
    `src/feeds/${id}/sample.txt  write rows as the publisher does, bad ones too; RFC 5737/3849 addresses, .example names`,
    "npm run golden              writes sample.expected.json: read it like code",
    "npm run ok                  and the feed is done",
  ].join("\n");
};

const declaration = (id: string): string => `import { listsOf } from "#feeds/body.ts";
import type { Feed } from "#feeds/feed.ts";
import { lineRows } from "#feeds/line-rows.ts";
import { rowOf } from "#feeds/row.ts";

/** What the publisher lists, how it knows, and how fast that grows old. */
export const feed: Feed = {
  id: "${id}",
  title: "${id}",
  publisher: "${id.split("-")[0]}",
  // url: "https://…" when it is fetched; absent: only by \`collect --from\`
  licence: "unknown",
  everyMinutes: 1440,
  tlp: "amber",
  pap: "amber",
  grade: { source: "F", statement: 3 },
  liveDays: 7,
  voice: "context",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  // what only this publisher writes at the top of its body
  looksLike: (text) => text.startsWith("# ${id}"),
  parts: (body, file) =>
    listsOf(body, file).map(({ name, bytes }) => ({ name, rows: lineRows(bytes, (value, line) => rowOf(line, value)) })),
};
`;

const sample = (id: string): string => `# ${id}: rows as the publisher writes them
203.0.113.7
bad.example
203.0.113.300
`;

/** Writes the whole register from the folders, so that it cannot disagree with them. */
const register = (): void => {
  const ids = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const name = (id: string): string => id.replace(/-([a-z0-9])/g, (_whole, letter: string) => letter.toUpperCase());
  writeFileSync(
    new URL("index.ts", folder),
    `${ids.map((id) => `import { feed as ${name(id)} } from "./${id}/feed.ts";`).join("\n")}
import type { Feed } from "./feed.ts";

/** Every feed, by id; a test keeps it equal to the folders. */
export const feeds: readonly Feed[] = [
${ids.map((id) => `  ${name(id)},`).join("\n")}
];

export const feedById: ReadonlyMap<string, Feed> = new Map(feeds.map((feed) => [feed.id, feed]));
`,
  );
};
