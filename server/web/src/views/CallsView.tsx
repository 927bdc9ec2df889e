import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { useShared } from "../context";
import { go } from "../route";
import { moveWithin } from "../ui/arrows";
import { useFormat } from "../ui/useFormat";
import { locale } from "../words";
import type { CallSummary } from "../wire";

/** A search waits for the typing to pause. */
const TYPING_MS = 250;

interface Found {
  query: string;
  rows: CallSummary[];
  total: number;
  next: string | null;
}

/** Running calls first, then the newest; the service's own order is kept within both. */
export function liveFirst(rows: readonly CallSummary[]): CallSummary[] {
  return [...rows.filter((one) => one.live), ...rows.filter((one) => !one.live)];
}

export default function CallsView() {
  const { t } = useTranslation("calls");
  const { api } = useShared();
  const [typed, setTyped] = useState("");
  const [found, setFound] = useState<Found | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const asked = useRef(0);
  const load = useCallback((query: string, before: Found | null) => {
    const turn = (asked.current += 1);
    setFailed(null);
    api.calls(query, before?.next ?? null).then(
      (page) => turn === asked.current && setFound({ query, rows: [...(before?.rows ?? []), ...page.calls], total: page.total, next: page.next }),
      (error: unknown) => turn === asked.current && setFailed(error instanceof Error ? error.message : String(error)),
    );
  }, [api]);
  useEffect(() => {
    const timer = window.setTimeout(() => load(typed.trim(), null), typed === "" ? 0 : TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [typed, load]);
  const rows = useMemo(() => liveFirst(found?.rows ?? []), [found]);
  return (
    <main id="content" tabIndex={-1} className="page">
      <div className="page-head">
        <h2>{t("title")}</h2>
        <p className="quiet">{t("about")}</p>
      </div>
      <div className="tools">
        <input type="search" data-testid="calls-search" placeholder={t("search")} aria-label={t("searchLabel")} value={typed} onChange={(event) => setTyped(event.target.value)} />
        <span className="quiet" role="status">{found && t("count", { shown: found.rows.length, total: found.total })}</span>
      </div>
      {failed !== null && (
        <div className="notice problem" role="alert">
          <p>{t("failed")} {failed}</p>
          <button onClick={() => load(typed.trim(), null)}>{t("again")}</button>
        </div>
      )}
      {!found && failed === null && <p className="quiet" aria-busy="true">{t("reading")}</p>}
      {found && rows.length === 0 && <p className="empty">{found.query ? t("notFound") : t("none")}</p>}
      {rows.length > 0 && <Table rows={rows} />}
      {found?.next != null && <button className="more" onClick={() => load(found.query, found)}>{t("more")}</button>}
    </main>
  );
}

function Table({ rows }: { rows: CallSummary[] }) {
  const { t } = useTranslation("calls");
  const format = useFormat();
  return (
    <div className="table-scroll">
      <table className="calls" onKeyDown={byArrows}>
        <thead><tr><th>{t("account")}</th><th>{t("when")}</th><th>{t("speakers")}</th><th>{t("needs")}</th><th><span className="sr">{t("actions")}</span></th></tr></thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.call_id} data-testid="call-row" className={one.live ? "live" : ""}>
              <th scope="row"><button className="link" data-open onClick={() => go({ view: "call", callId: one.call_id })}>{one.account}</button></th>
              <td>{one.live ? <span className="status live">{t("live")}</span> : <time dateTime={one.started_at}>{format.moment(one.started_at)}</time>}</td>
              <td className="quiet">{one.speakers.join(", ")}</td>
              <td>{new Intl.NumberFormat(locale()).format(one.needs)}</td>
              <td>
                <button className="link" onClick={() => go({ view: "summary", callId: one.call_id })} aria-label={`${t("summary")}: ${one.account}`}>{t("summary")}</button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function byArrows(event: KeyboardEvent<HTMLElement>): void {
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-open]")];
  const current = (event.target as HTMLElement).closest("tr")?.querySelector<HTMLElement>("[data-open]");
  const next = current && moveWithin(event.key, rows, current);
  if (!next) return;
  event.preventDefault();
  next.focus();
}
