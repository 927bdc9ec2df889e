import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useShared } from "../context";
import type { ImportReport } from "../types";

const FORMATS: Record<string, string> = {
  jsonl: "JSON Lines", "label-studio": "Label Studio", doccano: "doccano", prodigy: "Prodigy", iob2: "IOB2",
};

/** Labels out to a file and in from one. */
export function Exchange({ mayImport, onImported }: { mayImport: boolean; onImported: () => void }) {
  const { api, fail } = useShared();
  const { t } = useTranslation("review");
  const [format, setFormat] = useState("jsonl");
  const [report, setReport] = useState<ImportReport | null>(null);
  const picker = useRef<HTMLInputElement>(null);

  const save = () => api.exportLabels(format).then((file) => {
    const address = URL.createObjectURL(file);
    const link = Object.assign(document.createElement("a"), { href: address, download: `labels.${format === "jsonl" ? "jsonl" : `${format}.txt`}` });
    link.click();
    URL.revokeObjectURL(address);
  }, fail);
  const take = (file: File | undefined) => {
    if (!file) return;
    api.importLabels(format, file).then((found) => {
      setReport(found);
      onImported();
    }, fail);
  };
  return (
    <>
      <span className="exchange">
        <select aria-label={t("exchange.format")} value={format} onChange={(event) => setFormat(event.target.value)}>
          {Object.entries(FORMATS).map(([id, name]) => <option key={id} value={id}>{name}</option>)}
        </select>
        <button onClick={() => void save()}>{t("exchange.export")}</button>
        {mayImport && <button onClick={() => picker.current?.click()}>{t("exchange.import")}</button>}
        <input
          ref={picker}
          type="file"
          hidden
          onChange={(event) => {
            take(event.target.files?.[0]);
            event.target.value = "";
          }}
        />
      </span>
      {report && (
        <div className="report" role="status">
          <p>
            {t("exchange.report", { taken: report.taken, refused: report.rejected.length })}
            <button className="icon" aria-label={t("exchange.close")} onClick={() => setReport(null)}>×</button>
          </p>
          {report.rejected.length > 0 && (
            <ul>{report.rejected.map((one, at) => <li key={at}>{t("exchange.line", { line: one.line })}{one.field && <>, <code>{one.field}</code></>}: {one.reason}</li>)}</ul>
          )}
        </div>
      )}
    </>
  );
}
