import { useState } from "react";
import { Trans, useTranslation } from "react-i18next";
import { hintOf, titleOf, useShared } from "../context";
import { needHolding } from "../holding";
import { bestLinks } from "../layout";
import { verdictOn, type Picture } from "../state";
import { hedges, moment, quote, timing } from "../text";
import type { Selection } from "../views/CallView";
import type { SignalEvent, WireMention, WireNeed } from "../wire";
import { Dots, percent } from "./bits";
import { Life } from "./Life";
import { LinkCard } from "./LinkCard";
import { SignalForm } from "./SignalForm";
import type { Corrections } from "./useCorrections";
import { useKeys } from "./useKeys";

interface Props {
  picture: Picture;
  selection: Selection;
  editing: boolean;
  corrections: Corrections;
  onSelect(selection: Selection): void;
  onEditing(editing: boolean): void;
  onScrollTo(utteranceId: string): void;
}

export function Details(props: Props) {
  const { picture, selection, onSelect } = props;
  const { t } = useTranslation("corrections");
  const need = needHolding(picture, selection.signalId) ?? (selection.needId ? picture.needs[selection.needId] : undefined);
  const signal = selection.signalId ? picture.signals[selection.signalId] : undefined;
  return (
    <aside className="pane details" aria-label={t("details.title")} data-testid="details" id="details" tabIndex={-1}>
      <h2 className="pane-title">
        {t("details.title")}
        {(need ?? signal) && <button className="icon" aria-label={t("details.close")} onClick={() => onSelect({})}>×</button>}
      </h2>
      <div className="scroll">
        {need || signal ? <Chosen {...props} need={need} signal={signal} /> : <Nothing gone={Boolean(selection.needId ?? selection.signalId)} />}
      </div>
    </aside>
  );
}

function Nothing({ gone }: { gone: boolean }) {
  const { t } = useTranslation("corrections");
  const k = { k: <kbd /> };
  if (gone) return <p className="quiet hint"><Trans t={t} i18nKey="details.gone" components={k} /></p>;
  return (
    <div className="quiet hint">
      <p>{t("details.nothing")}</p>
      <p><Trans t={t} i18nKey="details.keys" components={k} /></p>
    </div>
  );
}

function Chosen(props: Props & { need: WireNeed | undefined; signal: SignalEvent | undefined }) {
  const { picture, selection, need, signal, editing, corrections, onEditing } = props;
  const { t } = useTranslation("corrections");
  // Of which need the list of others is open: choosing another need closes it.
  const [joining, setJoining] = useState<string | null>(null);
  const open = need && bestLinks(need).find(({ key }) => key === selection.itemKey);
  const signalId = selection.signalId ?? need?.mentions.at(-1)?.signal_id;
  const judge = (verdict: "right" | "wrong") => corrections.may && need && open && signalId && corrections.judgeLink(need.need_id, signalId, open.link, verdict);
  useKeys({
    m: () => corrections.may && need && setJoining(need.need_id),
    s: () => corrections.may && need && selection.signalId && need.mentions.length > 1 && corrections.part(need.need_id, callOf(need, selection.signalId), selection.signalId),
    g: () => judge("right"),
    b: () => judge("wrong"),
  });
  const spoken = signal && picture.utterances.find((one) => one.utterance_id === signal.utterance_id);
  return (
    <>
      <Heading need={need} signal={signal} />
      <Said {...props} />
      {signal && spoken && editing && (
        <SignalForm
          key={signal.id}
          text={spoken.text}
          first={{ kind: signal.kind, type: signal.signal_type, strength: signal.strength, start: signal.start, end: signal.end }}
          action={t("act.save")}
          busy={corrections.busy}
          onCancel={() => onEditing(false)}
          onDone={async (choice) => {
            if (await corrections.correct(signal, choice)) onEditing(false);
          }}
        />
      )}
      {signal && !editing && <Judge {...props} signal={signal} />}
      {need && <Life picture={picture} need={need} corrections={corrections} joining={joining === need.need_id} onJoining={(on) => setJoining(on ? need.need_id : null)} onScrollTo={props.onScrollTo} />}
      {need && <Links {...props} need={need} />}
    </>
  );
}

function Heading({ need, signal }: { need: WireNeed | undefined; signal: SignalEvent | undefined }) {
  const { labels } = useShared();
  const { t } = useTranslation("common");
  const kind = signal?.kind ?? need?.kind ?? "need";
  const type = signal?.signal_type ?? need?.type ?? "";
  const strength = signal?.strength ?? need?.strength ?? 1;
  const known = labels?.types.find((one) => one.type === type && one.kind === kind);
  return (
    <header className={`chosen-head ${kind}`}>
      <p className="kind">{t(`kind.${kind}`)}</p>
      <h3>{titleOf(labels, type)} <Dots kind={kind} strength={strength} /></h3>
      {known?.hint && <p className="quiet">{hintOf(known)}</p>}
    </header>
  );
}

function Said({ picture, need, signal, corrections, onSelect, onScrollTo }: Props & { need: WireNeed | undefined; signal: SignalEvent | undefined }) {
  const { t } = useTranslation("corrections");
  const mentions: Pick<WireMention, "call_id" | "signal_id" | "utterance_id" | "text" | "speaker" | "start_ms" | "strength" | "started_at">[] = [...(need?.mentions ?? [])];
  const spokenText = picture.utterances.find((one) => one.utterance_id === signal?.utterance_id)?.text ?? "";
  if (signal && !mentions.some((one) => one.signal_id === signal.id)) {
    mentions.push({ ...signal, signal_id: signal.id, text: quote(spokenText, signal), started_at: picture.call.started_at });
  }
  return (
    <section className="said" aria-label={t("details.said")}>
      {mentions.map((one) => (
        <blockquote key={one.signal_id} className={one.signal_id === signal?.id ? "current" : ""}>
          <button
            onClick={() => {
              onSelect({ signalId: one.signal_id, ...(need ? { needId: need.need_id } : {}) });
              onScrollTo(one.utterance_id);
            }}
          >
            <span className="words" dir="auto">{t("details.quoted", { text: one.text })}</span>
            <cite>
              {t("details.by", { speaker: one.speaker, when: moment(one, picture.call.call_id) })}
              {need && need.mentions.length > 1 && <Dots kind={need.kind} strength={one.strength} />}
            </cite>
          </button>
          {need && need.mentions.length > 1 && corrections.may && (
            <button
              className="link apart"
              title={t("details.anotherHint")}
              disabled={corrections.busy}
              onClick={() => corrections.part(need.need_id, callOf(need, one.signal_id), one.signal_id)}
            >
              {t("details.another")}{one.signal_id === signal?.id && <> <kbd>s</kbd></>}
            </button>
          )}
        </blockquote>
      ))}
      {signal && (
        <p className="quiet facts">
          {t(signal.young ? "details.factsYoung" : "details.facts", { confidence: percent(signal.confidence), adapter: signal.adapter_id })}
        </p>
      )}
      {signal?.cues.map((one) => (
        <p key={one.cue} className="quiet facts">
          {timing(one)}
        </p>
      ))}
      {signal && hedges(spokenText, signal.hedging).map((one) => (
        <p key={one} className="quiet facts">
          {one}
        </p>
      ))}
    </section>
  );
}

function callOf(need: WireNeed, signalId: string): string {
  return need.mentions.find((one) => one.signal_id === signalId)?.call_id ?? "";
}

function Judge({ picture, signal, corrections, onEditing }: Props & { signal: SignalEvent }) {
  const { t } = useTranslation(["corrections", "common"]);
  const verdict = verdictOn(picture, signal.id);
  const { busy, may } = corrections;
  return (
    <section className="judge" aria-label={t("verdict.title")}>
      {verdict && verdict.verdict !== "undo" && (
        <p className={`verdict ${verdict.verdict}`}>
          {t(`verdict.${verdict.verdict}`, { author: verdict.author })}
          <button className="link" disabled={!may} onClick={() => corrections.undo(verdict.annotation_id)}>{t("common:undo")}</button>
        </p>
      )}
      {may ? (
        <div className="actions">
          <button data-testid="confirm" disabled={busy || verdict?.verdict === "confirm"} onClick={() => corrections.confirm(signal)}>{t("act.confirm")} <kbd>c</kbd></button>
          <button data-testid="correct" disabled={busy} onClick={() => onEditing(true)}>{t("act.correct")} <kbd>e</kbd></button>
          <button data-testid="refuse" disabled={busy} onClick={() => corrections.refuse(signal)}>{t("act.refuse")} <kbd>x</kbd></button>
        </div>
      ) : (
        <p className="quiet">{t("verdict.mayNot")}</p>
      )}
    </section>
  );
}

function Links({ picture, need, selection, corrections, onSelect }: Props & { need: WireNeed }) {
  const { t } = useTranslation("corrections");
  const links = bestLinks(need);
  const signalId = selection.signalId ?? need.mentions.at(-1)?.signal_id ?? "";
  return (
    <section className="links" aria-label={t("links.title")}>
      <h4>{t("links.title")}</h4>
      {links.length === 0 && (
        <p className="quiet">
          {need.linked
            ? t("links.none")
            : t(picture.ended ? "links.missed" : "links.looking")}
        </p>
      )}
      {links.map(({ link, key }) => (
        <LinkCard
          key={key}
          link={link}
          open={selection.itemKey === key}
          judged={corrections.linkVerdict(need.need_id, link)}
          onOpen={(open) => onSelect({ ...(selection.signalId ? { signalId: selection.signalId } : {}), needId: need.need_id, ...(open ? { itemKey: key } : {}) })}
          {...(corrections.may && signalId ? { onJudge: (verdict: "right" | "wrong") => corrections.judgeLink(need.need_id, signalId, link, verdict) } : {})}
          onUndo={corrections.undo}
        />
      ))}
    </section>
  );
}
