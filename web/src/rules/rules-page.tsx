import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useEffect, useId, useState } from "react";
import type { RuleDecisionNew, RulePage, RuleRow } from "@api/rule.ts";
import { printNumber } from "@words/number.ts";
import { call } from "@web/api/call.ts";
import { ruleProblemsQuery, rulesQuery } from "@web/api/rule-queries.ts";
import { ReasonDialog } from "@web/parts/confirm-dialog.tsx";
import { Failed, problemWords } from "@web/parts/failed.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { More } from "@web/parts/more.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Severity } from "@web/signs/severity.tsx";
import { TlpTag } from "@web/signs/tlp.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { ProblemTable } from "./problem-table.tsx";
import { RuleTabs } from "./rule-tabs.tsx";
import { levels, type RuleSearch, standings } from "./search.ts";

/** What telemetry is asked by: which rules there are, which of them run, and what is wrong with the others. */
export const RulesPage = (): ReactNode => {
  const { language, say } = useReader();
  const search = useSearch({ from: "/rules" });
  const pages = useInfiniteQuery(rulesQuery(language, search));
  const { data, error, refetch, isPlaceholderData } = pages;
  const first = data?.pages[0];
  const rows = data?.pages.flatMap((page) => page.rules) ?? [];
  const total = first === undefined ? 0 : Object.values(first.standings).reduce((sum, count) => sum + count, 0);
  return (
    <ListPage
      title={say("rules.title")}
      tlp="amber"
      tabs={<RuleTabs />}
      says={
        first === undefined
          ? ""
          : say("rules.says", {
              running: printNumber(language, first.standings.running),
              total: printNumber(language, total),
            })
      }
      error={error}
      retry={() => void refetch()}
    >
      {first === undefined ? null : <Folders page={first} />}
      <Problems />
      <Filters search={search} page={first} />
      <p className="quiet" role="status">
        {first === undefined ? "" : say("rules.found", { count: printNumber(language, first.found) })}
      </p>
      {first !== undefined && rows.length === 0 ? (
        <p className="empty">{say(total === 0 ? "rules.empty" : "rules.none")}</p>
      ) : null}
      {rows.length === 0 ? null : (
        <Table
          label={say("rules.title")}
          of="rules"
          stale={isPlaceholderData}
          head={
            <Heads
              names={[
                ...[say("rule.title"), say("rule.level"), say("rule.standing"), say("rule.voice"), say("rule.attack")],
                { figure: say("rule.hits") },
              ]}
            />
          }
        >
          {rows.map((rule) => (
            <Row key={`${rule.folder} ${rule.id}`} rule={rule} />
          ))}
        </Table>
      )}
      <More pages={pages} says={say("rules.more")} />
    </ListPage>
  );
};

export const levelOf = (level: RuleRow["level"]): "critical" | "high" | "medium" | "low" | "info" =>
  level === undefined ? "medium" : level === "informational" ? "info" : level;

const Row = ({ rule }: { readonly rule: RuleRow }): ReactNode => {
  const { language, say } = useReader();
  return (
    <tr>
      <th scope="row">
        <Link to="/rules/$id" params={{ id: rule.id }}>
          {visible(rule.title)}
        </Link>{" "}
        {rule.kind === "rule" ? null : <span className="quiet">{say(`rule.kind.${rule.kind}`)}</span>}
        <p className="reason">
          {visible(rule.folder)}/{visible(rule.file)}
        </p>
      </th>
      <td data-label={say("rule.level")}>{rule.kind === "filter" ? "–" : <Severity level={levelOf(rule.level)} />}</td>
      <td data-label={say("rule.standing")}>
        {say(`rule.standing.${rule.standing}`)}
        {rule.decided === undefined ? null : (
          <p className="reason">
            {visible(rule.decided.who)}: {visible(rule.decided.reason)}
          </p>
        )}
      </td>
      <td data-label={say("rule.voice")}>{say(`rule.voice.${rule.voice}`)}</td>
      <td data-label={say("rule.attack")}>
        {rule.techniques.length === 0 ? "–" : <span className="identifier">{visible(rule.techniques.join(" "))}</span>}
      </td>
      <td className="figure" data-label={say("rule.hits")}>
        {printNumber(language, rule.hits)}
      </td>
    </tr>
  );
};

/** Folders, each with how it stands; a folder, or all of them, is turned off and on with a reason. */
const Folders = ({ page }: { readonly page: RulePage }): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const [asked, setAsked] = useState<boolean>();
  const [failure, setFailure] = useState("");
  const off = page.all?.runs === false;
  const decide = async (body: RuleDecisionNew): Promise<void> => {
    setAsked(undefined);
    try {
      await call<RulePage>(language, "/rules/decisions", { method: "POST", body });
      setFailure("");
      await client.invalidateQueries({ queryKey: ["rules"] });
    } catch (error) {
      setFailure(say("failed.act", { detail: problemWords(say, error) }));
    }
  };
  return (
    <section>
      <Table
        label={say("rules.folders")}
        of="rule-folders"
        head={
          <Heads
            names={[
              say("rules.folder"),
              say("rule.tlp"),
              { figure: say("rules.count") },
              { figure: say("rules.wrong") },
              say("rules.folder-standing"),
            ]}
          />
        }
      >
        {page.folders.map((folder) => (
          <tr key={folder.name}>
            <th scope="row">
              <Link to="/rules" search={{ folder: folder.name }}>
                {visible(folder.name)}
              </Link>
            </th>
            <td data-label={say("rule.tlp")}>
              <TlpTag tlp={folder.tlp} />
            </td>
            <td className="figure" data-label={say("rules.count")}>
              {printNumber(language, folder.rules)}
            </td>
            <td className="figure" data-label={say("rules.wrong")}>
              {printNumber(language, folder.problems)}
            </td>
            <td data-label={say("rules.folder-standing")}>
              {folder.kept === undefined
                ? say("rules.folder-good")
                : say(folder.kept ? "rules.folder-kept" : "rules.folder-partly")}
            </td>
          </tr>
        ))}
      </Table>
      {page.all === undefined || page.all.runs ? null : (
        <p className="flag">{say("rules.all-off", { who: visible(page.all.who), reason: visible(page.all.reason) })}</p>
      )}
      {page.mayDecide ? (
        <p className="act-buttons row">
          <button type="button" className={off ? "button" : "button destructive"} onClick={() => setAsked(off)}>
            {say(off ? "rules.all-on-act" : "rules.all-off-act")}
          </button>
        </p>
      ) : null}
      <p className="outcome flag" role="status">
        {failure}
      </p>
      {asked === undefined ? null : (
        <ReasonDialog
          does={say(asked ? "rules.all-on-act" : "rules.all-off-act")}
          subject={say("rules.title")}
          says={say(asked ? "rules.all-on-says" : "rules.all-off-says")}
          destructive={!asked}
          onClose={() => setAsked(undefined)}
          onReason={(reason) => void decide({ on: "*", runs: asked, reason })}
        />
      )}
    </section>
  );
};

const Problems = (): ReactNode => {
  const { language, say } = useReader();
  const { data, error, refetch } = useQuery(ruleProblemsQuery(language));
  if (error) return <Failed error={error} says={say("failed.title")} retry={() => void refetch()} />;
  if (data === undefined || data.count === 0) return null;
  return (
    <details className="rule-wrong">
      <summary>{say("rules.problems-count", { count: printNumber(language, data.count) })}</summary>
      <ProblemTable problems={data.problems} />
    </details>
  );
};

const Filters = ({ search, page }: { readonly search: RuleSearch; readonly page: RulePage | undefined }): ReactNode => {
  const { say } = useReader();
  const navigate = useNavigate({ from: "/rules" });
  const id = useId();
  const [text, setText] = useState(search.search ?? "");
  useEffect(() => setText(search.search ?? ""), [search.search]);
  const go = (changed: RuleSearch): void => {
    const next = Object.fromEntries(
      Object.entries({ ...search, ...changed }).filter(([, value]) => value !== undefined),
    );
    void navigate({ search: next });
  };
  const send = (event: FormEvent): void => {
    event.preventDefault();
    go({ search: text.trim() === "" ? undefined : text.trim() });
  };
  const choice = (
    key: "folder" | "level" | "standing" | "attack",
    label: string,
    options: readonly (readonly [value: string, says: string])[],
  ): ReactNode => (
    <label className="filter">
      <span>{label}</span>
      <select
        value={search[key] ?? ""}
        onChange={(event) => go({ [key]: event.target.value === "" ? undefined : event.target.value })}
      >
        <option value="">{say("rules.any")}</option>
        {options.map(([value, says]) => (
          <option key={value} value={value}>
            {says}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <form className="filters" role="search" onSubmit={send}>
      <span className="filter search wide">
        <label htmlFor={id}>{say("rules.search")}</label>
        <input id={id} type="search" maxLength={256} value={text} onChange={(event) => setText(event.target.value)} />
      </span>
      {choice(
        "standing",
        say("rule.standing"),
        standings.map((one) => [one, say(`rule.standing.${one}`)] as const),
      )}
      {choice(
        "level",
        say("rule.level"),
        levels.map((one) => [one, say(`glossary.severity.${levelOf(one)}`)] as const),
      )}
      {choice(
        "folder",
        say("rules.folder"),
        (page?.folders ?? []).map(({ name }) => [name, visible(name)] as const),
      )}
      {choice(
        "attack",
        say("rule.tactic"),
        (page?.tactics ?? []).map((one) => [one, visible(one)] as const),
      )}
      <button type="submit" className="button">
        {say("rules.look")}
      </button>
    </form>
  );
};
