import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Hunt, HuntPage, HuntResults } from "@api/hunt.ts";
import type { HuntCausePage } from "@api/hunt-cause.ts";
import type { Kept } from "@api/kept.ts";
import type { Language } from "@words/language.ts";
import { call } from "./call.ts";

const pageRows = 50;
/** Milliseconds between looks at a hunt that goes on. */
const lookEvery = 1500;

const goesOn = ({ state }: Pick<Hunt, "state">): boolean => state === "waiting" || state === "running";

const paged = (path: string, cursor: string): string =>
  `${path}?limit=${pageRows}${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;

export const huntsQuery = (language: Language) =>
  infiniteQueryOptions({
    queryKey: ["hunts", language],
    queryFn: ({ signal, pageParam }) => call<HuntPage>(language, paged("/hunts", pageParam), { signal }),
    initialPageParam: "",
    getNextPageParam: (last: HuntPage) => last.next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      (state.data?.pages ?? []).some((page) => page.hunts.some(goesOn)) ? lookEvery : false,
  });

export const huntCausesQuery = (language: Language) =>
  infiniteQueryOptions({
    queryKey: ["hunt-causes", language],
    queryFn: ({ signal, pageParam }) => call<HuntCausePage>(language, paged("/hunts/automatic", pageParam), { signal }),
    initialPageParam: "",
    getNextPageParam: (last: HuntCausePage) => last.next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      (state.data?.pages ?? []).some((page) => page.hunts.some(goesOn)) ? lookEvery : false,
  });

export const huntQuery = (language: Language, id: string) =>
  queryOptions({
    queryKey: ["hunt", language, id],
    queryFn: ({ signal }) => call<Hunt>(language, `/hunts/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: ({ state }) => (state.data !== undefined && goesOn(state.data) ? lookEvery : false),
  });

/** @param found how many there were when they were asked for: more, and the rows are asked for again */
export const huntResultsQuery = (language: Language, id: string, found: number) =>
  infiniteQueryOptions({
    queryKey: ["hunt-results", language, id, found],
    queryFn: ({ signal, pageParam }) =>
      call<HuntResults>(language, paged(`/hunts/${encodeURIComponent(id)}/results`, pageParam), { signal }),
    initialPageParam: "",
    getNextPageParam: (last: HuntResults) => last.next,
    placeholderData: keepPreviousData,
    enabled: found > 0,
  });

export const keptQuery = (language: Language) =>
  queryOptions({ queryKey: ["kept", language], queryFn: ({ signal }) => call<Kept>(language, "/kept", { signal }) });
