import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { RuleDetail, RulePage, RuleProblems } from "@api/rule.ts";
import type { Language } from "@words/language.ts";
import type { RuleSearch } from "@web/rules/search.ts";
import { call } from "./call.ts";
import { asked } from "./queries.ts";

export const rulesQuery = (language: Language, search: RuleSearch) =>
  infiniteQueryOptions({
    queryKey: ["rules", language, search],
    queryFn: ({ signal, pageParam }) =>
      call<RulePage>(language, `/rules?${asked({ ...search, cursor: pageParam, limit: "100" })}`, { signal }),
    initialPageParam: "",
    getNextPageParam: (last: RulePage) => last.next,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });

export const ruleQuery = (language: Language, id: string) =>
  queryOptions({
    queryKey: ["rules", language, "one", id],
    queryFn: ({ signal }) => call<RuleDetail>(language, `/rules/${encodeURIComponent(id)}`, { signal }),
    staleTime: 10_000,
  });

export const ruleProblemsQuery = (language: Language) =>
  queryOptions({
    queryKey: ["rules", language, "problems"],
    queryFn: ({ signal }) => call<RuleProblems>(language, "/rules/problems", { signal }),
    staleTime: 10_000,
  });
