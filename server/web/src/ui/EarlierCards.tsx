import { useTranslation } from "react-i18next";
import { clock } from "../text";
import type { WireCard } from "../wire";
import { Say } from "./Say";
import type { CardActions } from "./useCards";

interface Props {
  cards: WireCard[];
  actions: CardActions;
  onShow(utteranceId: string): void;
}

/** Cards that are no longer up; each can still be called right or wrong. */
export function EarlierCards({ cards, actions, onShow }: Props) {
  const { t } = useTranslation("cards");
  return (
    <section className="cards-panel" aria-label={t("earlier")}>
      <h3>{t("earlier")}</h3>
      {cards.length === 0 && <p className="quiet">{t("noEarlier")}</p>}
      <ul>{cards.map((card) => <li key={card.card_id}><Earlier card={card} actions={actions} onShow={onShow} /></li>)}</ul>
    </section>
  );
}

function Earlier({ card, actions, onShow }: { card: WireCard; actions: CardActions; onShow(utteranceId: string): void }) {
  const { t } = useTranslation("cards");
  const verdicts = [["used", "right"], ["dismissed", "wrong"]] as const;
  return (
    <div className="earlier-card" data-testid="earlier-card">
      <p><b>{card.link.title}</b> <Say maySay={card.link.may_say} /></p>
      <p className="quiet">
        <button className="link" onClick={() => onShow(card.utterance_id)}>“{card.text}”</button> {card.speaker}, {clock(card.start_ms)}
      </p>
      <p className="earlier-judge">
        <span className="quiet">{t(`state.${card.state}`)}</span>
        {actions.may && verdicts.map(([outcome, name]) => (
          <button key={name} aria-pressed={card.state === outcome} disabled={card.state === outcome || actions.sending.has(card.card_id)} onClick={() => actions.answer(card, outcome)}>{t(name)}</button>
        ))}
      </p>
    </div>
  );
}
