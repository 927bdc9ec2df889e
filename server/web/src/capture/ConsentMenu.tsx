import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ConsentScope } from "./consent";
import { running, type Captured } from "./running";

/** What each channel's people agreed to, and the way to take it back while the call runs. */
export function ConsentMenu({ channels }: { channels: readonly Captured[] }) {
  const { t } = useTranslation("start");
  const [failed, setFailed] = useState(false);
  const give = (channel: string, given: ConsentScope[]) =>
    void running.consent(channel, given).then(() => setFailed(false), () => setFailed(true));
  return (
    <details className="consent-menu" data-testid="consent-menu">
      <summary>{t("bar.consent")}</summary>
      <div className="consent-panel">
        {channels.map(({ channel, speaker, consent }) => (
          <div key={channel} role="group" aria-label={t("bar.consentOf", { name: speaker })}>
            <p className="consent-name">{speaker}</p>
            {consent.given.length === 0 ? (
              <p className="quiet small">{t("bar.withdrawn")}</p>
            ) : (
              <div className="start-row">
                {consent.given.includes("audio") && <button onClick={() => give(channel, ["transcript"])}>{t("bar.dropAudio")}</button>}
                <button data-testid={`withdraw-${channel}`} onClick={() => give(channel, [])}>{t("bar.dropAll")}</button>
              </div>
            )}
          </div>
        ))}
        {failed && <p role="alert" className="problem small">{t("bar.withdrawFailed")}</p>}
      </div>
    </details>
  );
}
