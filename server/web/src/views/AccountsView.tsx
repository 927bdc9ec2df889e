import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AccountLine } from "../bodies";
import { useShared } from "../context";
import { accounts, MOST_ACCOUNTS } from "../moments";
import { written } from "../route";
import { Problem } from "../ui/Problem";
import { useAsked } from "../ui/useAsked";
import { useFormat } from "../ui/useFormat";
import "../styles/cards.css";
import "../styles/account.css";

/** The service is asked once nobody has typed for so long. */
const TYPED_MS = 200;

/** Customers, the last called first. */
export default function AccountsView() {
  const { api } = useShared();
  const { t } = useTranslation("account");
  const [typed, type] = useState("");
  const query = useLater(typed.trim(), TYPED_MS);
  const { value: found, problem, waiting, again } = useAsked(useCallback(() => accounts(api, query), [api, query]));
  return (
    <main id="content" tabIndex={-1} className="page accounts">
      <div className="page-head">
        <h2>{t("list")}</h2>
        <p className="quiet">{t("lead")}</p>
      </div>
      <div className="tools">
        <input type="search" aria-label={t("search")} placeholder={t("search")} value={typed} onChange={(event) => type(event.target.value)} />
        <span className="quiet" role="status">{found && t(found.length < MOST_ACCOUNTS ? "found" : "foundMost", { count: found.length })}</span>
      </div>
      {problem !== null && <Problem error={problem} onAgain={again} />}
      {found === null && waiting && <p className="quiet" aria-busy="true">{t("reading")}</p>}
      {found?.length === 0 && !waiting && <p className="empty">{query ? t("noMatch", { query }) : t("none")}</p>}
      {found && found.length > 0 && <ul className="account-list">{found.map((one) => <li key={one.account}><Line line={one} /></li>)}</ul>}
    </main>
  );
}

function Line({ line }: { line: AccountLine }) {
  const { t } = useTranslation(["account", "terms"]);
  const format = useFormat();
  const age = format.age(line.last_at, Date.now());
  return (
    <article data-testid="account-line">
      <a href={written({ view: "account", account: line.account })}>{line.account}</a>
      <span>{t("terms:needCount", { count: line.needs })}</span>
      <span>{t("terms:callCount", { count: line.calls })}</span>
      {age !== null && <time dateTime={line.last_at}>{t("account:lastCall", { age })}</time>}
      <span className="account-people quiet">{line.people.filter((one) => one.role === "customer").map((one) => one.speaker).join(", ")}</span>
    </article>
  );
}

function useLater<T>(value: T, ms: number): T {
  const [later, take] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => take(value), ms);
    return () => window.clearTimeout(timer);
  }, [value, ms]);
  return later;
}
