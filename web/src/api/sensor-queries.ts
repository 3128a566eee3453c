import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { ParcelContent, ParcelPage, SensorInsideList } from "@api/sensor.ts";
import type { Language } from "@words/language.ts";
import { call } from "./call.ts";
import { asked } from "./queries.ts";

export const sensorsInsideQuery = (language: Language) =>
  queryOptions({
    queryKey: ["sensors-inside", language],
    queryFn: ({ signal }) => call<SensorInsideList>(language, "/sensor/inside", { signal }),
    refetchInterval: 30_000,
  });

/** Parcels asked for at once. */
const pageRows = 100;

export const parcelsQuery = (language: Language) =>
  infiniteQueryOptions({
    queryKey: ["parcels", language],
    queryFn: ({ signal, pageParam }) =>
      call<ParcelPage>(language, `/sensor/parcels?${asked({ cursor: pageParam, limit: String(pageRows) })}`, {
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (last: ParcelPage) => last.next,
    refetchInterval: 60_000,
  });

/** What was taken in never changes; only that it is kept does. */
export const parcelQuery = (language: Language, id: string) =>
  infiniteQueryOptions({
    queryKey: ["parcel", language, id],
    queryFn: ({ signal, pageParam }) =>
      call<ParcelContent>(
        language,
        `/sensor/parcels/${encodeURIComponent(id)}?${asked({ from: String(pageParam), limit: String(pageRows) })}`,
        { signal },
      ),
    initialPageParam: 1,
    getNextPageParam: (last: ParcelContent) => last.next,
    staleTime: 60_000,
  });
