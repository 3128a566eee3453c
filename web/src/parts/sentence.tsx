import { Fragment, type ReactNode } from "react";

/** Stand in for `{name}` parameters whose place a part of the page takes; private-use characters, so no text holds them. */
export const slot = { a: "\ue000", b: "\ue001", c: "\ue002" } as const;

interface Props {
  /** A said sentence with slots in it: `say("finding.of", { asset: slot.a, organisation: "…" })` */
  readonly words: string;
  readonly a?: ReactNode;
  readonly b?: ReactNode;
  readonly c?: ReactNode;
}

/** A sentence around parts of the page: each language puts them, and its own punctuation, where it wants them. */
export const Sentence = ({ words, a, b, c }: Props): ReactNode =>
  words
    .split(/([\ue000-\ue002])/)
    .map((part, i) => (
      <Fragment key={`${i}`}>{part === slot.a ? a : part === slot.b ? b : part === slot.c ? c : part}</Fragment>
    ));
