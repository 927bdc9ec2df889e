import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AnnotationRow } from "../bodies";
import { go } from "../route";
import { signalTold, useShared } from "../context";
import { redone, taken, undone, type Queue } from "../queue";
import { Exchange } from "../ui/Exchange";
import { useFormat } from "../ui/useFormat";
import "../styles/review.css";

const FORMS = ["all", "signal", "link", "merge", "status", "words"] as const;
type Filter = (typeof FORMS)[number];

export default function ReviewView() {
  const { api, me } = useShared();
  const { t } = useTranslation("review");
  const [filter, setFilter] = useState<Filter>("all");
  const { queue, failed, busy, refresh, more, change } = useQueue(filter);
  const may = me?.can.includes("annotate") ?? true;
  return (
    <main id="content" tabIndex={-1} className="page review">
      <div className="page-head">
        <h2>{t("title")}</h2>
        <p className="quiet">{t("about")}</p>
      </div>
      <div className="tools">
        <label>{t("show")} <select value={filter} onChange={(event) => setFilter(event.target.value as Filter)}>{FORMS.map((one) => <option key={one} value={one}>{t(`forms.${one}`)}</option>)}</select></label>
        <button disabled={busy} onClick={refresh}>{t("refresh")}</button>
        <Exchange onImported={refresh} mayImport={may} />
      </div>
      {failed !== null && (
        <div className="notice problem" role="alert"><p>{t("failed")} {failed} <button className="link" onClick={queue ? more : refresh}>{t("again")}</button></p></div>
      )}
      {queue === null && failed === null && <p className="quiet" aria-busy="true">{t("loading")}</p>}
      {queue?.rows.length === 0 && <p className="empty">{t(filter === "all" ? "empty" : "emptyForm")}</p>}
      {queue && queue.rows.length > 0 && (
        <ol className="queue" aria-label={t("list")}>
          {queue.rows.map((row) => (
            <Row
              key={row.annotation_id}
              row={row}
              {...(may ? { onUndo: () => change(row, () => api.undo(row.annotation_id), undone), onRedo: (by: string) => change(row, () => api.undo(by), redone) } : {})}
            />
          ))}
        </ol>
      )}
      {queue && queue.rows.length > 0 && (
        <p className="queue-end quiet">{queue.next === null ? t("end") : <button disabled={busy} onClick={more}>{t(busy ? "loadingMore" : "more")}</button>}</p>
      )}
    </main>
  );
}

/** The rows read so far, page after page; a filter begins anew. */
function useQueue(filter: Filter) {
  const { api, say, fail } = useShared();
  const { t } = useTranslation("review");
  const [queue, setQueue] = useState<Queue | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  // Only the answer to the latest question counts.
  const asked = useRef(0);
  const read = useCallback((before: string | null) => {
    const number = (asked.current += 1);
    setBusy(true);
    setFailed(null);
    api.annotations(before, filter === "all" ? null : filter).then(
      (page) => number === asked.current && setQueue((now) => taken(before === null ? null : now, page)),
      (error: unknown) => number === asked.current && setFailed(error instanceof Error ? error.message : String(error)),
    ).finally(() => number === asked.current && setBusy(false));
  }, [api, filter]);
  useEffect(() => {
    setQueue(null);
    read(null);
  }, [read]);
  const change = (row: AnnotationRow, ask: () => Promise<{ annotation_id: string }>, changed: typeof undone) => {
    ask().then(({ annotation_id }) => {
      setQueue((now) => now && changed(now, row.annotation_id, annotation_id));
      say(t(changed === undone ? "undid" : "redid"));
    }, fail);
  };
  return { queue, failed, busy, refresh: () => read(null), more: () => queue?.next && read(queue.next), change };
}

function Row({ row, onUndo, onRedo }: { row: AnnotationRow; onUndo?: () => void; onRedo?: (by: string) => void }) {
  const { t } = useTranslation(["review", "terms"]);
  const when = useFormat().moment(row.at);
  return (
    <li className={row.undone ? "undone" : ""} data-testid="annotation" data-form={row.form}>
      <span className={`verdict-tag of-${row.form}`}>{t(`form.${row.form}`)}</span>
      <div className="queue-what">
        <p className="queue-words" dir="auto">{row.text}</p>
        <p className="quiet">{row.speaker === null ? row.account : t("said", { speaker: row.speaker, account: row.account })}</p>
      </div>
      <dl className="queue-change">
        <div><dt className="sr">{t("before")}</dt><dd dir="auto"><Before row={row} /></dd></div>
        <span aria-hidden="true">→</span>
        <div><dt className="sr">{t("after")}</dt><dd dir="auto"><After row={row} /></dd></div>
      </dl>
      <p className="quiet queue-by">{t("by", { author: row.author, when })}</p>
      <p className="queue-acts">
        {row.undone && <span className="quiet">{t("undone")}</span>}
        {!row.undone && onUndo && <button className="link" onClick={onUndo}>{t("undo")}</button>}
        {row.undone && row.undone_by !== null && onRedo && <button className="link" onClick={() => onRedo(row.undone_by ?? "")}>{t("redo")}</button>}
        <button className="link" onClick={() => go({ view: "call", callId: row.call_id, ...(row.utterance_id === null ? {} : { at: row.utterance_id }) })}>{t("jump")}</button>
      </p>
    </li>
  );
}

type Status = NonNullable<AnnotationRow["status"]>;

function Before({ row }: { row: AnnotationRow }) {
  const { t } = useTranslation(["review", "terms"]);
  if (!row.before) return <span className="quiet">{t("nothing")}</span>;
  if (row.form === "status") return <span className={`stands ${row.before}`}>{t(`terms:status.${row.before as Status}`)}</span>;
  return row.form === "signal" ? signalTold(row.before) : row.before;
}

function After({ row }: { row: AnnotationRow }) {
  const { t } = useTranslation(["review", "terms"]);
  switch (row.form) {
    case "link":
      return <span className={row.after}>{t(row.after === "right" ? "link.right" : "link.wrong")}</span>;
    case "status":
      return row.status === null ? t("notSo") : <span className={`stands ${row.status}`}>{t(`terms:status.${row.status}`)}</span>;
    case "merge":
      return row.after || t("own");
    case "signal":
      return signalTold(row.after) || t("refused");
    case "words":
      return row.after;
  }
}
