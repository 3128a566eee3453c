/** Which product's matches are looked at; "" where the address does not say. */
export const readProductSearch = (search: Record<string, unknown>): { readonly product: string } => ({
  product: typeof search["product"] === "string" ? search["product"] : "",
});
