import { useCallback, useEffect, useMemo, useState } from "react";
import { titleOf, useShared } from "../context";
import { quote } from "../text";
import type { Labelled, LabelRow } from "../types";
import { Dots } from "../ui/bits";
import { Exchange } from "../ui/Exchange";

const VERDICTS = ["all", "confirm", "correct", "refuse", "add", "undone"] as const;
type Filter = (typeof VERDICTS)[number];

export default function ReviewView() {
  const { api, me, say, fail } = useShared();
  const [rows, setRows] = useState<LabelRow[] | null>(null);
  const [filter, setFilter] = useState<Filter>("all");
  const [search, setSearch] = useState("");
  const load = useCallback(() => void api.labels().then(setRows, fail), [api, fail]);
  useEffect(load, [load]);
  const shown = useMemo(() => (rows ?? []).filter((row) => matches(row, filter, search.trim().toLowerCase())), [rows, filter, search]);
  const undo = (row: LabelRow) => api.undo(row.annotation_id).then(() => {
    say("Taken back");
    load();
  }, fail);
  return (
    <main className="page">
      <div className="page-head">
        <h2>Review</h2>
        <p className="quiet">Every verdict on a signal, newest first. These are what training learns from.</p>
      </div>
      <div className="tools">
        <label>Show <select value={filter} onChange={(event) => setFilter(event.target.value as Filter)}>{VERDICTS.map((one) => <option key={one}>{one}</option>)}</select></label>
        <input type="search" placeholder="Words, speaker or author" aria-label="Search labels" value={search} onChange={(event) => setSearch(event.target.value)} />
        <span className="quiet">{rows && `${shown.length} of ${rows.length}`}</span>
        <Exchange onImported={load} mayImport={me?.can.includes("annotate") ?? true} />
      </div>
      {rows === null && <p className="quiet" aria-busy="true">Reading the labels…</p>}
      {rows?.length === 0 && <p className="empty">No labels yet. Confirm, correct or refuse a signal in a call, and it is listed here.</p>}
      {shown.length > 0 && (
        <div className="table-scroll">
          <table>
            <thead><tr><th>Verdict</th><th>Words</th><th>Before</th><th>After</th><th>By</th><th>When</th><th><span className="sr">Undo</span></th></tr></thead>
            <tbody>
              {shown.map((row) => (
                <tr key={row.annotation_id} className={row.undone ? "undone" : ""}>
                  <td><span className={`verdict-tag ${row.verdict}`}>{row.verdict}</span></td>
                  <td className="utterance-cell">{row.text}<span className="quiet">{row.speaker}, turn {row.turn}</span></td>
                  <td><Label label={row.before} text={row.text} /></td>
                  <td><Label label={row.after} text={row.text} /></td>
                  <td>{row.author}</td>
                  <td><time dateTime={row.at}>{new Date(row.at).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" })}</time></td>
                  <td>{row.undone ? <span className="quiet">undone</span> : <button className="link" onClick={() => void undo(row)}>Undo</button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </main>
  );
}

function matches(row: LabelRow, filter: Filter, search: string): boolean {
  if (filter === "undone" ? !row.undone : filter !== "all" && row.verdict !== filter) return false;
  return !search || [row.text, row.speaker, row.author].some((one) => one.toLowerCase().includes(search));
}

function Label({ label, text }: { label: Labelled | null; text: string }) {
  const { labels } = useShared();
  if (!label) return <span className="quiet">none</span>;
  return (
    <span className={`label ${label.kind}`}>
      <span className="label-type">{titleOf(labels, label.type)} <Dots kind={label.kind} strength={label.strength} /></span>
      <span className="label-words">{quote(text, label)}</span>
    </span>
  );
}
