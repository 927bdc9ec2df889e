import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { earlierCards, pauseAt } from "../cards";
import { cardUp, type Picture } from "../state";
import { Card } from "./Card";
import { EarlierCards } from "./EarlierCards";
import { SnoozeMenu } from "./SnoozeMenu";
import { useCards, type CardActions } from "./useCards";
import { useFormat } from "./useFormat";
import { useKeys } from "./useKeys";
import "../styles/cards.css";

interface Props {
  picture: Picture;
  /** Show the words of an utterance. */
  onShow(utteranceId: string): void;
}

/** The one card that is up, in its one place; below it earlier ones and the pause. Takes no room and never the focus. */
export function Cards({ picture, onShow }: Props) {
  const { t } = useTranslation("cards");
  const actions = useCards(picture);
  const card = cardUp(picture);
  const answerable = card !== null && actions.may;
  useKeys(answerable ? {
    1: () => actions.answer(card, "used"),
    2: () => actions.answer(card, "dismissed"),
    3: () => actions.answer(card, "later"),
  } : {});
  return (
    <aside className="cards" aria-label={t("region")} data-testid="cards">
      {card && picture.ended === null && <Card key={card.card_id} card={card} actions={actions} onShow={onShow} {...strengthOf(picture, card.need_id)} />}
      <CardsFoot picture={picture} actions={actions} onShow={onShow} />
      <News picture={picture} />
    </aside>
  );
}

function CardsFoot({ picture, actions, onShow }: Props & { actions: CardActions }) {
  const { t } = useTranslation("cards");
  const [open, setOpen] = useState<"earlier" | "pause" | null>(null);
  const earlier = earlierCards(picture);
  const live = picture.ended === null;
  const paused = usePause(picture);
  if (!live && earlier.length === 0) return null;
  const turn = (what: "earlier" | "pause") => setOpen(open === what ? null : what);
  return (
    <div className="cards-foot" onKeyDown={(event) => {
      if (event.key !== "Escape" || open === null) return;
      event.stopPropagation();
      setOpen(null);
    }}>
      {open === "earlier" && <EarlierCards cards={earlier} actions={actions} onShow={onShow} />}
      {open === "pause" && <SnoozeMenu onPause={(minutes) => {
        actions.pause(minutes);
        setOpen(null);
      }} />}
      {live && paused && <Paused pause={paused} actions={actions} />}
      <div className="cards-bar">
        <button aria-expanded={open === "earlier"} onClick={() => turn("earlier")} data-testid="earlier-cards">
          {earlier.length > 0 ? t("earlierCount", { count: earlier.length }) : t("options")}
        </button>
        {live && !paused && actions.may && <button aria-expanded={open === "pause"} onClick={() => turn("pause")} data-testid="pause-cards">{t("pause")}</button>}
      </div>
    </div>
  );
}

/** The pause that holds now; it ends by itself. */
function usePause(picture: Picture) {
  const [, wake] = useState(0);
  const pause = pauseAt(picture, Date.now());
  const leftMs = pause && !pause.whole ? pause.leftMs : null;
  useEffect(() => {
    if (leftMs === null) return;
    const timer = window.setTimeout(() => wake((before) => before + 1), leftMs + 50);
    return () => window.clearTimeout(timer);
  }, [leftMs === null, picture.cardsPausedUntil]); // leftMs itself differs in every pass
  return pause;
}

function Paused({ pause, actions }: { pause: NonNullable<ReturnType<typeof pauseAt>>; actions: CardActions }) {
  const { t } = useTranslation("cards");
  const format = useFormat();
  return (
    <p className="cards-paused" data-testid="cards-paused">
      {pause.whole ? t("pausedCall") : t("pausedUntil", { time: format.time(pause.until) })}
      {actions.may && <button className="link" onClick={() => actions.pause(0)}>{t("resume")}</button>}
    </p>
  );
}

/** Tells screen readers of a new card once, politely. */
function News({ picture }: { picture: Picture }) {
  const { t } = useTranslation(["cards", "terms"]);
  const card = cardUp(picture);
  const [news, tell] = useState("");
  const id = card?.card_id;
  useEffect(() => {
    if (!card) return tell("");
    const { may_say, title } = card.link;
    const say = may_say === null ? "" : `${t(may_say ? "terms:maySay" : "terms:doNotSay")}. `;
    tell(t("cards:news", { title, say, speaker: card.speaker, words: card.text }));
  }, [id]); // once for each card
  return <p className="sr" role="status" aria-live="polite">{news}</p>;
}

function strengthOf(picture: Picture, needId: string): { strength?: number } {
  const need = picture.needs[needId];
  return need ? { strength: need.strength } : {};
}
