import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useShared } from "../context";
import type { Item } from "../types";
import type { WireLink } from "../wire";
import { Bar } from "./bits";
import { Say } from "./Say";
import type { LinkJudged } from "./useCorrections";
import { useFormat } from "./useFormat";

interface Props {
  link: WireLink;
  open: boolean;
  judged: LinkJudged | undefined;
  onOpen(open: boolean): void;
  onJudge?: (verdict: "right" | "wrong") => void;
  onUndo(annotationId: string): void;
}

export function LinkCard({ link, open, judged, onOpen, onJudge, onUndo }: Props) {
  const { t } = useTranslation(["corrections", "terms", "common"]);
  const format = useFormat();
  const item = useItem(link);
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (open) card.current?.scrollIntoView({ block: "nearest" });
  }, [open]);
  // The item itself may have changed since it was linked.
  const updated = (typeof item === "object" && (item.updated_at ?? item.created_at)) || link.updated_at;
  const since = updated && format.age(updated, Date.now());
  return (
    <article ref={card} className={`link-card${open ? " open" : ""}`} data-testid="details-link">
      <p className="link-top">
        <span className="item-kind">{t(`terms:item.${link.kind}`)}</span>
        {link.kind === "roadmap" && <Say maySay={link.may_say} />}
        <span className="score" role="img" aria-label={t("links.score", { score: link.score.toFixed(2) })}><Bar value={link.score} />{link.score.toFixed(2)}</span>
      </p>
      <button className="link-title" aria-expanded={open} onClick={() => onOpen(!open)}>{link.title}</button>
      {link.evidence && !open && <p className="evidence">{link.evidence}</p>}
      {open && <FullText item={item} />}
      <p className="source">
        <code>{link.id}{link.section !== null && ` / ${link.section}`}</code>
        {updated && since && <time className="updated" dateTime={updated} title={updated.slice(0, 10)}>{t("links.updated", { ago: since })}</time>}
        {judged ? (
          <span className="judged">{t(`links.judged.${judged.verdict}`)} <button className="link" onClick={() => onUndo(judged.annotationId)}>{t("common:undo")}</button></span>
        ) : onJudge && (
          <span className="judged">
            <button className="link" data-testid="link-right" onClick={() => onJudge("right")}>{t("links.right")}{open && <> <kbd>g</kbd></>}</button>
            <button className="link" data-testid="link-wrong" onClick={() => onJudge("wrong")}>{t("links.wrong")}{open && <> <kbd>b</kbd></>}</button>
          </span>
        )}
      </p>
    </article>
  );
}

function FullText({ item }: { item: Item | "loading" | "failed" }) {
  const { t } = useTranslation("corrections");
  if (item === "loading") return <p className="quiet">{t("links.opening")}</p>;
  if (item === "failed") return <p className="problem">{t("links.failed")}</p>;
  const facts = [item.status && t("links.status", { status: item.status }), item.competitor, item.quarter, ...item.tags].filter(Boolean);
  return (
    <div className="full-text">
      {facts.length > 0 && <p className="quiet">{facts.join(" · ")}</p>}
      <p className="text">{item.text}</p>
      {item.url && /^https?:/.test(item.url) && <a href={item.url} target="_blank" rel="noreferrer noopener">{t("links.source")}</a>}
    </div>
  );
}

const CACHE_LIMIT = 200;
const cache = new Map<string, Item>();

function useItem({ kind, id, section }: WireLink): Item | "loading" | "failed" {
  const { api } = useShared();
  const key = `${kind}:${id}:${section ?? ""}`;
  const [item, setItem] = useState<Item | "loading" | "failed">(cache.get(key) ?? "loading");
  useEffect(() => {
    const known = cache.get(key);
    if (known) return setItem(known);
    let wanted = true;
    api.item(kind, id, section).then((found) => {
      if (cache.size >= CACHE_LIMIT) cache.clear();
      cache.set(key, found);
      if (wanted) setItem(found);
    }, () => wanted && setItem("failed"));
    return () => {
      wanted = false;
    };
  }, [api, key, kind, id, section]);
  return item;
}
