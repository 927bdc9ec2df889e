import { useState, type CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import { sureness, stay } from "../cards";
import { titleOf, useShared } from "../context";
import type { Outcome } from "../moments";
import { clock } from "../text";
import type { WireCard } from "../wire";
import { Dots } from "./bits";
import { Say } from "./Say";
import type { CardActions } from "./useCards";
import { useFormat } from "./useFormat";

const ANSWERS: readonly [Outcome, "right" | "wrong" | "later", string][] = [
  ["used", "right", "1"], ["dismissed", "wrong", "2"], ["later", "later", "3"],
];

interface Props {
  card: WireCard;
  actions: CardActions;
  /** How strong the need is, when the graph knows. */
  strength?: number;
  onShow(utteranceId: string): void;
}

/** What to say, why, where from, and one key each for right, wrong and later. */
export function Card({ card, actions, strength, onShow }: Props) {
  const { t } = useTranslation("cards");
  const { labels } = useShared();
  return (
    <article className={`card ${card.kind}${card.link.may_say === false ? " must-not" : ""}`} data-testid="card" aria-label={card.link.title}>
      <TimeLeft card={card} />
      <header>
        <span className="card-type">{titleOf(labels, card.need_type)}</span>
        {strength !== undefined && <Dots kind={card.kind} strength={strength} />}
        <span className="quiet">{t(`sure.${sureness(card.confidence)}`)}{card.returned && `, ${t("returned")}`}</span>
      </header>
      <What card={card} />
      <Why card={card} onShow={onShow} />
      <Source card={card} />
      {actions.may && (
        <div className="card-answers">
          {ANSWERS.map(([outcome, name, key]) => (
            <button key={outcome} data-testid={`card-${name}`} aria-keyshortcuts={key} disabled={actions.sending.has(card.card_id)} onClick={() => actions.answer(card, outcome)}>
              {t(name)} <kbd>{key}</kbd>
            </button>
          ))}
        </div>
      )}
    </article>
  );
}

function What({ card: { link } }: { card: WireCard }) {
  const { t } = useTranslation(["cards", "terms"]);
  return (
    <div className="card-what">
      <p className="card-say">
        <span className="item-kind">{t(`terms:item.${link.kind}`)}</span>
        <Say maySay={link.may_say} />
      </p>
      <h3>{link.title}</h3>
      {link.evidence && <p className="card-evidence">{link.evidence}</p>}
    </div>
  );
}

function Why({ card, onShow }: { card: WireCard; onShow(utteranceId: string): void }) {
  const { t } = useTranslation("cards");
  const time = clock(card.start_ms);
  return (
    <p className="card-why">
      <span className="quiet">{t("why")}</span>
      <button className="link" title={t("showWords", { speaker: card.speaker, time })} onClick={() => onShow(card.utterance_id)}>“{card.text}”</button>
      <cite>{card.speaker}, {time}</cite>
    </p>
  );
}

function Source({ card: { link } }: { card: WireCard }) {
  const { t } = useTranslation("cards");
  const format = useFormat();
  const age = link.updated_at === null ? null : format.age(link.updated_at, Date.now());
  return (
    <p className="card-source">
      <code>{link.id}{link.section !== null && ` / ${link.section}`}</code>
      {age === null || link.updated_at === null ? <span>{t("changedUnknown")}</span> : <time dateTime={link.updated_at}>{t("changed", { age })}</time>}
      {link.may_say === null && <span>{t("notSaid")}</span>}
    </p>
  );
}

/** A thin line that grows shorter until the card goes; none with reduced motion. */
function TimeLeft({ card }: { card: WireCard }) {
  const [{ total, over }] = useState(() => stay(card, Date.now()));
  if (total === 0) return null;
  return <i className="card-time" aria-hidden="true" style={{ "--stays": `${total}ms`, "--over": `-${over}ms` } as CSSProperties} />;
}
