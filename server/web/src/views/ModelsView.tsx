import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api";
import { titleOf, useShared } from "../context";
import type { Adapter, Adapters, LabelRow, Metrics, Suspect, TrainingRun } from "../types";
import { locale } from "../words";
import { CardBudget } from "../ui/CardBudget";
import { LabelTypes } from "./LabelTypes";

const POLL_MS = 1000;

export default function ModelsView() {
  const { t } = useTranslation("models");
  const { api, me, say, fail } = useShared();
  const [found, setFound] = useState<Adapters | null>(null);
  const [run, setRun] = useState<TrainingRun | null>(null);
  const [labels, setLabels] = useState<LabelRow[] | null>(null);
  const [gate, setGate] = useState<string | null>(null);
  const load = useCallback(() => {
    api.adapters().then(setFound, fail);
    api.training().then(setRun, fail);
    api.labels().then(setLabels, () => undefined);
  }, [api, fail]);
  useEffect(load, [load]);
  useEffect(() => {
    if (run?.state !== "running") return;
    const timer = window.setTimeout(() => api.training().then((next) => {
      setRun(next);
      if (next.state !== "running") api.adapters().then(setFound, fail);
    }, () => setRun({ ...run })), POLL_MS);
    return () => window.clearTimeout(timer);
  }, [api, run, fail]);

  const mayTrain = me?.can.includes("train") ?? false;
  const act = (done: Promise<{ champion: string }>, text: string) => {
    setGate(null);
    done.then(() => {
      say(text);
      load();
    }, (error: unknown) => {
      if (error instanceof ApiError && error.status === 409) setGate(error.message);
      else fail(error);
    });
  };
  const promote = (id: string) => act(api.promote(id), t("inUse", { id }));
  const count = labels?.filter((row) => !row.undone).length;
  return (
    <main id="content" tabIndex={-1} className="page">
      <div className="page-head">
        <h2>{t("title")}</h2>
        <p className="quiet">{t("about")}</p>
      </div>
      {found && !found.training.available && (
        <div className="notice">
          <p>{t("notInstalled", { size: found.training.size })}</p>
          <pre>{found.training.install}</pre>
        </div>
      )}
      <div className="tools">
        <button
          className="primary"
          data-testid="train"
          disabled={!found?.training.available || !mayTrain || run?.state === "running" || !count}
          onClick={() => api.train().then(() => api.training()).then(setRun, fail)}
        >
          {t("train", { count: count ?? 0 })}
        </button>
        <button data-testid="rollback" disabled={!mayTrain || !found || found.adapters.length < 2} onClick={() => act(api.rollback(), t("rolledBack"))}>{t("rollback")}</button>
        {count === 0 && <span className="quiet">{t("nothing")}</span>}
        {me && !mayTrain && <span className="quiet">{t("mayNot")}</span>}
      </div>
      {run && run.state !== "idle" && <Training run={run} {...(mayTrain && run.candidate && run.candidate !== found?.champion ? { onPromote: promote } : {})} />}
      {gate !== null && (
        <div className="notice problem" role="alert">
          <p>{t("gate")}</p>
          <ul>{gate.split("\n").map((reason) => <li key={reason}>{reason}</li>)}</ul>
        </div>
      )}
      {found ? <Table adapters={found.adapters} {...(mayTrain ? { onPromote: promote } : {})} /> : <p className="quiet" aria-busy="true">{t("reading")}</p>}
      <LabelTypes mayChange={mayTrain} />
      <CardBudget mayChange={mayTrain} />
    </main>
  );
}

function Training({ run, onPromote }: { run: TrainingRun; onPromote?: (id: string) => void }) {
  const { t } = useTranslation("models");
  if (run.state === "running") {
    return (
      <div className="notice" role="status">
        <p>{t("training", { message: run.message || t("preparing") })}</p>
        <progress {...(run.progress === null ? {} : { value: run.progress })} max={1} aria-label={t("progress")} />
      </div>
    );
  }
  if (run.state === "failed") return <div className="notice problem" role="alert"><p>{t("failed", { message: run.message })}</p></div>;
  return (
    <div className="notice">
      <p>
        {t("candidate")} <code>{run.candidate ?? t("noCandidate")}</code> {t("unseen")}
        {onPromote && run.candidate && <button className="primary" data-testid="promote" onClick={() => onPromote(run.candidate ?? "")}>{t("promote")}</button>}
      </p>
      {run.before && run.after && <Comparison columns={[[t("floor"), run.floor], [t("base"), run.base], [t("champion"), run.before], [t("candidate"), run.after]]} />}
      {run.warnings && run.warnings.length > 0 && <ul>{run.warnings.map((one) => <li key={one}>{one}</li>)}</ul>}
      {run.suspects && run.suspects.length > 0 && <Suspects rows={run.suspects} />}
      {run.reasons && run.reasons.length > 0 && <ul className="problem">{run.reasons.map((reason) => <li key={reason}>{reason}</li>)}</ul>}
    </div>
  );
}

const shown = (value: number | null | undefined) => (typeof value === "number" ? String(Math.round(value * 1000) / 1000) : "–");

/** Figures side by side; the last column is the one that is judged, against the one before it. */
function Comparison({ columns }: { columns: [string, Metrics | null | undefined][] }) {
  const { t } = useTranslation("models");
  const there = columns.filter((one): one is [string, Metrics] => Boolean(one[1]));
  const names = [...new Set(there.flatMap(([, figures]) => Object.keys(figures)))];
  return (
    <table className="numbers">
      <thead><tr><th>{t("metric")}</th>{there.map(([title]) => <th key={title}>{title}</th>)}<th>{t("change")}</th></tr></thead>
      <tbody>
        {names.map((name) => {
          const [was, is] = there.slice(-2).map(([, figures]) => figures[name]);
          const change = typeof was === "number" && typeof is === "number" ? is - was : null;
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              {there.map(([title, figures]) => <td key={title}>{shown(figures[name])}</td>)}
              <td>{change !== null && change > 0 ? "+" : ""}{shown(change)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const SHOWN_SUSPECTS = 8;

function Suspects({ rows }: { rows: Suspect[] }) {
  const { t } = useTranslation("models");
  const { labels } = useShared();
  return (
    <details>
      <summary>{t("suspects", { count: rows.length })}</summary>
      <ul>
        {rows.slice(0, SHOWN_SUSPECTS).map((one, at) => (
          <li key={at}>
            {t("suspect", { call: one.call_id, turn: one.turn, labelled: one.labelled === null ? t("labelledNothing") : titleOf(labels, one.labelled), instead: titleOf(labels, one.instead) })}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Table({ adapters, onPromote }: { adapters: Adapter[]; onPromote?: (id: string) => void }) {
  const { t } = useTranslation("models");
  const names = [...new Set(adapters.flatMap((one) => Object.keys(one.metrics ?? {})))];
  return (
    <div className="table-scroll" role="region" tabIndex={0} aria-label={t("adapter")}>
      <table className="numbers">
        <thead><tr><th>{t("adapter")}</th><th>{t("state")}</th><th>{t("from")}</th><th>{t("made")}</th>{names.map((name) => <th key={name}>{name}</th>)}<th><span className="sr">{t("promote")}</span></th></tr></thead>
        <tbody>
          {adapters.map((one) => (
            <tr key={one.adapter_id} className={one.state}>
              <th scope="row"><code>{one.adapter_id}</code></th>
              <td><span className={`state ${one.state}`}>{t(`states.${one.state}`)}</span></td>
              <td>{one.parent ?? "–"}</td>
              <td>{one.created_at ? new Date(one.created_at).toLocaleDateString(locale()) : "–"}</td>
              {names.map((name) => <td key={name}>{shown(one.metrics?.[name])}</td>)}
              <td>{one.state !== "champion" && onPromote && <button className="link" onClick={() => onPromote(one.adapter_id)}>{one.state === "candidate" ? t("promote") : t("useAgain")}</button>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
