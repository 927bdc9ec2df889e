import { useCallback, useEffect, useState } from "react";
import { ApiError } from "../api";
import { titleOf, useShared } from "../context";
import type { Adapter, Adapters, LabelRow, Metrics, Suspect, TrainingRun } from "../types";
import { CardBudget } from "../ui/CardBudget";
import { LabelTypes } from "./LabelTypes";

const POLL_MS = 1000;

export default function ModelsView() {
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
  const promote = (id: string) => act(api.promote(id), `${id} is in use now`);
  const count = labels?.filter((row) => !row.undone).length;
  return (
    <main className="page">
      <div className="page-head">
        <h2>Models</h2>
        <p className="quiet">An adapter learns from your corrections; a promoted one is taken into use between two utterances.</p>
      </div>
      {found && !found.training.available && (
        <div className="notice">
          <p>Training is not installed. One command adds it ({found.training.size}):</p>
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
          Train on {count ?? "…"} corrections
        </button>
        <button data-testid="rollback" disabled={!mayTrain || !found || found.adapters.length < 2} onClick={() => act(api.rollback(), "Rolled back to the one before")}>Roll back</button>
        {count === 0 && <span className="quiet">There is nothing to learn from yet: correct some signals first.</span>}
        {me && !mayTrain && <span className="quiet">Your role may not train.</span>}
      </div>
      {run && run.state !== "idle" && <Training run={run} {...(mayTrain && run.candidate && run.candidate !== found?.champion ? { onPromote: promote } : {})} />}
      {gate !== null && (
        <div className="notice problem" role="alert">
          <p>Not promoted: the gate said no.</p>
          <ul>{gate.split("\n").map((reason) => <li key={reason}>{reason}</li>)}</ul>
        </div>
      )}
      {found ? <Table adapters={found.adapters} {...(mayTrain ? { onPromote: promote } : {})} /> : <p className="quiet" aria-busy="true">Reading the adapters…</p>}
      <LabelTypes mayChange={mayTrain} />
      <CardBudget mayChange={mayTrain} />
    </main>
  );
}

function Training({ run, onPromote }: { run: TrainingRun; onPromote?: (id: string) => void }) {
  if (run.state === "running") {
    return (
      <div className="notice" role="status">
        <p>Training: {run.message || "preparing"}</p>
        <progress {...(run.progress === null ? {} : { value: run.progress })} max={1} aria-label="Training progress" />
      </div>
    );
  }
  if (run.state === "failed") return <div className="notice problem" role="alert"><p>Training failed: {run.message}</p></div>;
  return (
    <div className="notice">
      <p>
        Candidate <code>{run.candidate ?? "none"}</code> on calls it has not seen
        {onPromote && run.candidate && <button className="primary" data-testid="promote" onClick={() => onPromote(run.candidate ?? "")}>Promote</button>}
      </p>
      {run.before && run.after && <Comparison columns={[["Floor", run.floor], ["Base", run.base], ["Champion", run.before], ["Candidate", run.after]]} />}
      {run.warnings && run.warnings.length > 0 && <ul>{run.warnings.map((one) => <li key={one}>{one}</li>)}</ul>}
      {run.suspects && run.suspects.length > 0 && <Suspects rows={run.suspects} />}
      {run.reasons && run.reasons.length > 0 && <ul className="problem">{run.reasons.map((reason) => <li key={reason}>{reason}</li>)}</ul>}
    </div>
  );
}

const shown = (value: number | null | undefined) => (typeof value === "number" ? String(Math.round(value * 1000) / 1000) : "–");

/** Figures side by side; the last column is the one that is judged, against the one before it. */
function Comparison({ columns }: { columns: [string, Metrics | null | undefined][] }) {
  const there = columns.filter((one): one is [string, Metrics] => Boolean(one[1]));
  const names = [...new Set(there.flatMap(([, figures]) => Object.keys(figures)))];
  return (
    <table className="numbers">
      <thead><tr><th>Metric</th>{there.map(([title]) => <th key={title}>{title}</th>)}<th>Change</th></tr></thead>
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
  const { labels } = useShared();
  return (
    <details>
      <summary>{rows.length} {rows.length === 1 ? "label" : "labels"} to look at again</summary>
      <ul>
        {rows.slice(0, SHOWN_SUSPECTS).map((one, at) => (
          <li key={at}>
            call {one.call_id}, turn {one.turn}: labelled {one.labelled === null ? "nothing" : titleOf(labels, one.labelled)}, reads like {titleOf(labels, one.instead)}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Table({ adapters, onPromote }: { adapters: Adapter[]; onPromote?: (id: string) => void }) {
  const names = [...new Set(adapters.flatMap((one) => Object.keys(one.metrics ?? {})))];
  return (
    <div className="table-scroll">
      <table className="numbers">
        <thead><tr><th>Adapter</th><th>State</th><th>From</th><th>Made</th>{names.map((name) => <th key={name}>{name}</th>)}<th><span className="sr">Promote</span></th></tr></thead>
        <tbody>
          {adapters.map((one) => (
            <tr key={one.adapter_id} className={one.state}>
              <th scope="row"><code>{one.adapter_id}</code></th>
              <td><span className={`state ${one.state}`}>{one.state === "champion" ? "in use" : one.state}</span></td>
              <td>{one.parent ?? "–"}</td>
              <td>{one.created_at ? new Date(one.created_at).toLocaleDateString() : "–"}</td>
              {names.map((name) => <td key={name}>{shown(one.metrics?.[name])}</td>)}
              <td>{one.state !== "champion" && onPromote && <button className="link" onClick={() => onPromote(one.adapter_id)}>{one.state === "candidate" ? "Promote" : "Use again"}</button>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
