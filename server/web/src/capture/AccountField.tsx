import { useId, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { AccountLine } from "../bodies";
import { useAccounts } from "./useAccounts";

const MOST_SHOWN = 8;
const MOST_NAME = 200;

/** A name with suggestions; any other name is a new account. */
export function AccountField({ account, onAccount }: { account: string; onAccount: (account: string) => void }) {
  const { t } = useTranslation("start");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const found = useAccounts(account.trim()).slice(0, MOST_SHOWN);
  const id = useId();
  const isOpen = open && found.length > 0;

  const choose = (one: AccountLine) => {
    onAccount(one.account);
    setOpen(false);
    setActive(-1);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = found[active];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive((at) => (found.length === 0 ? -1 : (at + step + found.length) % found.length));
    } else if (event.key === "Enter" && isOpen && chosen) {
      event.preventDefault();
      choose(chosen);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      setOpen(false);
    }
  };

  return (
    <div className="start-field suggesting">
      <label htmlFor={id}>{t("who.account")}</label>
      <input
        id={id} data-testid="account" role="combobox" autoComplete="off" maxLength={MOST_NAME} value={account}
        aria-expanded={isOpen} aria-controls={`${id}-list`} aria-autocomplete="list" aria-describedby={`${id}-hint`}
        aria-activedescendant={isOpen && active >= 0 ? `${id}-${active}` : undefined}
        onChange={(event) => { onAccount(event.target.value); setOpen(true); setActive(-1); }}
        onFocus={() => setOpen(true)} onBlur={() => setOpen(false)} onKeyDown={onKeyDown}
      />
      <ul id={`${id}-list`} role="listbox" aria-label={t("who.accounts")} className="suggestions" hidden={!isOpen}>
        {found.map((one, at) => (
          // Before the field loses the focus, which would close the list.
          <li key={one.account} id={`${id}-${at}`} role="option" aria-selected={at === active} onPointerDown={(event) => { event.preventDefault(); choose(one); }}>
            <span className="suggestion-name">{one.account}</span>
            <span className="quiet">{t("who.line", { count: one.calls })}, {t("who.needs", { count: one.needs })}</span>
          </li>
        ))}
      </ul>
      <p id={`${id}-hint`} className="quiet small">{t("who.accountHint")}</p>
    </div>
  );
}
