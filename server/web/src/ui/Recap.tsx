import { useState } from "react";
import { useTranslation } from "react-i18next";
import { titleOf, useShared } from "../context";
import { isLate, recapOf, type Recap as Told, type Told as ToldNeed } from "../recap";
import type { Picture } from "../state";
import { clock } from "../text";
import { Dots } from "./bits";
import { Status } from "./Say";
import { useFormat } from "./useFormat";
import "../styles/cards.css";
import "../styles/recap.css";

const SHOWN = { open: 8, answered: 5, names: 12 } as const;
const KEY = "needgraph.recapped";

interface Props {
  picture: Picture;
  onShow(utteranceId: string): void;
}

/** For who opens a running call late: what happened so far. Gone once it is closed, and after a reload. */
export function Recap({ picture, onShow }: Props) {
  const callId = picture.call.call_id;
  const [shown, show] = useState(() => {
    if (seen().includes(callId)) return false;
    const late = isLate(picture, Date.now());
    if (!late) remember(callId);
    return late;
  });
  if (!shown || picture.ended) return null;
  const close = () => {
    remember(callId);
    show(false);
  };
  return <Panel recap={recapOf(picture, Date.now())} onClose={close} onShow={onShow} />;
}

function Panel({ recap, onClose, onShow }: { recap: Told; onClose(): void; onShow: Props["onShow"] }) {
  const { t } = useTranslation("recap");
  const format = useFormat();
  const { speakers, open, answered, last, names } = recap;
  return (
    <section className="recap" aria-labelledby="recap-title" data-testid="recap" onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <header>
        <h2 id="recap-title">{t("title")}</h2>
        <button className="icon" aria-label={t("close")} onClick={onClose}>×</button>
      </header>
      <p>{t("running", { count: speakers.length, length: format.length(recap.lengthMs), names: format.list(speakers) })}</p>
      {open.length + answered.length === 0 && <p className="quiet">{t("noNeeds")}</p>}
      <Needs title={t("open")} told={open} most={SHOWN.open} onShow={onShow} />
      <Needs title={t("answered")} told={answered} most={SHOWN.answered} onShow={onShow} />
      {last && (
        <div>
          <h3>{t("last")}</h3>
          <p><button className="link words" onClick={() => onShow(last.utterance.utterance_id)}>“{last.text}”</button> <cite>{last.utterance.speaker}, {clock(last.utterance.start_ms)}</cite></p>
        </div>
      )}
      {names.length > 0 && (
        <div>
          <h3>{t("names")}</h3>
          <p className="recap-names">{names.slice(0, SHOWN.names).map((one) => <span key={`${one.type} ${one.name}`}>{one.name} <span className="quiet">{t("times", { count: one.times })}</span></span>)}</p>
        </div>
      )}
    </section>
  );
}

function Needs({ title, told, most, onShow }: { title: string; told: ToldNeed[]; most: number; onShow: Props["onShow"] }) {
  const { t } = useTranslation("recap");
  const { labels } = useShared();
  if (told.length === 0) return null;
  return (
    <div>
      <h3>{title} <span className="quiet">{told.length}</span></h3>
      <ul>
        {told.slice(0, most).map(({ need, mention }) => (
          <li key={need.need_id} className={need.kind}>
            <span className="recap-type">{titleOf(labels, need.type)} <Dots kind={need.kind} strength={need.strength} />{need.status !== "open" && <Status status={need.status} />}</span>
            <button className="link words" onClick={() => onShow(mention.utterance_id)}>“{mention.text}”</button> <cite>{mention.speaker}, {clock(mention.start_ms)}</cite>
          </li>
        ))}
      </ul>
      {told.length > most && <p className="quiet">{t("more", { count: told.length - most })}</p>}
    </div>
  );
}

function seen(): string[] {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]") as string[];
  } catch {
    return [];
  }
}

const KEPT = 50;

function remember(callId: string): void {
  sessionStorage.setItem(KEY, JSON.stringify([...seen().filter((one) => one !== callId), callId].slice(-KEPT)));
}
