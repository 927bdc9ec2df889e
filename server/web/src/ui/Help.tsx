import { useEffect, useRef } from "react";
import { CorrectionKeys } from "./CorrectionKeys";
import { useTranslation } from "react-i18next";

/** Every key of the call view with the word that tells what it does. */
const KEYS = [
  ["j / k", "walk"], ["Enter", "open"], ["c", "confirm"], ["e", "correct"], ["x", "refuse"], ["u", "undo"],
  ["1 / 2 / 3", "card"], ["/", "search"], ["l", "list"], ["↑ ↓ ← →", "arrows"], ["Esc", "escape"], ["?", "help"],
] as const;

export function Help({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["frame", "common"]);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} className="help" aria-labelledby="help-title" onClose={onClose} onClick={(event) => event.target === dialog.current && onClose()}>
      <div className="help-body">
        <h2 id="help-title">{t("frame:keys.title")}</h2>
        <dl>
          {KEYS.map(([key, what]) => (
            <div key={key}><dt><kbd>{key}</kbd></dt><dd>{t(`frame:keys.${what}`)}</dd></div>
          ))}
          <CorrectionKeys />
        </dl>
        <p className="quiet">{t("frame:keys.missed")}</p>
        <button onClick={onClose}>{t("common:close")}</button>
      </div>
    </dialog>
  );
}
