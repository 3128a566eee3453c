import type { ReactNode } from "react";
import type { Tlp } from "#core/marking.ts";
import { TlpStrip } from "@web/signs/tlp.tsx";
import { Wordmark } from "@web/signs/wordmark.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { Clock } from "./clock.tsx";
import { GoTo } from "./go-to.tsx";
import { LanguageSwitch } from "./language-switch.tsx";
import { Navigation } from "./navigation.tsx";
import { PersonMenu } from "./person-menu.tsx";
import { mayReadIndicators, useMe } from "./session.ts";
import { useTitle } from "./title.ts";

interface Props {
  readonly title: string;
  readonly tlp: Tlp;
  /** Recipients' pages say their marking again at the foot, and whose it is. */
  readonly recipient?: string;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** What every page behind the sign-in stands in: marking, head, pages, content. */
export const Frame = ({ title, tlp, recipient, wide, children }: Props): ReactNode => {
  const { say } = useReader();
  const me = useMe();
  useTitle(title);
  return (
    <div className="frame" data-recipient={recipient !== undefined}>
      <a className="skip" href="#content">
        {say("frame.skip")}
      </a>
      <div className="frame-strip" role="region" aria-label={say("tlp.region")}>
        <TlpStrip tlp={tlp} organisation={recipient} />
      </div>
      <header className="head">
        <Wordmark height={26} />
        <p className="community">{visible(me.staff ? me.community : (me.organisations[0]?.name ?? me.community))}</p>
        {mayReadIndicators(me) ? <GoTo /> : null}
        <Clock />
        <LanguageSwitch />
        <PersonMenu />
      </header>
      <Navigation />
      <main id="content" tabIndex={-1} className={wide ? "content wide" : "content"}>
        {children}
      </main>
      {recipient === undefined ? null : (
        <footer className="frame-strip foot">
          <TlpStrip tlp={tlp} organisation={recipient} />
        </footer>
      )}
    </div>
  );
};
