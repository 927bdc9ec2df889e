import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { AccountField } from "./AccountField";
import type { Known } from "./useAccounts";

/** The recogniser speaks some hundred; these are asked for most. Others are detected. */
const LANGUAGES = ["en", "zh", "de", "fr", "es", "it", "pt", "nl", "pl", "ja", "ko"];
const MOST_NAME = 200;

export interface Who {
  account: string;
  rep: string;
  customers: string[];
  language: string;
}

interface Props {
  who: Who;
  known: Known;
  onWho(who: Who): void;
  /** A recording names its people by channel. */
  people: boolean;
}

export function WhoStep({ who, known, onWho, people }: Props) {
  const { t, i18n } = useTranslation("start");
  const id = useId();
  const names = new Intl.DisplayNames([i18n.language], { type: "language" });
  const change = (part: Partial<Who>) => onWho({ ...who, ...part });
  return (
    <section className="start-step" aria-labelledby={id}>
      <h3 id={id}>{t("who.title")}</h3>
      <AccountField account={who.account} onAccount={(account) => change({ account })} />
      {people && (
        <>
          <div className="start-field">
            <label htmlFor={`${id}-rep`}>{t("who.you")}</label>
            <input id={`${id}-rep`} data-testid="rep" maxLength={MOST_NAME} autoComplete="name" value={who.rep} onChange={(event) => change({ rep: event.target.value })} />
          </div>
          <Customers customers={who.customers} known={known} onCustomers={(customers) => change({ customers })} />
        </>
      )}
      <div className="start-field">
        <label htmlFor={`${id}-language`}>{t("who.language")}</label>
        <select id={`${id}-language`} data-testid="spoken-language" value={who.language} onChange={(event) => change({ language: event.target.value })}>
          <option value="auto">{t("who.auto")}</option>
          {LANGUAGES.map((code) => <option key={code} value={code}>{names.of(code)}</option>)}
        </select>
      </div>
    </section>
  );
}

function Customers({ customers, known, onCustomers }: { customers: string[]; known: Known; onCustomers: (names: string[]) => void }) {
  const { t } = useTranslation("start");
  const [name, setName] = useState("");
  const id = useId();
  const earlier = known.is === "known" ? known.view.people.filter((one) => one.role === "customer").map((one) => one.speaker) : [];
  const given = name.trim();
  const toggle = (one: string) => onCustomers(customers.includes(one) ? customers.filter((other) => other !== one) : [...customers, one]);
  const add = () => {
    if (given && !customers.includes(given)) onCustomers([...customers, given]);
    setName("");
  };
  return (
    <fieldset className="start-field">
      <legend>{t("who.customers")}</legend>
      <div className="chips">
        {[...new Set([...earlier, ...customers])].map((one) => (
          <button key={one} type="button" className="chip" aria-pressed={customers.includes(one)} title={one} onClick={() => toggle(one)}>
            <span>{one}</span>
          </button>
        ))}
      </div>
      <form className="start-add" onSubmit={(event) => { event.preventDefault(); add(); }}>
        <label htmlFor={id} className="sr">{t("who.add")}</label>
        <input id={id} data-testid="add-person" maxLength={MOST_NAME} autoComplete="off" placeholder={t("who.add")} value={name} onChange={(event) => setName(event.target.value)} />
        <button disabled={!given}>{t("who.addButton")}</button>
      </form>
      {customers.length > 1 && <p className="quiet small">{t("who.shared")}</p>}
    </fieldset>
  );
}
