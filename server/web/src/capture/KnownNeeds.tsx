import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { AccountView } from "../bodies";
import { titleOf, useShared } from "../context";
import { Dots } from "../ui/bits";
import { useFormat } from "../ui/useFormat";
import type { Known } from "./useAccounts";

type Need = AccountView["needs"][number];

/** The account's earlier needs, on screen before the first word: what is open first, the strongest first. */
export function KnownNeeds({ known }: { known: Known }) {
  const { t } = useTranslation("start");
  const id = useId();
  return (
    <aside className="start-known" aria-labelledby={id} data-testid="known">
      <h3 id={id}>{t("known.title")}</h3>
      {known.is === "nobody" && <p className="quiet">{t("known.pick")}</p>}
      {known.is === "asking" && <p className="quiet">{t("known.loading")}</p>}
      {known.is === "failed" && <p className="quiet">{t("known.failed")}</p>}
      {(known.is === "new" || (known.is === "known" && known.view.needs.length === 0)) && <p className="quiet">{t("known.none")}</p>}
      {known.is === "known" && known.view.needs.length > 0 && <Needs needs={known.view.needs} />}
    </aside>
  );
}

function Needs({ needs }: { needs: Need[] }) {
  const { t } = useTranslation("start");
  const open = inOrder(needs.filter((one) => one.status === "open"));
  const closed = inOrder(needs.filter((one) => one.status !== "open"));
  return (
    <>
      <p className="quiet small">{t("known.open", { count: open.length })}</p>
      <ul className="known-needs">{open.map((one) => <NeedLine key={one.need_id} need={one} />)}</ul>
      {closed.length > 0 && (
        <details>
          <summary>{t("known.closed", { count: closed.length })}</summary>
          <ul className="known-needs">{closed.map((one) => <NeedLine key={one.need_id} need={one} />)}</ul>
        </details>
      )}
    </>
  );
}

function NeedLine({ need }: { need: Need }) {
  const { t } = useTranslation(["start", "terms"]);
  const format = useFormat();
  const { labels } = useShared();
  const last = need.mentions.at(-1)?.started_at;
  const day = last ? format.date(last) : null;
  return (
    <li className={need.kind}>
      <p className="known-head"><strong>{titleOf(labels, need.type)}</strong> <Dots kind={need.kind} strength={need.strength} /> <span className="quiet">{t(`terms:status.${need.status}`)}</span></p>
      <p className="known-words">{need.label}</p>
      <p className="quiet small">{[format.list(need.raised_by), day].filter(Boolean).join(" · ")}</p>
    </li>
  );
}

function inOrder(needs: Need[]): Need[] {
  return [...needs].sort((one, other) => other.strength - one.strength);
}
