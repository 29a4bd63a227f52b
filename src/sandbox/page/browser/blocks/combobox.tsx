// A menu that is searched by typing: the app's own options, or many to choose among.

import { useEffect, useState } from "preact/hooks";
import { asList, asText, objectsIn, textAt } from "../../../slack/json.ts";
import type { Typed } from "../../shown.ts";
import { describedBy, labelOf } from "./labels.ts";
import { domIdOf, type Option, optionsOf, type Placed, useActs, useHeld } from "./surface.ts";

/** Without `options`, the app is asked for them. */
export function Combobox({ placed, options }: { placed: Placed; options?: Option[] }) {
  const { element } = placed;
  const acts = useActs(placed);
  const held = useHeld(placed);
  const isMany = String(element.type).startsWith("multi_");
  const [chosen, setChosen] = useState<Option[]>(() => chosenIn(held, options ?? []));
  const [text, setText] = useState("");
  const [isOpen, setIsOpen] = useState(false);
  /** The app's answer, and the text that it answers. */
  const [answer, setAnswer] = useState<{ text: string; options: Option[] }>();
  const [active, setActive] = useState(0);
  const least = typeof element.min_query_length === "number" ? element.min_query_length : 3;
  const isTooShort = options === undefined && text.length < least;

  const suggested = answer?.text === text ? answer.options : [];
  const found = isTooShort ? [] : options ? matching(options, text) : suggested;
  const isWaiting = options === undefined && answer?.text !== text;

  useEffect(() => {
    if (!isOpen || isTooShort || options) return;
    const timer = setTimeout(() => {
      void acts.suggest(text).then((suggestions) => setAnswer({ text, options: suggestions }));
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, isOpen]);

  const keep = (next: Option[]): void => {
    setChosen(next);
    const values = next.map(({ value }) => value);
    const typed: Typed = isMany ? values : (values[0] ?? null);
    void acts.pick(typed);
  };
  const choose = (option: Option): void => {
    keep(isMany ? [...chosen.filter(({ value }) => value !== option.value), option] : [option]);
    setText("");
    setIsOpen(false);
  };

  const id = domIdOf(placed);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const option = found[active];
    if (step !== undefined) {
      setIsOpen(true);
      if (found.length > 0) setActive((active + step + found.length) % found.length);
    } else if (event.key === "Enter" && isOpen && option) choose(option);
    else if (event.key === "Escape" && isOpen) setIsOpen(false);
    else if (event.key === "Backspace" && text === "" && chosen.length > 0) {
      keep(chosen.slice(0, -1));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="combobox">
      {chosen.map((option) => (
        <span class="chip" key={option.value}>
          {option.text}
          <button
            type="button"
            aria-label={`Remove ${option.text}`}
            onClick={() => keep(chosen.filter((one) => one !== option))}
          >
            ×
          </button>
        </span>
      ))}
      <input
        id={id}
        role="combobox"
        autocomplete="off"
        aria-label={labelOf(placed)}
        aria-describedby={describedBy(placed)}
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && found[active] ? `${id}-${active}` : undefined}
        aria-busy={acts.isBusy}
        placeholder={textAt(element, "placeholder", "text") ?? "Type to search"}
        value={text}
        onFocus={() => setIsOpen(true)}
        onClick={() => setIsOpen(true)}
        onBlur={() => setIsOpen(false)}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setActive(0);
          setIsOpen(true);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={`${id}-list`} role="listbox" aria-label="Options" hidden={!isOpen}>
        {found.map((option, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled in the input
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the input
          <div
            key={option.value}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(option)}
          >
            {option.group === undefined ? null : <small>{option.group} </small>}
            {option.text}
            {option.description === "" ? null : <small>{option.description}</small>}
          </div>
        ))}
        {isOpen && found.length === 0 ? (
          // biome-ignore lint/a11y/useFocusableInteractive: nothing can be done with it
          <div role="option" aria-selected={false} aria-disabled={true} class="none">
            {isTooShort ? `Type ${least} or more characters` : isWaiting ? "Looking…" : "No match"}
          </div>
        ) : null}
      </div>
    </div>
  );
}

const TYPING_MS = 150;

function matching(options: Option[], text: string): Option[] {
  const wanted = text.toLowerCase();
  return options.filter((one) => one.text.toLowerCase().includes(wanted));
}

function chosenIn(held: Record<string, unknown>, options: Option[]): Option[] {
  const picked = [...objectsIn(held.selected_options), ...objectsIn([held.selected_option])];
  const ids = ["selected_users", "selected_conversations", "selected_channels"]
    .flatMap((key) => asList(held[key]) ?? [])
    .map(asText);
  return [...optionsOf(picked), ...options.filter(({ value }) => ids.includes(value))];
}
