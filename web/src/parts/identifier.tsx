import { Fragment, type ReactNode } from "react";
import { visible } from "@web/words/put.ts";

/** A bare address, name or hash: monospaced, breaking only after a dot, slash, colon or hyphen, never translated, never linked. */
export const Identifier = ({ text }: { readonly text: string }): ReactNode => (
  <span className="identifier" translate="no">
    {visible(text)
      .split(/(?<=[./:@_-])/)
      .map((part, i) => (
        <Fragment key={`${i}${part}`}>
          {i === 0 ? null : <wbr />}
          {part}
        </Fragment>
      ))}
  </span>
);
