import { useState } from "react";
import { useShared } from "../context";
import type { Kind, LabelSet, LabelType, NewType, TypeChange } from "../types";

const KINDS: Record<Kind, string> = { need: "Need", hesitation: "Hesitation" };

/** The tenant's own label set: add, rename, describe, retire types. */
export function LabelTypes({ mayChange }: { mayChange: boolean }) {
  const { api, labels, takeLabels, say, fail } = useShared();
  const [adding, setAdding] = useState(false);
  if (!labels) return null;
  const take = (done: Promise<LabelSet>, text: string, then?: () => void) => {
    done.then((set) => {
      takeLabels(set);
      say(text);
      then?.();
    }, fail);
  };
  const change = (one: LabelType, what: TypeChange, text: string) => take(api.changeType(one.type, what), text);
  return (
    <section className="types" aria-labelledby="types-head">
      <div className="section-head">
        <h3 id="types-head">Types of signals</h3>
        <p className="quiet">
          A new type is found once {labels.least_examples} wordings are labelled with it, by how near words come to these; training then teaches it to the adapter.
        </p>
        {mayChange && !adding && <button data-testid="add-type" onClick={() => setAdding(true)}>Add a type</button>}
      </div>
      {adding && <NewTypeForm onAdd={(type) => take(api.addType(type), `${type.title} can be labelled now`, () => setAdding(false))} onCancel={() => setAdding(false)} />}
      <div className="table-scroll">
        <table className="numbers">
          <thead><tr><th>Title</th><th>Kind</th><th>When it applies</th><th>Labels</th><th>State</th><th><span className="sr">Change</span></th></tr></thead>
          <tbody>
            {labels.types.map((one) => <Row key={one.type} one={one} mayChange={mayChange} onChange={change} />)}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface RowProps {
  one: LabelType;
  mayChange: boolean;
  onChange(one: LabelType, what: TypeChange, text: string): void;
}

function Row({ one, mayChange, onChange }: RowProps) {
  const [editing, setEditing] = useState(false);
  const state = one.retired ? "retired" : one.young ? "young" : "in use";
  if (editing) {
    const save = (data: FormData) => {
      onChange(one, { title: String(data.get("title")), hint: String(data.get("hint")) }, "Saved");
      setEditing(false);
    };
    return (
      <tr>
        <td colSpan={6}>
          <form className="inline" action={save} onKeyDown={(event) => event.key === "Escape" && setEditing(false)}>
            <input name="title" aria-label="Title" defaultValue={one.title} required maxLength={40} autoFocus />
            <input name="hint" aria-label="When it applies" className="wide" defaultValue={one.hint} maxLength={200} />
            <button className="primary">Save</button>
            <button type="button" onClick={() => setEditing(false)}>Cancel</button>
          </form>
        </td>
      </tr>
    );
  }
  const retire = one.retired ? "Use again" : "Retire";
  return (
    <tr className={one.retired ? "retired" : ""}>
      <th scope="row">{one.title} {one.title.toLowerCase().replaceAll(" ", "_") !== one.type && <code className="quiet">{one.type}</code>}</th>
      <td>{KINDS[one.kind]}</td>
      <td className="applies">{one.hint}</td>
      <td>{one.examples ?? "–"}</td>
      <td><span className={`state ${state === "in use" ? "champion" : state}`}>{state}</span></td>
      <td>
        {mayChange && (
          <>
            <button className="link" onClick={() => setEditing(true)}>Rename</button>{" "}
            <button className="link" onClick={() => onChange(one, { retired: !one.retired }, one.retired ? `${one.title} is found again` : `${one.title} is found no more; old labels stay`)}>{retire}</button>
          </>
        )}
      </td>
    </tr>
  );
}

/** A key out of a title: what files call the type for ever. */
function keyOf(title: string): string {
  return title.toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "_").replace(/^[_0-9]+|_+$/g, "").slice(0, 40);
}

function NewTypeForm({ onAdd, onCancel }: { onAdd(type: NewType): void; onCancel(): void }) {
  const [kind, setKind] = useState<Kind>("need");
  const [title, setTitle] = useState("");
  const [hint, setHint] = useState("");
  const [key, setKey] = useState<string | null>(null);
  const type = key ?? keyOf(title);
  return (
    <form
      className="inline notice"
      onSubmit={(event) => {
        event.preventDefault();
        onAdd({ type, kind, title: title.trim(), hint: hint.trim() });
      }}
      onKeyDown={(event) => event.key === "Escape" && onCancel()}
    >
      <label>
        Kind
        <select value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
          {Object.entries(KINDS).map(([id, name]) => <option key={id} value={id}>{name}</option>)}
        </select>
      </label>
      <label>Title<input data-testid="type-title" value={title} required maxLength={40} autoFocus placeholder="Languages" onChange={(event) => setTitle(event.target.value)} /></label>
      <label>Key in files<input value={type} required pattern="[a-z][a-z0-9_]{1,39}" onChange={(event) => setKey(event.target.value)} /></label>
      <label className="wide">When it applies<input value={hint} maxLength={200} placeholder="wants it in another language" onChange={(event) => setHint(event.target.value)} /></label>
      <button className="primary">Add</button>
      <button type="button" onClick={onCancel}>Cancel</button>
    </form>
  );
}
