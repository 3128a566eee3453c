import { queryOptions } from "@tanstack/react-query";
import type { CollectionDetail, CollectionList } from "@api/collection.ts";
import type { DeliveryList, ListCount, SharingSetup } from "@api/sharing.ts";
import type { TokenList } from "@api/token.ts";
import type { Language } from "@words/language.ts";
import { call } from "./call.ts";
import { asked } from "./queries.ts";

export const partyPath = (party: string): string => `/sharing/${encodeURIComponent(party)}`;

/** Lists and webhooks; a webhook's state changes by itself while its challenge is answered. */
export const setupQuery = (language: Language, party: string) =>
  queryOptions({
    queryKey: ["sharing-setup", language, party],
    queryFn: ({ signal }) => call<SharingSetup>(language, `${partyPath(party)}/setup`, { signal }),
    refetchInterval: 15_000,
  });

export const deliveriesQuery = (language: Language, party: string, webhook: string) =>
  queryOptions({
    queryKey: ["deliveries", language, party, webhook],
    queryFn: ({ signal }) =>
      call<DeliveryList>(language, `${partyPath(party)}/webhooks/${encodeURIComponent(webhook)}/deliveries`, {
        signal,
      }),
    refetchInterval: 15_000,
  });

/** @param words parameters of the list's address: "label=bot&tlp=green" */
export const listCountQuery = (language: Language, party: string, list: string, words: string, format: string) =>
  queryOptions({
    queryKey: ["list-count", language, party, list, words, format],
    queryFn: ({ signal }) =>
      call<ListCount>(
        language,
        `${partyPath(party)}/count?${asked({ ...Object.fromEntries(new URLSearchParams(words)), list, format })}`,
        { signal, patience: 60_000 },
      ),
    staleTime: 60_000,
    retry: false,
  });

export const tokensQuery = (language: Language) =>
  queryOptions({
    queryKey: ["tokens", language],
    queryFn: ({ signal }) => call<TokenList>(language, "/tokens", { signal }),
    staleTime: 15_000,
  });

export const collectionsQuery = (language: Language) =>
  queryOptions({
    queryKey: ["collections", language],
    queryFn: ({ signal }) => call<CollectionList>(language, "/collections", { signal }),
    staleTime: 15_000,
  });

export const collectionQuery = (language: Language, id: string) =>
  queryOptions({
    queryKey: ["collection", language, id],
    queryFn: ({ signal }) => call<CollectionDetail>(language, `/collections/${encodeURIComponent(id)}`, { signal }),
    staleTime: 15_000,
  });
