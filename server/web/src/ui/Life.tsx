import { useTranslation } from "react-i18next";
import type { Picture } from "../state";
import { disputed, moment } from "../text";
import type { WireNeed, WireStatusChange } from "../wire";
import { SameAs } from "./SameAs";
import type { Corrections } from "./useCorrections";

interface Props {
  picture: Picture;
  need: WireNeed;
  corrections: Corrections;
  /** The list of needs that this one may be the same as is open. */
  joining: boolean;
  onJoining(open: boolean): void;
  onScrollTo(utteranceId: string): void;
}

const STATUSES: readonly WireNeed["status"][] = ["open", "addressed", "confirmed", "withdrawn", "resolved"];

/** What became of a need, by whose words, and a person's say in it. */
export function Life({ picture, need, corrections, joining, onJoining, onScrollTo }: Props) {
  const { t } = useTranslation(["corrections", "terms"]);
  const when = (one: WireStatusChange) => {
    const started_at = need.mentions.find((mention) => mention.call_id === one.call_id)?.started_at ?? null;
    return moment({ ...one, started_at }, picture.call.call_id);
  };
  return (
    <section className="life" aria-label={t("life.title")} data-testid="life">
      <h4>
        {t("life.status")}
        {corrections.may ? (
          <select
            aria-label={t("life.status")}
            value={need.status}
            disabled={corrections.busy}
            onChange={(event) => corrections.setStatus(need.need_id, event.target.value as WireNeed["status"])}
          >
            {STATUSES.map((one) => <option key={one} value={one}>{t(`terms:status.${one}`)}</option>)}
          </select>
        ) : (
          <span>{t(`terms:status.${need.status}`)}</span>
        )}
        {corrections.may && !joining && (
          <button className="small" data-testid="same" title={t("life.sameHint")} onClick={() => onJoining(true)}>{t("life.same")} <kbd>m</kbd></button>
        )}
      </h4>
      {joining && (
        <SameAs
          picture={picture}
          need={need}
          onClose={() => onJoining(false)}
          onJoin={(otherId) => {
            corrections.join(need.need_id, otherId);
            onJoining(false);
          }}
        />
      )}
      {need.disputed_by.length > 0 && <p className="disputed" data-testid="disputed">{disputed(need.disputed_by)}</p>}
      {need.changes.map((one) => <Step key={one.change_id} change={one} when={when(one)} corrections={corrections} onScrollTo={onScrollTo} />)}
    </section>
  );
}

function Step({ change, when, corrections, onScrollTo }: { change: WireStatusChange; when: string; corrections: Corrections; onScrollTo(utteranceId: string): void }) {
  const { t } = useTranslation(["corrections", "terms", "common"]);
  const { utterance_id, text, speaker } = change;
  return (
    <p className="step">
      <span className={`state ${change.status}`}>{t(`terms:status.${change.status}`)}</span>{" "}
      {utterance_id === null ? (
        <span>{t("life.by", { author: change.decided_by })}</span>
      ) : (
        <button className="link words" onClick={() => onScrollTo(utterance_id)}>{t("life.quoted", { text, speaker, when })}</button>
      )}
      {corrections.may && <button className="link" onClick={() => corrections.undo(change.change_id)}>{t("common:undo")}</button>}
    </p>
  );
}
