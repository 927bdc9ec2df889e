import { useState } from "react";
import { useTranslation } from "react-i18next";
import { hintOf, titleOf, useShared } from "../context";
import type { Kind, LabelSet, LabelType, NewType, TypeChange } from "../types";

const KINDS: readonly Kind[] = ["need", "hesitation"];

/** The tenant's own label set: add, rename, describe, retire types. */
export function LabelTypes({ mayChange }: { mayChange: boolean }) {
  const { t } = useTranslation("models");
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
        <h3 id="types-head">{t("types.title")}</h3>
        <p className="quiet">
          {t("types.about", { count: labels.least_examples })}
        </p>
        {mayChange && !adding && <button data-testid="add-type" onClick={() => setAdding(true)}>{t("types.add")}</button>}
      </div>
      {adding && <NewTypeForm onAdd={(type) => take(api.addType(type), t("types.added", { title: type.title }), () => setAdding(false))} onCancel={() => setAdding(false)} />}
      <div className="table-scroll">
        <table className="numbers">
          <thead><tr><th>{t("types.name")}</th><th>{t("types.kind")}</th><th>{t("types.applies")}</th><th>{t("types.labels")}</th><th>{t("types.state")}</th><th><span className="sr">{t("types.change")}</span></th></tr></thead>
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
  const { t } = useTranslation(["models", "terms"]);
  const { labels } = useShared();
  const [editing, setEditing] = useState(false);
  const state = one.retired ? "retired" : one.young ? "young" : "inUse";
  if (editing) {
    const save = (data: FormData) => {
      onChange(one, { title: String(data.get("title")), hint: String(data.get("hint")) }, t("models:types.saved"));
      setEditing(false);
    };
    return (
      <tr>
        <td colSpan={6}>
          <form className="inline" action={save} onKeyDown={(event) => event.key === "Escape" && setEditing(false)}>
            <input name="title" aria-label={t("models:types.name")} defaultValue={one.title} required maxLength={40} autoFocus />
            <input name="hint" aria-label={t("models:types.applies")} className="wide" defaultValue={one.hint} maxLength={200} />
            <button className="primary">{t("models:types.save")}</button>
            <button type="button" onClick={() => setEditing(false)}>{t("models:types.cancel")}</button>
          </form>
        </td>
      </tr>
    );
  }
  const title = titleOf(labels, one.type);
  const retire = one.retired ? t("models:types.again") : t("models:types.retire");
  return (
    <tr className={one.retired ? "retired" : ""}>
      <th scope="row">{title} {one.title.toLowerCase().replaceAll(" ", "_") !== one.type && <code className="quiet">{one.type}</code>}</th>
      <td>{t(`terms:kinds.${one.kind}`)}</td>
      <td className="applies">{hintOf(one)}</td>
      <td>{one.examples ?? "–"}</td>
      <td><span className={`state ${state === "inUse" ? "champion" : state}`}>{t(`models:types.${state}`)}</span></td>
      <td>
        {mayChange && (
          <>
            <button className="link" onClick={() => setEditing(true)}>{t("models:types.rename")}</button>{" "}
            <button className="link" onClick={() => onChange(one, { retired: !one.retired }, t(one.retired ? "models:types.foundAgain" : "models:types.foundNoMore", { title }))}>{retire}</button>
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
  const { t } = useTranslation(["models", "terms"]);
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
        {t("models:types.kind")}
        <select value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
          {KINDS.map((id) => <option key={id} value={id}>{t(`terms:kinds.${id}`)}</option>)}
        </select>
      </label>
      <label>{t("models:types.name")}<input data-testid="type-title" value={title} required maxLength={40} autoFocus placeholder={t("models:types.exampleTitle")} onChange={(event) => setTitle(event.target.value)} /></label>
      <label>{t("models:types.key")}<input value={type} required pattern="[a-z][a-z0-9_]{1,39}" onChange={(event) => setKey(event.target.value)} /></label>
      <label className="wide">{t("models:types.applies")}<input value={hint} maxLength={200} placeholder={t("models:types.exampleHint")} onChange={(event) => setHint(event.target.value)} /></label>
      <button className="primary">{t("models:types.confirm")}</button>
      <button type="button" onClick={onCancel}>{t("models:types.cancel")}</button>
    </form>
  );
}
