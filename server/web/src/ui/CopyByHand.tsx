import { useTranslation } from "react-i18next";

/** Where the page may not use the clipboard: the words, selected, to copy by hand. */
export function CopyByHand({ text, onClose }: { text: string; onClose(): void }) {
  const { t } = useTranslation(["summary", "common"]);
  return (
    <div className="by-hand">
      <label>{t("summary:copyByHand")}
        <textarea readOnly autoFocus rows={Math.min(10, text.split("\n").length)} value={text} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <button className="link" onClick={onClose}>{t("common:close")}</button>
    </div>
  );
}
