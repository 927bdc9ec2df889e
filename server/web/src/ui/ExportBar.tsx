import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useShared } from "../context";
import { exportSummary, type ExportFormat } from "../moments";
import { copied, save } from "../saving";
import { CopyByHand } from "./CopyByHand";

const ENDINGS: Record<ExportFormat, string> = { markdown: "md", html: "html", json: "json" };

/** The summary as a file, on the clipboard or on paper; in the page's language. */
export function ExportBar({ callId }: { callId: string }) {
  const { api, say, fail } = useShared();
  const { t, i18n } = useTranslation("summary");
  const [busy, setBusy] = useState(false);
  const [byHand, setByHand] = useState<string | null>(null);
  const language = i18n.language.startsWith("zh") ? "zh" : "en";

  const get = async (format: ExportFormat, then: (found: { name: string | null; blob: Blob }) => void | Promise<void>) => {
    setBusy(true);
    try {
      await then(await exportSummary(api, callId, format, language));
    } catch (error) {
      fail(error);
    } finally {
      setBusy(false);
    }
  };
  const download = (format: ExportFormat) => get(format, ({ name, blob }) => {
    const file = name ?? `summary-${callId}.${ENDINGS[format]}`;
    save(blob, file);
    say(t("saved", { name: file }));
  });
  const copy = () => get("markdown", async ({ blob }) => {
    const text = await blob.text();
    if (await copied(text)) say(t("copied"));
    else setByHand(text);
  });
  return (
    <>
      <div className="tools export" role="group" aria-label={t("export")}>
        {(Object.keys(ENDINGS) as ExportFormat[]).map((format) => (
          <button key={format} disabled={busy} data-testid={`export-${format}`} onClick={() => void download(format)}>{t(format)}</button>
        ))}
        <button disabled={busy} data-testid="copy-markdown" onClick={() => void copy()}>{t("copy")}</button>
        <button onClick={() => window.print()}>{t("print")}</button>
      </div>
      {byHand !== null && <CopyByHand text={byHand} onClose={() => setByHand(null)} />}
    </>
  );
}
