import type { Sentence } from "@words/sentence.ts";

type Topic = Readonly<Record<string, Sentence>>;

/** Every sentence of one language under its full key. */
export type Words = Topic;

/** One table for the page: the portal's own sentences by their key, the shared topics as "glossary.severity.high". */
export const topics = (from: {
  readonly portal: Topic;
  readonly glossary: Topic;
  readonly answers: Topic;
  readonly inside: Topic;
}): Words => ({
  ...from.portal,
  ...prefixed("glossary", from.glossary),
  ...prefixed("answers", from.answers),
  ...prefixed("inside", from.inside),
});

const prefixed = (name: string, topic: Topic): Topic =>
  Object.fromEntries(Object.entries(topic).map(([key, sentence]) => [`${name}.${key}`, sentence]));
