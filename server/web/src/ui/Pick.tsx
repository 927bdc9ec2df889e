import { useEffect, useId, useRef, useState } from "react";
import { matching, type Option } from "../matching";

interface Props<O extends Option> {
  options: readonly O[];
  /** Chosen so far. */
  value?: string;
  label: string;
  placeholder: string;
  /** Said when nothing matches. */
  none: string;
  /** The list stays open; else it opens while somebody types. */
  always?: boolean;
  autoFocus?: boolean;
  onPick(option: O): void;
}

/** One of many by typing some letters of it, arrows and Enter; or by pressing it. */
export function Pick<O extends Option>({ options, value, label, placeholder, none, always = false, autoFocus = false, onPick }: Props<O>) {
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  const chosen = options.find((one) => one.id === value);
  const [typed, setTyped] = useState<string | null>(null);
  const [open, setOpen] = useState(always || (autoFocus && !chosen));
  const [at, setAt] = useState(0);
  const found = matching(options, typed ?? "");
  const active = found[Math.min(at, found.length - 1)];
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at, open]);

  const pick = (option: O) => {
    setTyped(null);
    setOpen(always);
    onPick(option);
  };
  const unfold = () => {
    if (open) return;
    setAt(Math.max(0, options.findIndex((one) => one.id === value)));
    setOpen(true);
  };
  const press = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return unfold();
      const by = event.key === "ArrowDown" ? 1 : -1;
      setAt((now) => (Math.min(now, found.length - 1) + by + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter" && open) {
      event.preventDefault();
      if (active) pick(active);
    } else if (event.key === "Escape" && open && !always) {
      event.preventDefault();
      event.stopPropagation();
      setTyped(null);
      setOpen(false);
    }
  };
  return (
    <div className="choice-of">
      <input
        role="combobox"
        aria-label={label}
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={open && active ? `${id}-${active.id}` : undefined}
        autoComplete="off"
        spellCheck={false}
        autoFocus={autoFocus}
        placeholder={placeholder}
        value={typed ?? (always ? "" : chosen?.text ?? "")}
        onFocus={(event) => event.target.select()}
        onClick={unfold}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
          setOpen(true);
        }}
        onKeyDown={press}
        onBlur={() => {
          setTyped(null);
          setOpen(always);
        }}
      />
      <ul ref={list} id={`${id}-list`} role="listbox" aria-label={label} hidden={!open}>
        {grouped(found).map(([group, members]) => (
          <li key={group} role="presentation">
            <ul role="group" aria-label={group}>
              <li role="presentation" className="group-name">{group}</li>
              {members.map((one) => (
                <li
                  key={one.id}
                  id={`${id}-${one.id}`}
                  role="option"
                  aria-selected={one === active}
                  className={one.id === value ? "chosen" : ""}
                  // The press comes before the input loses its focus, which would fold the list.
                  onPointerDown={(event) => event.preventDefault()}
                  onClick={() => pick(one)}
                >
                  <span>{one.text}</span>
                  {one.detail && <small>{one.detail}</small>}
                </li>
              ))}
            </ul>
          </li>
        ))}
        {found.length === 0 && <li role="presentation" className="quiet none">{none}</li>}
      </ul>
    </div>
  );
}

function grouped<O extends Option>(options: readonly O[]): [string, O[]][] {
  const groups = new Map<string, O[]>();
  for (const one of options) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  return [...groups];
}
