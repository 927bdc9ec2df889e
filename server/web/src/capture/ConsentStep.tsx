import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { MOST_WORDING, type Participant } from "./consent";
import { useStandard } from "./useStandard";

interface Props {
  people: Participant[];
  /** The notice for everyone; null while it is the standard one. */
  notice: string | null;
  onNotice(notice: string | null): void;
  onPerson(at: number, change: Partial<Participant>): void;
}

export function ConsentStep({ people, notice, onNotice, onPerson }: Props) {
  const { t } = useTranslation("start");
  const standard = useStandard();
  const [copied, setCopied] = useState<"copied" | "notCopied" | null>(null);
  const id = useId();
  const shown = notice ?? standard(people.some((one) => one.audio));
  const copy = () => {
    const done = navigator.clipboard ? navigator.clipboard.writeText(shown) : Promise.reject(new Error("no clipboard"));
    done.then(() => setCopied("copied"), () => setCopied("notCopied"));
  };
  return (
    <section className="start-step" aria-labelledby={id}>
      <h3 id={id}>{t("consent.title")}</h3>
      <p className="quiet">{t("consent.lead")}</p>
      <div className="start-field">
        <label htmlFor={`${id}-notice`}>{t("consent.notice")}</label>
        <textarea id={`${id}-notice`} data-testid="notice" rows={6} maxLength={MOST_WORDING} value={shown} onChange={(event) => onNotice(event.target.value)} />
        <div className="start-row">
          <button type="button" onClick={copy}>{t("consent.copy")}</button>
          {notice !== null && <button type="button" className="link" onClick={() => onNotice(null)}>{t("consent.standard")}</button>}
          <span role="status" className="quiet small">{copied && t(`consent.${copied}`)}</span>
        </div>
      </div>
      <ul className="consents">
        {people.map((one, at) => <Person key={`${one.role}-${at}`} person={one} shown={notice ?? standard(one.audio)} onChange={(change) => onPerson(at, change)} />)}
      </ul>
    </section>
  );
}

function Person({ person, shown, onChange }: { person: Participant; shown: string; onChange: (change: Partial<Participant>) => void }) {
  const { t } = useTranslation("start");
  const id = useId();
  return (
    <li data-testid="consent">
      <fieldset>
        <legend>{person.name}</legend>
        <div className="start-row">
          <label className="tick"><input type="checkbox" data-testid="tick-transcript" checked={person.transcript} onChange={(event) => onChange({ transcript: event.target.checked, audio: event.target.checked && person.audio })} /> {t("consent.transcript")}</label>
          <label className="tick"><input type="checkbox" data-testid="tick-audio" disabled={!person.transcript} checked={person.audio} onChange={(event) => onChange({ audio: event.target.checked })} /> {t("consent.audio")}</label>
          <button type="button" className="link" aria-expanded={person.wording !== null} onClick={() => onChange({ wording: person.wording === null ? shown : null })}>
            {t(person.wording === null ? "consent.own" : "consent.standard")}
          </button>
        </div>
        {person.wording !== null && (
          <>
            <label htmlFor={id} className="sr">{t("consent.ownLabel", { name: person.name })}</label>
            <textarea id={id} rows={4} maxLength={MOST_WORDING} value={person.wording} onChange={(event) => onChange({ wording: event.target.value })} />
          </>
        )}
      </fieldset>
    </li>
  );
}
