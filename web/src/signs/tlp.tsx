import type { ReactNode } from "react";
import { printTlp, type Tlp } from "#core/marking.ts";
import { useReader } from "@web/words/reader.tsx";

/** FIRST's label, never translated, in FIRST's colours on black. */
const TlpLabel = ({ tlp }: { readonly tlp: Tlp }): ReactNode => (
  <b className="tlp-label" data-tlp={tlp} translate="no" lang="en">
    {printTlp(tlp)}
  </b>
);

/** Marks one object whose marking differs from its page. */
export const TlpTag = ({ tlp }: { readonly tlp: Tlp }): ReactNode => (
  <span className="tlp-tag">
    <TlpLabel tlp={tlp} />
  </span>
);

/** The strip that closes a page at the top, recipients' pages also at the bottom: the label and one plain sentence. */
export const TlpStrip = ({
  tlp,
  organisation,
}: {
  readonly tlp: Tlp;
  readonly organisation?: string | undefined;
}): ReactNode => {
  const { say } = useReader();
  return (
    <p className="tlp-strip">
      <TlpLabel tlp={tlp} />
      <span>
        {tlp === "amber+strict" && organisation !== undefined
          ? say("tlp.amber+strict.named", { organisation })
          : say(`tlp.${tlp}`)}
      </span>
    </p>
  );
};
