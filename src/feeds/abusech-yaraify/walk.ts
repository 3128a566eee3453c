import { BadBody } from "#feeds/bad-body.ts";
import type { Walk, WalkAnswer, WalkStart } from "#feeds/feed.ts";
import { jsonField, parseJson } from "#feeds/json.ts";
import { listAt, textAt } from "#feeds/json-shape.ts";

/** Rules asked for in one turn; the list of recent ones has about as many. */
const rulesAtMost = 100;
/** Files of a rule in one answer; the API gives 25 unless told. */
const filesAtMost = 250;

/**
 * YARAify has no list of all files, only questions by POST: which rules were published lately, and which files a rule
 * matched. An operator who cares for certain rules names them in the address, `…/api/v1/?rule=NAME&rule=OTHER`.
 *
 * @see https://yaraify.abuse.ch/api/#yara-recent, https://yaraify.abuse.ch/api/#get-yara
 */
export function* yaraifyWalk({ url }: WalkStart): Walk {
  const place = new URL(url);
  const named = place.searchParams.getAll("rule").filter((name) => name !== "");
  place.search = "";
  const ask = place.href;
  const rules = named.length > 0 ? named : recentRules(yield { ask, post: { query: "recent_yararules" } });
  for (const rule of [...new Set(rules)].slice(0, rulesAtMost)) {
    const answer = yield { ask, post: { query: "get_yara", search_term: rule, result_max: filesAtMost } };
    const { status, document } = opened(answer);
    if (status === "no_results" || listAt(document, "data").length === 0) continue;
    // the answer does not say which rule it is about
    yield { take: Buffer.from(JSON.stringify({ rule, document })), name: rule };
  }
  return undefined;
}

const recentRules = (answer: WalkAnswer | undefined): readonly string[] =>
  listAt(opened(answer).document, "data")
    .map((one) => textAt(one, "rule_name"))
    // authors may keep a rule to themselves
    .filter((name) => name !== "" && name !== "classified");

/** An answer says itself how it went; "ok" and that there is nothing are both answers. */
const opened = (answer: WalkAnswer | undefined): { readonly status: string; readonly document: unknown } => {
  if (answer === undefined) throw new BadBody("WGL_BODY_EMPTY");
  const document = parseJson(answer.body);
  const status = jsonField(document, "query_status");
  if (status !== "ok" && status !== "no_results")
    throw new BadBody("WGL_BODY_SHAPE", {
      wanted: `query_status ok, not ${JSON.stringify(status ?? "").slice(0, 100)}`,
    });
  return { status, document };
};
