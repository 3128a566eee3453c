import { type ReactNode, useState } from "react";
import { useReader } from "@web/words/reader.tsx";

interface Props {
  readonly text: string;
  /** What is copied, for those who hear the button and not the row. */
  readonly of: string;
}

/** Puts a text where it can be pasted, and says so; where the browser does not allow it, says that too. */
export const Copy = ({ text, of }: Props): ReactNode => {
  const { say } = useReader();
  const [done, setDone] = useState<"yes" | "no">();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setDone("yes");
    } catch {
      setDone("no");
    }
  };
  return (
    <span className="copy">
      <button type="button" className="button" onClick={() => void copy()}>
        {say("copy")}
        <span className="unseen"> {of}</span>
      </button>
      <span role="status" className="quiet">
        {done === undefined ? "" : say(done === "yes" ? "copy.done" : "copy.failed")}
      </span>
    </span>
  );
};
