import { titleOf, useShared } from "../context";
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
  const need = selection.needId ? picture.needs[selection.needId] : undefined;
  const signal = selection.signalId ? picture.signals[selection.signalId] : undefined;
  return (
    <aside className="pane details" aria-label="Details" data-testid="details" id="details" tabIndex={-1}>
      <h2 className="pane-title">
        Details
        {(need ?? signal) && <button className="icon" aria-label="Close details" onClick={() => onSelect({})}>×</button>}
      </h2>
      <div className="scroll">
        {need || signal ? <Chosen {...props} need={need} signal={signal} /> : <Nothing gone={Boolean(selection.needId ?? selection.signalId)} />}
      </div>
    </aside>
  );
}

function Nothing({ gone }: { gone: boolean }) {
  if (gone) return <p className="quiet hint">This signal was taken out of the graph. Press <kbd>u</kbd> to bring your last correction back.</p>;
  return (
    <div className="quiet hint">
      <p>Choose a need, a hesitation or underlined words to see what was said and what answers it.</p>
      <p><kbd>j</kbd> <kbd>k</kbd> walk through the signals, <kbd>?</kbd> lists all keys.</p>
    </div>
  );
}

function Chosen(props: Props & { need: WireNeed | undefined; signal: SignalEvent | undefined }) {
  const { picture, need, signal, editing, corrections, onEditing } = props;
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
          action="Save"
          busy={corrections.busy}
          onCancel={() => onEditing(false)}
          onDone={async (choice) => {
            if (await corrections.correct(signal, choice)) onEditing(false);
          }}
        />
      )}
      {signal && !editing && <Judge {...props} signal={signal} />}
      {need && <Life picture={picture} need={need} corrections={corrections} onScrollTo={props.onScrollTo} />}
      {need && <Links {...props} need={need} />}
    </>
  );
}

function Heading({ need, signal }: { need: WireNeed | undefined; signal: SignalEvent | undefined }) {
  const { labels } = useShared();
  const kind = signal?.kind ?? need?.kind ?? "need";
  const type = signal?.signal_type ?? need?.type ?? "";
  const strength = signal?.strength ?? need?.strength ?? 1;
  const hint = labels?.types.find((one) => one.type === type && one.kind === kind)?.hint;
  return (
    <header className={`chosen-head ${kind}`}>
      <p className="kind">{kind}</p>
      <h3>{titleOf(labels, type)} <Dots kind={kind} strength={strength} /></h3>
      {hint && <p className="quiet">{hint}</p>}
    </header>
  );
}

function Said({ picture, need, signal, corrections, onSelect, onScrollTo }: Props & { need: WireNeed | undefined; signal: SignalEvent | undefined }) {
  const mentions: Pick<WireMention, "call_id" | "signal_id" | "utterance_id" | "text" | "speaker" | "start_ms" | "strength" | "started_at">[] = [...(need?.mentions ?? [])];
  const spokenText = picture.utterances.find((one) => one.utterance_id === signal?.utterance_id)?.text ?? "";
  if (signal && !mentions.some((one) => one.signal_id === signal.id)) {
    mentions.push({ ...signal, signal_id: signal.id, text: quote(spokenText, signal), started_at: picture.call.started_at });
  }
  return (
    <section className="said" aria-label="Said">
      {mentions.map((one) => (
        <blockquote key={one.signal_id} className={one.signal_id === signal?.id ? "current" : ""}>
          <button
            onClick={() => {
              onSelect({ signalId: one.signal_id, ...(need ? { needId: need.need_id } : {}) });
              onScrollTo(one.utterance_id);
            }}
          >
            <span className="words">“{one.text}”</span>
            <cite>
              {one.speaker}, {moment(one, picture.call.call_id)}
              {need && need.mentions.length > 1 && <Dots kind={need.kind} strength={one.strength} />}
            </cite>
          </button>
          {need && need.mentions.length > 1 && corrections.may && (
            <button
              className="link apart"
              disabled={corrections.busy}
              onClick={() => corrections.part(need.need_id, callOf(need, one.signal_id), one.signal_id)}
            >
              Another want
            </button>
          )}
        </blockquote>
      ))}
      {signal && (
        <p className="quiet facts">
          confidence {percent(signal.confidence)}{signal.young && ", a young type"} · adapter {signal.adapter_id}
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

const VERDICTS: Record<string, string> = { confirm: "Confirmed", correct: "Corrected", refuse: "Refused", add: "Added" };

function Judge({ picture, signal, corrections, onEditing }: Props & { signal: SignalEvent }) {
  const verdict = verdictOn(picture, signal.id);
  const { busy, may } = corrections;
  return (
    <section className="judge" aria-label="Your verdict">
      {verdict && (
        <p className={`verdict ${verdict.verdict}`}>
          {VERDICTS[verdict.verdict] ?? verdict.verdict} by {verdict.author}
          <button className="link" disabled={!may} onClick={() => corrections.undo(verdict.annotation_id)}>Undo</button>
        </p>
      )}
      {may ? (
        <div className="actions">
          <button data-testid="confirm" disabled={busy || verdict?.verdict === "confirm"} onClick={() => corrections.confirm(signal)}>Confirm <kbd>c</kbd></button>
          <button data-testid="correct" disabled={busy} onClick={() => onEditing(true)}>Correct <kbd>e</kbd></button>
          <button data-testid="refuse" disabled={busy} onClick={() => corrections.refuse(signal)}>Refuse <kbd>x</kbd></button>
        </div>
      ) : (
        <p className="quiet">Your role may look, not correct.</p>
      )}
    </section>
  );
}

function Links({ picture, need, selection, corrections, onSelect }: Props & { need: WireNeed }) {
  const links = bestLinks(need);
  const signalId = selection.signalId ?? need.mentions.at(-1)?.signal_id ?? "";
  return (
    <section className="links" aria-label="What answers it">
      <h4>What answers it</h4>
      {links.length === 0 && (
        <p className="quiet">
          {need.linked
            ? "No good match: nothing imported is close enough to be shown."
            : picture.ended ? "The linker did not get to this one." : "Looking…"}
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
