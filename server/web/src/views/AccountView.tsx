import { useCallback, useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { timeline } from "../account";
import { ApiError } from "../api";
import type { AccountView as Account } from "../bodies";
import { useShared } from "../context";
import { written } from "../route";
import { AccountCalls } from "../ui/AccountCalls";
import { AccountNeeds } from "../ui/AccountNeeds";
import { AccountPeople } from "../ui/AccountPeople";
import { NeedsOverTime } from "../ui/NeedsOverTime";
import { Problem } from "../ui/Problem";
import { useAsked } from "../ui/useAsked";
import "../styles/cards.css";
import "../styles/summary.css";
import "../styles/account.css";

/** An account with a call that runs is asked for again after so long. */
const AGAIN_MS = 20_000;

export default function AccountView({ account }: { account: string }) {
  return <OneAccount key={account} name={account} />;
}

function OneAccount({ name }: { name: string }) {
  const { api } = useShared();
  const { t } = useTranslation("account");
  const { value: found, problem, waiting, again } = useAsked(useCallback(() => api.account(name), [api, name]));
  const live = found?.calls.some((one) => one.live) ?? false;
  useEffect(() => {
    if (!live || waiting) return;
    const timer = window.setTimeout(again, AGAIN_MS);
    return () => window.clearTimeout(timer);
  }, [live, waiting, again]);
  const missing = problem instanceof ApiError && problem.status === 404;
  return (
    <main id="content" tabIndex={-1} className="page accounts">
      <nav className="account-links" aria-label={t("list")}><a href={written({ view: "accounts" })}>{t("toList")}</a></nav>
      {missing && <p className="empty">{t("unknown", { account: name })}</p>}
      {problem !== null && !missing && <Problem error={problem} onAgain={again} />}
      {found === null ? waiting && <p className="quiet" aria-busy="true">{t("readingOne")}</p> : <Everything account={found} />}
    </main>
  );
}

function Everything({ account }: { account: Account }) {
  const { t } = useTranslation("terms");
  const marks = useMemo(() => timeline(account), [account]);
  return (
    <>
      <header className="page-head">
        <h2>{account.account}</h2>
        <p className="quiet">{t("callCount", { count: account.calls.length })} · {t("needCount", { count: account.needs.length })}</p>
      </header>
      <NeedsOverTime marks={marks} />
      <AccountNeeds needs={account.needs} />
      <AccountPeople people={account.people} />
      <AccountCalls calls={account.calls} />
    </>
  );
}
