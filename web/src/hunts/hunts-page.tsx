import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { huntsQuery } from "@web/api/hunt-queries.ts";
import { Identifier } from "@web/parts/identifier.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { More } from "@web/parts/more.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Who } from "@web/parts/who.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { printNumber } from "@words/number.ts";
import { HuntForm } from "./hunt-form.tsx";
import { HuntState } from "./hunt-state.tsx";
import { HuntTabs } from "./hunt-tabs.tsx";

/** Hunts that people asked for, newest first, and asking for one. */
export const HuntsPage = (): ReactNode => {
  const { language, say } = useReader();
  const pages = useInfiniteQuery(huntsQuery(language));
  const rows = pages.data?.pages.flatMap((page) => page.hunts) ?? [];
  return (
    <ListPage
      title={say("nav.hunts")}
      tlp="amber+strict"
      says={say("hunts.says")}
      tabs={<HuntTabs />}
      error={pages.error}
      retry={() => void pages.refetch()}
    >
      <HuntForm />
      <section>
        <h2>{say("hunts.tab.asked")}</h2>
        {pages.data && rows.length === 0 ? <p className="empty">{say("hunts.empty")}</p> : null}
        {rows.length === 0 ? null : (
          <Table
            label={say("hunts.tab.asked")}
            of="hunts"
            head={
              <Heads
                names={[
                  say("hunt.what"),
                  say("hunt.state"),
                  { figure: say("hunt.read") },
                  { figure: say("hunt.found") },
                  say("hunt.organisation"),
                  say("hunt.purpose"),
                  say("verdicts.who"),
                ]}
              />
            }
          >
            {rows.map((one) => (
              <tr key={one.id}>
                <th scope="row">
                  <Link to="/hunts/$id" params={{ id: one.id }}>
                    {one.rule === undefined ? (
                      <Identifier text={one.pattern ?? one.values[0]?.value ?? ""} />
                    ) : (
                      visible(one.rule)
                    )}
                    {one.pattern === undefined && one.count > 1 ? (
                      <span className="quiet"> {say("hunt.and-more", { count: one.count - 1 })}</span>
                    ) : null}
                  </Link>
                </th>
                <td data-label={say("hunt.state")}>
                  <HuntState state={one.state} read={one.read} toRead={one.toRead} />
                </td>
                <td className="figure" data-label={say("hunt.read")}>
                  {printNumber(language, one.read)}
                </td>
                <td className="figure" data-label={say("hunt.found")}>
                  {printNumber(language, one.found)}
                </td>
                <td data-label={say("hunt.organisation")}>
                  {one.organisation === undefined ? say("hunt.everybody") : visible(one.organisation)}
                </td>
                <td className="wrap" data-label={say("hunt.purpose")}>
                  {visible(one.purpose)}
                </td>
                <td data-label={say("verdicts.who")}>
                  <Who one={one} />
                </td>
              </tr>
            ))}
          </Table>
        )}
        <More pages={pages} says={say("hunts.more")} />
      </section>
    </ListPage>
  );
};
