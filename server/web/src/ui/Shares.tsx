import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Share } from "../bodies";
import { useShared } from "../context";
import { share, shares, unshare, type PageLanguage } from "../moments";
import { copied } from "../saving";
import { CopyByHand } from "./CopyByHand";
import { Problem } from "./Problem";
import { useAsked } from "./useAsked";
import { useFormat } from "./useFormat";

const DAYS = [1, 7, 30] as const;
const LANGUAGES: readonly PageLanguage[] = ["en", "zh"];

/** Links to the summary for whoever holds them. */
export function Shares({ callId }: { callId: string }) {
  const { api, me, say, fail } = useShared();
  const { t } = useTranslation("summary");
  const { value: out, problem, again } = useAsked(useCallback(() => shares(api, callId), [api, callId]));
  const [fresh, setFresh] = useState<Share | null>(null);
  const may = me?.can.includes("call") ?? true;
  const revoke = (one: Share) => unshare(api, one.share_id).then(() => {
    if (fresh?.share_id === one.share_id) setFresh(null);
    say(t("revoked"));
    again();
  }, fail);
  return (
    <section className="block shares" aria-labelledby="share-title" data-testid="shares">
      <h3 id="share-title">{t("share")}</h3>
      <p className="quiet">{t("shareLead")}</p>
      {may && <NewShare callId={callId} onMade={(made) => {
        setFresh(made);
        again();
      }} />}
      {fresh?.path && <Fresh key={fresh.share_id} url={`${location.origin}${fresh.path}`} />}
      {problem !== null && <Problem error={problem} onAgain={again} />}
      {out && (out.length === 0 ? <p className="quiet">{t("noLinks")}</p> : (
        <>
          <h4>{t("links")}</h4>
          <ul className="share-list">{out.map((one) => <li key={one.share_id}><OneShare share={one} {...(may ? { onRevoke: () => void revoke(one) } : {})} /></li>)}</ul>
        </>
      ))}
    </section>
  );
}

function NewShare({ callId, onMade }: { callId: string; onMade(made: Share): void }) {
  const { api, fail } = useShared();
  const { t, i18n } = useTranslation("summary");
  const [days, setDays] = useState<number>(7);
  const [language, setLanguage] = useState<PageLanguage>(i18n.language.startsWith("zh") ? "zh" : "en");
  const [busy, setBusy] = useState(false);
  const make = () => {
    setBusy(true);
    share(api, callId, { days, language }).then(onMade, fail).finally(() => setBusy(false));
  };
  return (
    <div className="tools">
      <label>{t("validFor")} <select value={days} onChange={(event) => setDays(Number(event.target.value))}>{DAYS.map((count) => <option key={count} value={count}>{t("days", { count })}</option>)}</select></label>
      <label>{t("language")} <select value={language} onChange={(event) => setLanguage(event.target.value as PageLanguage)}>{LANGUAGES.map((one) => <option key={one} value={one}>{t(`reads.${one}`)}</option>)}</select></label>
      <button className="primary" disabled={busy} data-testid="make-share" onClick={make}>{t("make")}</button>
    </div>
  );
}

/** A link that was just made: its secret is told this once. */
function Fresh({ url }: { url: string }) {
  const { say } = useShared();
  const { t } = useTranslation("summary");
  const [byHand, setByHand] = useState(false);
  const copy = async () => {
    if (await copied(url)) say(t("copied"));
    else setByHand(true);
  };
  return (
    <div className="notice fresh" role="status">
      <p>{t("made")}</p>
      <p><code data-testid="share-url">{url}</code> <button onClick={() => void copy()}>{t("copyLink")}</button></p>
      {byHand && <CopyByHand text={url} onClose={() => setByHand(false)} />}
    </div>
  );
}

function OneShare({ share: one, onRevoke }: { share: Share; onRevoke?: () => void }) {
  const { t } = useTranslation("summary");
  const format = useFormat();
  return (
    <>
      <span>{t("by", { author: one.author, when: format.moment(one.made_at) })}</span>
      <span>{t("expires", { when: format.moment(one.expires_at) })}</span>
      <span className="quiet">{t("opened", { count: one.opened })}</span>
      {onRevoke && <button className="link" onClick={onRevoke}>{t("revoke")}</button>}
    </>
  );
}
