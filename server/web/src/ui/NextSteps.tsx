import { useTranslation } from "react-i18next";
import type { CallSummaryPage, NextStep } from "../bodies";
import { Quote } from "./NeedStory";

const KINDS: readonly NextStep["kind"][] = ["promised", "asked", "unanswered"];

/** What is to be done after a call, each with the words that say so. */
export function NextSteps({ page }: { page: CallSummaryPage }) {
  const { t } = useTranslation("summary");
  return (
    <section className="block" aria-labelledby="steps-title" data-testid="next-steps">
      <h3 id="steps-title">{t("steps")} <span className="quiet">{page.next_steps.length}</span></h3>
      {page.next_steps.length === 0 && <p className="quiet">{t("noSteps")}</p>}
      {KINDS.map((kind) => {
        const steps = page.next_steps.filter((one) => one.kind === kind);
        return steps.length === 0 ? null : (
          <div key={kind} className="steps">
            <h4>{t(`step.${kind}`)}</h4>
            <ul>
              {steps.map((one) => (
                <li key={`${one.utterance_id} ${one.start} ${one.end}`}>
                  <Quote call_id={page.call_id} utterance_id={one.utterance_id} text={one.text} speaker={one.speaker} start_ms={one.start_ms} startedAt={null} />
                  {one.due !== null && <span className="due">{t("due", { due: one.due })}</span>}
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </section>
  );
}
