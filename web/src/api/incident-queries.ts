import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { AttackMatrix } from "@api/attack.ts";
import type { IncidentDetail, IncidentPage, incidentViews } from "@api/incident.ts";
import type { SilenceList } from "@api/silence.ts";
import type { Language } from "@words/language.ts";
import { call } from "./call.ts";
import { asked } from "./queries.ts";

export type IncidentView = (typeof incidentViews)[number];

export const incidentsQuery = (language: Language, view: IncidentView) =>
  infiniteQueryOptions({
    queryKey: ["incidents", language, view],
    queryFn: ({ signal, pageParam }) =>
      call<IncidentPage>(language, `/incidents?${asked({ view, cursor: pageParam, limit: "50" })}`, { signal }),
    initialPageParam: "",
    getNextPageParam: (last: IncidentPage) => last.next,
    staleTime: 15_000,
    placeholderData: keepPreviousData,
  });

export const incidentQuery = (language: Language, id: string) =>
  queryOptions({
    queryKey: ["incident", language, id],
    queryFn: ({ signal }) => call<IncidentDetail>(language, `/incidents/${encodeURIComponent(id)}`, { signal }),
    staleTime: 15_000,
  });

export const silencesQuery = (language: Language) =>
  queryOptions({
    queryKey: ["silences", language],
    queryFn: ({ signal }) => call<SilenceList>(language, "/silences", { signal }),
    staleTime: 15_000,
  });

export const attackQuery = (language: Language) =>
  queryOptions({
    queryKey: ["attack", language],
    queryFn: ({ signal }) => call<AttackMatrix>(language, "/attack", { signal }),
    staleTime: 60_000,
  });
