import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { OrganisationList } from "@api/community.ts";
import type {
  AffectedList,
  InventoryDetail,
  InventoryList,
  ProductMatchPage,
  ProductPage,
  WeaknessPage,
} from "@api/inventory.ts";
import type { Language } from "@words/language.ts";
import type { WeaknessSearch } from "@web/products/search.ts";
import { call } from "./call.ts";
import { asked } from "./queries.ts";

const at = (organisation: string): string => `/organisations/${encodeURIComponent(organisation)}`;

export const organisationsQuery = (language: Language) =>
  queryOptions({
    queryKey: ["organisations", language],
    queryFn: ({ signal }) => call<OrganisationList>(language, "/organisations", { signal }),
    staleTime: 60_000,
  });

/** While some of it is being compared the page looks again by itself. */
export const productsQuery = (language: Language, organisation: string) =>
  infiniteQueryOptions({
    queryKey: ["products", language, organisation],
    queryFn: ({ signal, pageParam }) =>
      call<ProductPage>(language, `${at(organisation)}/products?${asked({ cursor: pageParam, limit: "50" })}`, {
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (last: ProductPage) => last.next,
    staleTime: 15_000,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.pages[0]?.waiting === true ? 3000 : false),
  });

export const productMatchesQuery = (language: Language, organisation: string, product: string) =>
  infiniteQueryOptions({
    queryKey: ["product-matches", language, organisation, product],
    queryFn: ({ signal, pageParam }) =>
      call<ProductMatchPage>(
        language,
        `${at(organisation)}/products/matches?${asked({ product, cursor: pageParam, limit: "100" })}`,
        { signal },
      ),
    initialPageParam: "",
    getNextPageParam: (last: ProductMatchPage) => last.next,
    staleTime: 15_000,
  });

export const weaknessesQuery = (language: Language, search: WeaknessSearch & { readonly weakness?: string }) =>
  infiniteQueryOptions({
    queryKey: ["weaknesses", language, search],
    queryFn: ({ signal, pageParam }) =>
      call<WeaknessPage>(
        language,
        `/products/weaknesses?${asked({
          ...{ weakness: search.weakness, search: search.search, priority: search.priority },
          exposed: search.exposed === true ? "true" : undefined,
          exploited: search.exploited === true ? "true" : undefined,
          ...{ cursor: pageParam, limit: "50" },
        })}`,
        { signal },
      ),
    initialPageParam: "",
    getNextPageParam: (last: WeaknessPage) => last.next,
    staleTime: 15_000,
    placeholderData: keepPreviousData,
  });

export const weaknessMatchesQuery = (language: Language, weakness: string) =>
  infiniteQueryOptions({
    queryKey: ["weakness-matches", language, weakness],
    queryFn: ({ signal, pageParam }) =>
      call<ProductMatchPage>(language, `/products/matches?${asked({ weakness, cursor: pageParam, limit: "100" })}`, {
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (last: ProductMatchPage) => last.next,
    staleTime: 15_000,
  });

export const inventoriesQuery = (language: Language, organisation: string) =>
  queryOptions({
    queryKey: ["inventories", language, organisation],
    queryFn: ({ signal }) => call<InventoryList>(language, `${at(organisation)}/inventories`, { signal }),
    staleTime: 15_000,
  });

export const inventoryQuery = (language: Language, organisation: string, name: string) =>
  infiniteQueryOptions({
    queryKey: ["inventory", language, organisation, name],
    queryFn: ({ signal, pageParam }) =>
      call<InventoryDetail>(
        language,
        `${at(organisation)}/inventories/${encodeURIComponent(name)}?${asked({ cursor: pageParam, limit: "200" })}`,
        { signal },
      ),
    initialPageParam: "",
    getNextPageParam: (last: InventoryDetail) => last.next,
    staleTime: 15_000,
  });

export const affectedQuery = (language: Language, advisory: string) =>
  queryOptions({
    queryKey: ["affected", language, advisory],
    queryFn: ({ signal }) =>
      call<AffectedList>(language, `/advisories/${encodeURIComponent(advisory)}/affected`, { signal }),
    staleTime: 30_000,
  });
