import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { CareHistory, ExclusionCheck, ExclusionList, VerdictPage } from "@api/indicator-care.ts";
import type { RejectedPage } from "@api/intake.ts";
import type { Language } from "@words/language.ts";
import { call } from "./call.ts";
import { asked } from "./queries.ts";

const paged = <T extends { readonly next?: string }>(
  language: Language,
  key: readonly string[],
  path: string,
  limit: number,
) =>
  infiniteQueryOptions({
    queryKey: [...key, language],
    queryFn: ({ signal, pageParam }) =>
      call<T>(language, `${path}?${asked({ cursor: pageParam, limit: String(limit) })}`, { signal }),
    initialPageParam: "",
    getNextPageParam: (last: T) => last.next,
    staleTime: 15_000,
  });

export const verdictsQuery = (language: Language) => paged<VerdictPage>(language, ["verdicts"], "/verdicts", 50);

export const careHistoryQuery = (language: Language) =>
  paged<CareHistory>(language, ["care-history"], "/verdicts/history", 30);

/** Refused rows of a source, newest first: as many as are mended at once. */
export const rejectedQuery = (language: Language, source: string) =>
  paged<RejectedPage>(language, ["rejected", source], `/sources/${encodeURIComponent(source)}/rejected`, 100);

export const exclusionsQuery = (language: Language) =>
  queryOptions({
    queryKey: ["exclusions", language],
    queryFn: ({ signal }) => call<ExclusionList>(language, "/exclusions", { signal }),
    staleTime: 15_000,
  });

export const exclusionCheckQuery = (language: Language, value: string) =>
  queryOptions({
    queryKey: ["exclusion-check", language, value],
    queryFn: ({ signal }) => call<ExclusionCheck>(language, `/exclusions/check?${asked({ value })}`, { signal }),
    staleTime: 5_000,
    retry: false,
    enabled: value !== "",
  });
