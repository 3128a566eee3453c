/**
 * A part of a record as the text that rules look into (`requestParameters|contains: '"s3:GetObject"'`): JSON in which texts
 * that are JSON themselves keep their quotes as they are. Nothing for what is no object or list: it is its own text.
 */
export const textForm = (value: unknown): string | undefined =>
  typeof value === "object" && value !== null ? JSON.stringify(value).replaceAll(String.raw`\"`, '"') : undefined;
