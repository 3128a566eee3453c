import type { ReactNode } from "react";
import type { Tlp } from "#core/marking.ts";
import { Frame } from "@web/frame/frame.tsx";
import { useReader } from "@web/words/reader.tsx";
import { Failed } from "./failed.tsx";

interface Props {
  readonly title: string;
  readonly tlp: Tlp;
  /** Names it in the style sheets; with `wide` it has a side of its own. */
  readonly of: string;
  readonly wide?: boolean;
  readonly back: ReactNode;
  readonly error: unknown;
  readonly retry: () => void;
  readonly children: ReactNode;
}

/** A page of one thing: the way back to its list, what failed, and the thing once it is there. */
export const ThingPage = ({ title, tlp, of, wide = false, back, error, retry, children }: Props): ReactNode => {
  const { say } = useReader();
  return (
    <Frame title={title} tlp={tlp} wide={wide}>
      <div className={wide ? `sheet ${of}` : `sheet single ${of}`}>
        <p className="back">{back}</p>
        {error ? <Failed error={error} says={say("failed.title")} retry={retry} /> : null}
        {children}
      </div>
    </Frame>
  );
};
