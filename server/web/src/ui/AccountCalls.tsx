import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallSummary } from "../bodies";
import { written } from "../route";
import { useFormat } from "./useFormat";

const FIRST = 10;

/** The account's calls, the newest first. */
export function AccountCalls({ calls }: { calls: readonly CallSummary[] }) {
  const { t } = useTranslation(["account", "terms"]);
  const format = useFormat();
  const [all, showAll] = useState(false);
  const ordered = [...calls].sort((a, b) => Date.parse(b.started_at) - Date.parse(a.started_at));
  return (
    <section className="block" aria-labelledby="calls-title" data-testid="account-calls">
      <h3 id="calls-title">{t("account:calls")} <span className="quiet">{calls.length}</span></h3>
      <ul className="account-calls">
        {ordered.slice(0, all ? undefined : FIRST).map((one) => (
          <li key={one.call_id}>
            <a href={written({ view: "call", callId: one.call_id })}>{format.moment(one.started_at)}</a>
            {one.live ? <span className="status live">{t("account:live")}</span> : <a href={written({ view: "summary", callId: one.call_id })}>{t("account:summary")}</a>}
            <span>{t("terms:needCount", { count: one.needs })}</span>
            <span className="quiet">{one.speakers.join(", ")}</span>
          </li>
        ))}
      </ul>
      {!all && calls.length > FIRST && <button className="more" onClick={() => showAll(true)}>{t("account:moreCalls", { count: calls.length })}</button>}
    </section>
  );
}
