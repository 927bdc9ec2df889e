import { useCallback, useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { CallSummaryPage } from "../bodies";
import { useShared } from "../context";
import { callSummary } from "../moments";
import { written } from "../route";
import { ExportBar } from "../ui/ExportBar";
import { Figures } from "../ui/Figures";
import { NextSteps } from "../ui/NextSteps";
import { Problem } from "../ui/Problem";
import { Shares } from "../ui/Shares";
import { SummaryNeeds } from "../ui/SummaryNeeds";
import { TalkFigures } from "../ui/TalkFigures";
import { useAsked } from "../ui/useAsked";
import { useFormat } from "../ui/useFormat";
import "../styles/cards.css";
import "../styles/summary.css";

/** How often the summary of a call that still runs is asked for again. */
const AGAIN_MS = 10_000;

export default function SummaryView({ callId }: { callId: string }) {
  return <Summary key={callId} callId={callId} />;
}

function Summary({ callId }: { callId: string }) {
  const { api } = useShared();
  const { t } = useTranslation("summary");
  const { value: page, problem, waiting, again } = useAsked(useCallback(() => callSummary(api, callId), [api, callId]));
  const running = page !== null && !page.ended;
  useEffect(() => {
    if (!running || waiting) return;
    const timer = window.setTimeout(again, AGAIN_MS);
    return () => window.clearTimeout(timer);
  }, [running, waiting, again]);
  return (
    <main id="content" tabIndex={-1} className="page summary">
      {problem !== null && <Problem error={problem} onAgain={again} />}
      {page === null ? waiting && <p className="quiet" aria-busy="true">{t("reading")}</p> : <Page page={page} />}
    </main>
  );
}

function Page({ page }: { page: CallSummaryPage }) {
  const { t } = useTranslation("summary");
  const nothing = page.needs.length === 0 && page.next_steps.length === 0;
  return (
    <>
      <Head page={page} />
      {!page.ended && <p className="notice" role="status">{t("running")}</p>}
      {nothing && page.duration_ms === 0 ? <p className="empty">{t("empty")}</p> : (
        <>
          <SummaryNeeds page={page} />
          <NextSteps page={page} />
        </>
      )}
      {page.metrics && <TalkFigures metrics={page.metrics} />}
      {page.cards && (
        <section className="block figures-block" aria-labelledby="cards-title">
          <h3 id="cards-title">{t("cards")} <span className="quiet">{t("onlyYou")}</span></h3>
          {page.cards.shown === 0 ? <p className="quiet">{t("cardsNone")}</p> : <Figures figures={page.cards} />}
        </section>
      )}
      <Shares callId={page.call_id} />
    </>
  );
}

function Head({ page }: { page: CallSummaryPage }) {
  const { t } = useTranslation("summary");
  const format = useFormat();
  return (
    <header className="page-head summary-head">
      <h2>{t("ofCall", { account: page.account, when: format.moment(page.started_at) })}</h2>
      <p className="quiet">
        {t("length", { length: format.length(page.duration_ms) })}
        {page.channels.map((one, at) => <span key={one.channel} className={`voice s${at % 6}`}>{one.speaker}</span>)}
      </p>
      <nav className="summary-links" aria-label={t("title")}>
        <a href={written({ view: "call", callId: page.call_id })}>{t("openCall")}</a>
        <a href={written({ view: "account", account: page.account })}>{t("openAccount")}</a>
      </nav>
      <ExportBar callId={page.call_id} />
    </header>
  );
}
