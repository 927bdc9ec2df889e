import { useTranslation } from "react-i18next";
import { bestLinks } from "../layout";
import { written } from "../route";
import { clock } from "../text";
import type { WireLink, WireNeed } from "../wire";
import { Say, Status } from "./Say";
import { useFormat } from "./useFormat";

const LINKS_SHOWN = 3;

interface Props {
  need: WireNeed;
  /** Only the words of this call; without it those of all calls, with their dates. */
  callId?: string;
}

/** The words of a need, what became of it and what answers it. */
export function NeedStory({ need, callId }: Props) {
  const { t } = useTranslation("terms");
  const format = useFormat();
  const said = callId === undefined ? need.mentions : need.mentions.filter((one) => one.call_id === callId);
  const steps = need.changes.filter((one) => callId === undefined || one.call_id === callId);
  const links = bestLinks(need).slice(0, LINKS_SHOWN);
  const began = (id: string) => (callId === undefined ? need.mentions.find((one) => one.call_id === id)?.started_at ?? null : null);
  return (
    <div className="story">
      {said.map((one) => <Quote key={one.signal_id} {...one} startedAt={callId === undefined ? one.started_at : null} />)}
      {steps.map((one) => (
        <div key={one.change_id} className="story-step">
          <Status status={one.status} />
          {one.utterance_id !== null && one.text !== null && one.speaker !== null
            ? <Quote call_id={one.call_id} utterance_id={one.utterance_id} text={one.text} speaker={one.speaker} start_ms={one.start_ms} startedAt={began(one.call_id)} />
            : <span className="quiet">{one.decided_by}, {format.date(one.at)}</span>}
        </div>
      ))}
      {need.disputed_by.length > 0 && <p className="quiet">{t("disputed", { names: format.list(need.disputed_by) })}</p>}
      {links.length > 0 ? <ul className="story-links">{links.map(({ link, key }) => <li key={key}><LinkLine link={link} /></li>)}</ul> : need.linked && <p className="quiet">{t("nothing")}</p>}
    </div>
  );
}

interface QuoteProps {
  call_id: string;
  utterance_id: string;
  text: string;
  speaker: string;
  start_ms: number;
  /** When its call began, when the date is to be shown. */
  startedAt: string | null;
}

/** Words that lead to the second of their call. */
export function Quote({ call_id, utterance_id, text, speaker, start_ms, startedAt }: QuoteProps) {
  const { t } = useTranslation("terms");
  const format = useFormat();
  return (
    <blockquote className="said-there">
      <a href={written({ view: "call", callId: call_id, at: utterance_id })} title={t("goThere")}>“{text}”</a>{" "}
      <cite>{speaker}, {startedAt !== null && `${format.date(startedAt)}, `}{clock(start_ms)}</cite>
    </blockquote>
  );
}

function LinkLine({ link }: { link: WireLink }) {
  const { t } = useTranslation(["terms", "cards"]);
  const format = useFormat();
  const age = link.updated_at === null ? null : format.age(link.updated_at, Date.now());
  return (
    <>
      <span className="item-kind">{t(`terms:item.${link.kind}`)}</span> <b>{link.title}</b> <Say maySay={link.may_say} />{" "}
      {age !== null && <span className="quiet">{t("cards:changed", { age })}</span>}
    </>
  );
}
