import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Mark } from "./bits";
import { LanguagePicker } from "./LanguagePicker";

export function TokenForm({ wrong, onToken }: { wrong: boolean; onToken: (token: string) => void }) {
  const { t } = useTranslation("frame");
  const [token, setToken] = useState("");
  return (
    <main className="token-page">
      <form
        className="token-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim()) onToken(token.trim());
        }}
      >
        <h1><Mark /> needgraph</h1>
        {wrong ? <p role="alert" className="problem">{t("token.unknown")}</p> : <p>{t("token.needed")} <code>#token=ng_…</code></p>}
        <label htmlFor="token">{t("token.label")}</label>
        <input id="token" type="password" autoComplete="off" autoFocus placeholder="ng_…" value={token} onChange={(event) => setToken(event.target.value)} />
        <button className="primary" disabled={!token.trim()}>{t("token.open")}</button>
        <p className="quiet">{t("token.another")} <code>needgraph tokens add --person NAME</code></p>
        <LanguagePicker />
      </form>
    </main>
  );
}
