import type { ReactNode } from "react";
import type { Tlp } from "#core/marking.ts";
import { Frame } from "@web/frame/frame.tsx";
import { useReader } from "@web/words/reader.tsx";
import { Failed } from "./failed.tsx";

interface Props {
  readonly title: string;
  readonly tlp: Tlp;
  readonly says?: ReactNode;
  /** Pages beside this one. */
  readonly tabs?: ReactNode;
  /** The way back to the list that this page is of. */
  readonly back?: ReactNode;
  readonly error?: unknown;
  readonly retry?: () => void;
  /** Said instead of rows, once it is known that there are none. */
  readonly empty?: string | false | undefined;
  readonly children?: ReactNode;
}

/** A page of rows: its title and the pages beside it, what failed, or that there is nothing, and the rows. */
export const ListPage = ({ title, tlp, says, tabs, back, error, retry, empty, children }: Props): ReactNode => {
  const { say } = useReader();
  return (
    <Frame title={title} tlp={tlp}>
      <div className="sheet single">
        {back === undefined ? null : <p className="back">{back}</p>}
        <header className="sheet-head">
          <h1>{title}</h1>
          {says === undefined ? null : <p className="quiet">{says}</p>}
        </header>
        {tabs}
        {error ? <Failed error={error} says={say("failed.title")} {...(retry === undefined ? {} : { retry })} /> : null}
        {empty === undefined || empty === false ? null : <p className="empty">{empty}</p>}
        {children}
      </div>
    </Frame>
  );
};
