import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { AttackTechnique } from "@api/attack.ts";
import { attackQuery } from "@web/api/incident-queries.ts";
import { ListPage } from "@web/parts/list-page.tsx";
import { printNumber } from "@words/number.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { IncidentTabs } from "./incident-tabs.tsx";

/** Soundings: rules and behaviours that look for a technique, from which on the water is deeper. */
const soundings = [0, 1, 3, 10, 30, 100] as const;

const depth = (count: number): number => soundings.findLastIndex((least) => count >= least);

/** What rules and behaviours in force look for, what of it was seen, and what nobody looks for. */
export const AttackPage = (): ReactNode => {
  const { language, say } = useReader();
  const { data, error, refetch } = useQuery(attackQuery(language));
  return (
    <ListPage
      title={say("attack.title")}
      tlp="amber"
      says={data === undefined ? "" : say("attack.says", { rules: data.rules, days: data.days })}
      tabs={<IncidentTabs />}
      error={error}
      retry={() => void refetch()}
    >
      {data === undefined ? null : (
        <>
          <dl className="band">
            {(["covered", "seen", "blind"] as const).map((one) => (
              <div key={one}>
                <dt>{say(`attack.${one}`)}</dt>
                <dd>{printNumber(language, data.counts[one])}</dd>
              </div>
            ))}
          </dl>
          <p className="quiet">
            {say("attack.legend")} {data.unmapped > 0 ? say("attack.unmapped", { count: data.unmapped }) : ""}{" "}
            {data.named ? "" : say("attack.unnamed")}
          </p>
          <div className="matrix" role="region" tabIndex={0} aria-label={say("attack.title")}>
            {data.tactics.map(({ tactic, techniques }) => (
              <section key={tactic} className="matrix-tactic">
                <h2>
                  {say(`tactic.${tactic}`)} <span className="count">{techniques.length}</span>
                </h2>
                {techniques.length === 0 ? (
                  <p className="matrix-none">
                    {say("attack.blind")}: {say("attack.none")}
                  </p>
                ) : (
                  <ul>
                    {techniques.map((one) => (
                      <Technique key={one.id} one={one} />
                    ))}
                  </ul>
                )}
              </section>
            ))}
          </div>
          {data.elsewhere.length === 0 ? null : (
            <section>
              <h2>
                {say("attack.elsewhere")} <span className="count">{printNumber(language, data.elsewhere.length)}</span>
              </h2>
              <ul className="matrix-elsewhere">
                {data.elsewhere.map((one) => (
                  <Technique key={one.id} one={one} />
                ))}
              </ul>
            </section>
          )}
        </>
      )}
    </ListPage>
  );
};

const Technique = ({ one }: { readonly one: AttackTechnique }): ReactNode => {
  const { language, say } = useReader();
  const looked = one.rules + one.behaviours.length;
  const words = say("attack.technique", { id: one.id, rules: looked, seen: one.seen });
  return (
    <li className="technique" data-depth={depth(looked)} data-seen={one.seen > 0} title={words}>
      <span className="technique-name">
        {one.name === undefined ? <span className="identifier">{visible(one.id)}</span> : visible(one.name)}
      </span>
      <span className="technique-count" aria-hidden="true">
        {one.seen > 0 ? `▲${printNumber(language, one.seen)} · ` : ""}
        {looked}
      </span>
      <span className="unseen">{words}</span>
    </li>
  );
};
