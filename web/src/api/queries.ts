import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { AdvisoryDetail, AdvisoryPage } from "@api/advisory.ts";
import type { FindingDetail, FindingPage, findingViews } from "@api/finding.ts";
import type { IndicatorDetail, IndicatorPage } from "@api/indicator.ts";
import type { Light, Me } from "@api/session.ts";
import type { LedgerPage, PreviewPage, SharingPartyList } from "@api/sharing.ts";
import type { SourceDetail, SourceList } from "@api/source.ts";
import type { Status } from "@api/status.ts";
import type { Language } from "@words/language.ts";
import type { Severity } from "#core/severity.ts";
import type { IndicatorSearch } from "@web/indicators/search.ts";
import type { AdvisorySearch } from "@web/advisories/search.ts";
import { call } from "./call.ts";

export type FindingView = (typeof findingViews)[number];

export interface FindingFilter {
  readonly view: FindingView;
  readonly organisation?: string | undefined;
  readonly severity?: Severity | undefined;
  readonly search?: string | undefined;
}

/** Rows asked for at once: more than a screen, less than a second on a slow line. */
const pageRows = 200;

export const lightQuery = (language: Language) =>
  queryOptions({
    queryKey: ["light", language],
    queryFn: ({ signal }) => call<Light>(language, "/light", { signal }),
    refetchInterval: 30_000,
  });

export const sessionQuery = (language: Language) =>
  queryOptions({
    queryKey: ["session", language],
    queryFn: ({ signal }) => call<Me>(language, "/session", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
    retry: false,
  });

export const statusQuery = (language: Language) =>
  queryOptions({
    queryKey: ["status", language],
    queryFn: ({ signal }) => call<Status>(language, "/status", { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });

/** Rows stay still: nothing refetches by itself, the reader presses "Show". */
export const findingsQuery = (language: Language, filter: FindingFilter) =>
  infiniteQueryOptions({
    queryKey: ["findings", language, filter],
    queryFn: ({ signal, pageParam }) =>
      call<FindingPage>(language, `/findings?${asked({ ...filter, cursor: pageParam, limit: String(pageRows) })}`, {
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (last: FindingPage) => last.next,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    placeholderData: keepPreviousData,
  });

export const findingQuery = (language: Language, id: string) =>
  queryOptions({
    queryKey: ["finding", language, id],
    queryFn: ({ signal }) => call<FindingDetail>(language, `/findings/${encodeURIComponent(id)}`, { signal }),
    staleTime: 15_000,
  });

export const sourcesQuery = (language: Language) =>
  queryOptions({
    queryKey: ["sources", language],
    queryFn: ({ signal }) => call<SourceList>(language, "/sources", { signal }),
    placeholderData: keepPreviousData,
    staleTime: 15_000,
  });

export const sourceQuery = (language: Language, id: string) =>
  queryOptions({
    queryKey: ["source", language, id],
    queryFn: ({ signal }) => call<SourceDetail>(language, `/sources/${encodeURIComponent(id)}`, { signal }),
    staleTime: 15_000,
  });

export const advisoriesQuery = (language: Language, search: AdvisorySearch) =>
  infiniteQueryOptions({
    queryKey: ["advisories", language, search],
    queryFn: ({ signal, pageParam }) =>
      call<AdvisoryPage>(language, `/advisories?${asked({ ...search, cursor: pageParam, limit: "50" })}`, { signal }),
    initialPageParam: "",
    getNextPageParam: (last: AdvisoryPage) => last.next,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });

export const advisoryQuery = (language: Language, id: string) =>
  queryOptions({
    queryKey: ["advisory", language, id],
    queryFn: ({ signal }) => call<AdvisoryDetail>(language, `/advisories/${encodeURIComponent(id)}`, { signal }),
    staleTime: 60_000,
  });

/** @param since ISO 8601 of the day the list begins with; the page chooses it once, so that one list is one question */
export const indicatorsQuery = (
  language: Language,
  { search, kind, feed, alive }: IndicatorSearch,
  since: string | undefined,
) =>
  infiniteQueryOptions({
    queryKey: ["indicators", language, search, kind, feed, alive, since],
    queryFn: ({ signal, pageParam }) =>
      call<IndicatorPage>(
        language,
        `/indicators?${asked({ ...{ search, kind, feed, since, cursor: pageParam, limit: "50" }, alive: alive ? "true" : undefined })}`,
        { signal },
      ),
    initialPageParam: "",
    getNextPageParam: (last: IndicatorPage) => last.next,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });

export const indicatorQuery = (language: Language, id: string) =>
  queryOptions({
    queryKey: ["indicator", language, id],
    queryFn: ({ signal }) => call<IndicatorDetail>(language, `/indicators/${encodeURIComponent(id)}`, { signal }),
    staleTime: 15_000,
  });

export const sharingQuery = (language: Language) =>
  queryOptions({
    queryKey: ["sharing", language],
    queryFn: ({ signal }) => call<SharingPartyList>(language, "/sharing", { signal }),
    staleTime: 30_000,
  });

export const sharingPreviewQuery = (language: Language, party: string) =>
  infiniteQueryOptions({
    queryKey: ["sharing-preview", language, party],
    queryFn: ({ signal, pageParam }) =>
      call<PreviewPage>(
        language,
        `/sharing/${encodeURIComponent(party)}/preview?${asked({ list: "all", format: "stix.json", cursor: pageParam, limit: "20" })}`,
        { signal },
      ),
    initialPageParam: "",
    getNextPageParam: (last: PreviewPage) => last.next,
    staleTime: 30_000,
  });

export const sharingLedgerQuery = (language: Language, party: string) =>
  infiniteQueryOptions({
    queryKey: ["sharing-ledger", language, party],
    queryFn: ({ signal, pageParam }) =>
      call<LedgerPage>(
        language,
        `/sharing/${encodeURIComponent(party)}/ledger?${asked({ cursor: pageParam, limit: "20" })}`,
        {
          signal,
        },
      ),
    initialPageParam: "",
    getNextPageParam: (last: LedgerPage) => last.next,
    staleTime: 30_000,
  });

/** Parameters of an address; what is not asked for is left out. */
export const asked = (params: Readonly<Record<string, string | undefined>>): string =>
  new URLSearchParams(
    Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ""),
  ).toString();
