import type { DirectoryReceipt } from "#api/community.ts";
import type { Directory } from "#community/directory.ts";
import { canonicalJson } from "#core/canonical-json.ts";
import type { Problem } from "#core/result.ts";
import type { Language } from "#words/language.ts";
import { sayProblem } from "#words/say.ts";

/** Problems shown; the rest is counted. */
const problemsAtMost = 1000;

/** What a file does, or would do, to the directory as it is. A file ends nothing: what it does not name stays. */
export const directoryReceipt = (
  file: Directory,
  known: Directory,
  problems: readonly Problem[],
  written: boolean,
  language: Language,
): DirectoryReceipt => ({
  written,
  // "since" is kept from the first time, whatever a later file leaves unsaid
  organisations: compared(file.organisations, known.organisations, ({ since: _since, ...rest }) => rest),
  people: compared(file.people, known.people, ({ organisations, ...rest }) => ({
    ...rest,
    organisations: organisations.map((post) => `${post.organisation} ${post.role}`).sort(),
  })),
  assets: compared(file.assets, known.assets, (asset) => asset),
  sensors: compared(file.sensors, known.sensors, (sensor) => sensor),
  problems: problems.slice(0, problemsAtMost).map((problem) => ({
    code: problem.code,
    detail: sayProblem(language, problem),
    ...(problem.at === undefined ? {} : { at: problem.at }),
  })),
  problemsTotal: problems.length,
});

const compared = <T extends { readonly id: string }>(
  file: readonly T[],
  known: readonly T[],
  content: (row: T) => unknown,
): DirectoryReceipt["assets"] => {
  const before = new Map(known.map((row) => [row.id, row]));
  const counts = { added: 0, changed: 0, ended: 0, same: 0 };
  for (const row of file) {
    const was = before.get(row.id);
    if (was === undefined) counts.added++;
    else if (canonicalJson(content(was)) === canonicalJson(content(row))) counts.same++;
    else counts.changed++;
  }
  return counts;
};
