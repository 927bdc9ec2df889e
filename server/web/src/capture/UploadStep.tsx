import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { go } from "../route";
import type { Role } from "./plan";
import { recordings, useUpload, type Upload } from "./recording";
import type { Who } from "./WhoStep";

interface Voice {
  role: Role;
  speaker: string;
}

const MOST_CHANNELS = 8;
const MOST_NAME = 200;

export function UploadStep({ who }: { who: Who }) {
  const upload = useUpload();
  return upload ? <Progress upload={upload} /> : <Form who={who} />;
}

function Form({ who }: { who: Who }) {
  const { t } = useTranslation("start");
  const [file, setFile] = useState<File | null>(null);
  const [voices, setVoices] = useState<Voice[]>([{ role: "rep", speaker: who.rep }, { role: "customer", speaker: "" }]);
  const [knew, setKnew] = useState(false);
  const [keep, setKeep] = useState(false);
  const [problems, setProblems] = useState<string[]>([]);
  const id = useId();
  const change = (at: number, part: Partial<Voice>) => setVoices(voices.map((one, other) => (other === at ? { ...one, ...part } : one)));

  const send = () => {
    const found = [
      ...(file ? [] : [t("file.missingFile")]),
      ...(voices.every((one) => one.speaker.trim()) ? [] : [t("file.missingName")]),
      ...(knew ? [] : [t("file.missingKnew")]),
    ];
    setProblems(found);
    if (!file || found.length > 0) return;
    const consent = { given: keep ? ["transcript" as const, "audio" as const] : ["transcript" as const], wording: t(keep ? "file.wordingKept" : "file.wording") };
    recordings.send(file, who.account.trim(), who.language, voices.map((one) => ({ role: one.role, speaker: one.speaker.trim(), consent })));
  };
  return (
    <section className="start-step" aria-labelledby={id}>
      <h3 id={id}>{t("file.title")}</h3>
      <Drop file={file} onFile={setFile} />
      <p className="quiet small">{t("file.channels")}</p>
      <ol className="channels">
        {voices.map((one, at) => (
          <li key={at}>
            <span className="channel-number">{t("file.channel", { number: at + 1 })}</span>
            <label className="sr" htmlFor={`${id}-role-${at}`}>{t("file.role")}</label>
            <select id={`${id}-role-${at}`} value={one.role} onChange={(event) => change(at, { role: event.target.value as Role })}>
              <option value="rep">{t("file.rep")}</option>
              <option value="customer">{t("file.customer")}</option>
            </select>
            <label className="sr" htmlFor={`${id}-name-${at}`}>{t("file.name")}</label>
            <input id={`${id}-name-${at}`} data-testid="voice" maxLength={MOST_NAME} placeholder={t("file.name")} value={one.speaker} onChange={(event) => change(at, { speaker: event.target.value })} />
            {voices.length > 1 && <button type="button" className="icon" aria-label={t("file.removeChannel", { number: at + 1 })} onClick={() => setVoices(voices.filter((_, other) => other !== at))}>×</button>}
          </li>
        ))}
      </ol>
      {voices.length < MOST_CHANNELS && <button type="button" className="link" onClick={() => setVoices([...voices, { role: "customer", speaker: "" }])}>{t("file.addChannel")}</button>}
      <label className="tick"><input type="checkbox" data-testid="knew" checked={knew} onChange={(event) => setKnew(event.target.checked)} /> {t("file.knew")}</label>
      <label className="tick"><input type="checkbox" checked={keep} onChange={(event) => setKeep(event.target.checked)} /> {t("file.keep")}</label>
      {problems.length > 0 && <div role="alert" className="notice problem"><ul>{problems.map((one) => <li key={one}>{one}</li>)}</ul></div>}
      <button type="button" className="primary big" data-testid="send" onClick={send}>{t("file.send")}</button>
    </section>
  );
}

function Drop({ file, onFile }: { file: File | null; onFile: (file: File) => void }) {
  const { t, i18n } = useTranslation("start");
  const [over, setOver] = useState(false);
  const id = useId();
  const megabytes = (bytes: number) => new Intl.NumberFormat(i18n.language, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 }).format(bytes / 1e6);
  const take = (files: FileList | null) => {
    const first = files?.[0];
    if (first) onFile(first);
  };
  return (
    <div
      className={over ? "drop over" : "drop"}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => { event.preventDefault(); setOver(false); take(event.dataTransfer.files); }}
    >
      <p>{file ? t("file.chosen", { name: file.name, size: megabytes(file.size) }) : t("file.drop")}</p>
      <label className="drop-choose" htmlFor={id}>{t("file.choose")}</label>
      <input id={id} data-testid="file" className="sr" type="file" accept="audio/*,video/*,.ogg,.opus,.wav,.mp3,.m4a,.flac,.webm,.mp4" onChange={(event) => take(event.target.files)} />
    </div>
  );
}

function Progress({ upload }: { upload: Upload }) {
  const { t } = useTranslation("start");
  const { state, callId } = upload;
  const isBusy = state === "sending" || state === "reading";
  const said = upload.fault ? t(`file.${upload.fault}`) : upload.message;
  return (
    <section className="start-step" data-testid="upload" data-state={state}>
      <h3>{t("file.title")}</h3>
      <p role="status">{t(`file.${state}`)}</p>
      {isBusy && <progress max={1} value={upload.progress} aria-label={t(`file.${state}`)} />}
      {said && <p className={state === "failed" ? "problem" : "quiet"}>{said}</p>}
      <div className="start-row">
        {callId !== null && <button type="button" onClick={() => go({ view: "call", callId })}>{t("show")}</button>}
        {isBusy && <button type="button" onClick={() => void recordings.cancel()}>{t("cancel", { ns: "common" })}</button>}
        {!isBusy && <button type="button" onClick={() => recordings.forget()}>{t("file.another")}</button>}
      </div>
    </section>
  );
}
