// Menus with one choice among options that are all known: a native select, and the "more" menu.

import { useEffect, useRef, useState } from "preact/hooks";
import { asText, textAt } from "../../../slack/json.ts";
import { describedBy, labelOf } from "./labels.ts";
import { allOptions, domIdOf, type Option, type Placed, useActs, useHeld } from "./surface.ts";

export function Menu({ placed, options }: { placed: Placed; options: Option[] }) {
  const { pick, isBusy } = useActs(placed);
  const held = useHeld(placed);
  const chosen =
    textAt(held, "selected_option", "value") ??
    asText(held.selected_user) ??
    asText(held.selected_conversation) ??
    asText(held.selected_channel) ??
    "";
  const [value, setValue] = useState(chosen);
  const groups = [...new Set(options.map(({ group }) => group))];
  return (
    <select
      id={domIdOf(placed)}
      aria-label={labelOf(placed)}
      aria-describedby={describedBy(placed)}
      aria-busy={isBusy}
      value={value}
      onChange={({ currentTarget }) => {
        setValue(currentTarget.value);
        void pick(currentTarget.value === "" ? null : currentTarget.value);
      }}
    >
      <option value="">{textAt(placed.element, "placeholder", "text") ?? "Choose…"}</option>
      {groups.map((group) => {
        const shown = options
          .filter((one) => one.group === group)
          .map((one) => (
            <option key={one.value} value={one.value}>
              {one.description === "" ? one.text : `${one.text} – ${one.description}`}
            </option>
          ));
        return group === undefined ? (
          shown
        ) : (
          <optgroup key={group} label={group}>
            {shown}
          </optgroup>
        );
      })}
    </select>
  );
}

/** The three dots: a few further things to do. */
export function Overflow({ placed }: { placed: Placed }) {
  const { pick } = useActs(placed);
  return (
    <PopupMenu
      label="More actions"
      items={allOptions(placed.element).map(({ value, text }) => ({
        text,
        onChoose: () => void pick(value),
      }))}
    />
  );
}

export type MenuItem = { text: string; onChoose: () => void };

/** A button that opens a list of things to do; arrows move, Enter does, Escape closes. */
export function PopupMenu({ label, items }: { label: string; items: MenuItem[] }) {
  const [isOpen, setIsOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const buttons = () => [...(box.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  useEffect(() => {
    if (!isOpen) return;
    buttons()[0]?.focus();
    const outside = ({ target }: Event): void => {
      if (target instanceof Node && !box.current?.contains(target)) setIsOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [isOpen]);
  const close = (): void => {
    setIsOpen(false);
    box.current?.querySelector("button")?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!isOpen) return;
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) all[(at + step + all.length) % all.length]?.focus();
    else if (event.key === "Escape") close();
    else if (event.key === "Tab") setIsOpen(false);
    if (step !== undefined || event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the menu that it holds
    <div class="popup" ref={box} onKeyDown={onKeyDown}>
      <button
        type="button"
        class="icon-button"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        ⋯
      </button>
      {isOpen ? (
        <div class="popup-list" role="menu" aria-label={label}>
          {items.map(({ text, onChoose }) => (
            <button
              key={text}
              type="button"
              role="menuitem"
              onClick={() => {
                close();
                onChoose();
              }}
            >
              {text}
            </button>
          ))}
        </div>
      ) : null}
    </div>
  );
}
