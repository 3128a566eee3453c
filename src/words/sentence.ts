/**
 * One sentence of the catalogue, with `{name}` parameters. A sentence that counts gives the forms its language needs;
 * the parameter `count` chooses (CLDR plural rules: English has two forms, Chinese one).
 */
export type Sentence = string | { readonly one: string; readonly other: string };

/** The parameters a sentence asks for: "Seen {count} times by {sensor}" → "count" | "sensor". */
export type Parameters<S> = S extends string
  ? S extends `${string}{${infer Name}}${infer Rest}`
    ? Name | Parameters<Rest>
    : never
  : S extends { readonly one: infer One; readonly other: infer Other }
    ? "count" | Parameters<One> | Parameters<Other>
    : never;

/** What another language must say to say as much as English: every key, no more. */
export type Topic<English> = { readonly [Key in keyof English]: Sentence };
