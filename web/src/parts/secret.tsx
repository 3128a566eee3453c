import type { ReactNode } from "react";
import { useReader } from "@web/words/reader.tsx";
import { Copy } from "./copy.tsx";

interface Props {
  readonly label: string;
  readonly text: string;
  /** How it is used. */
  readonly says: string;
  readonly onKept: () => void;
}

/** What is shown once and never again: it stays until the reader says that it is kept. */
export const Secret = ({ label, text, says, onKept }: Props): ReactNode => {
  const { say } = useReader();
  return (
    <section className="secret" role="status" aria-label={label}>
      <h2>{label}</h2>
      <p>{say("secret.once")}</p>
      <p className="secret-text">
        <code translate="no">{text}</code> <Copy text={text} of={label} />
      </p>
      <p className="quiet">{says}</p>
      <p>
        <button type="button" className="button filled" onClick={onKept}>
          {say("secret.kept")}
        </button>
      </p>
    </section>
  );
};
