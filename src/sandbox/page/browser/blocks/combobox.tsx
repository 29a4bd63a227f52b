// A menu that is searched by typing: the app's own options, or many to choose among.

import { useEffect, useState } from "preact/hooks";
import { asList, asText, objectsIn, textAt } from "../../../slack/json.ts";
import type { Typed } from "../../page-state.ts";
import { describedBy, labelOf } from "./labels.ts";
import { domIdOf, type Option, optionsOf, type Placed, useActs, useHeld } from "./surface.ts";

/** Without `options`, the app is asked for them. */
export function Combobox({ placed, options }: { placed: Placed; options?: Option[] }) {
  const { element } = placed;
  const acts = useActs(placed);
  const { chosen, choose, keep } = useChosen(placed, { acts, options });
  const [text, setText] = useState("");
  const [isOpen, setIsOpen] = useState(false);
  const [active, setActive] = useState(0);
  const { found, says } = useFound(placed, { acts, options, text, isOpen });

  const pick = (option: Option): void => {
    choose(option);
    setText("");
    setIsOpen(false);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const option = found[active];
    if (step !== undefined) {
      setIsOpen(true);
      if (found.length > 0) setActive((active + step + found.length) % found.length);
    } else if (event.key === "Enter" && isOpen && option) pick(option);
    else if (event.key === "Escape" && isOpen) setIsOpen(false);
    else if (event.key === "Backspace" && text === "" && chosen.length > 0) {
      keep(chosen.slice(0, -1));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const id = domIdOf(placed);
  return (
    <div class="combobox">
      <Chips chosen={chosen} onRemove={(gone) => keep(chosen.filter((one) => one !== gone))} />
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
      <OptionList id={id} found={found} says={says} active={active} isOpen={isOpen} onPick={pick} />
    </div>
  );
}

type Source = { acts: ReturnType<typeof useActs>; options: Option[] | undefined };

/** What is chosen; Slack is told of every change. */
function useChosen(placed: Placed, { acts, options }: Source) {
  const held = useHeld(placed);
  const isMany = String(placed.element.type).startsWith("multi_");
  const [chosen, setChosen] = useState<Option[]>(() => chosenIn(held, options ?? []));
  const keep = (next: Option[]): void => {
    setChosen(next);
    const values = next.map(({ value }) => value);
    const typed: Typed = isMany ? values : (values[0] ?? null);
    void acts.pick(typed);
  };
  const choose = (option: Option): void =>
    keep(isMany ? [...chosen.filter(({ value }) => value !== option.value), option] : [option]);
  return { chosen, choose, keep };
}

/** The options that match what is typed, and what is said while there is none. */
function useFound(
  { element }: Placed,
  { acts, options, text, isOpen }: Source & { text: string; isOpen: boolean },
) {
  /** The app's answer, and the text that it answers. */
  const [answer, setAnswer] = useState<{ text: string; options: Option[] }>();
  const least = typeof element.min_query_length === "number" ? element.min_query_length : 3;
  const isTooShort = options === undefined && text.length < least;

  useEffect(() => {
    if (!isOpen || isTooShort || options) return;
    const timer = setTimeout(() => {
      void acts.suggest(text).then((suggestions) => setAnswer({ text, options: suggestions }));
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, isOpen]);

  if (isTooShort) return { found: [], says: `Type ${least} or more characters` };
  if (options) return { found: matching(options, text), says: "No match" };
  if (answer?.text !== text) return { found: [], says: "Looking…" };
  return { found: answer.options, says: "No match" };
}

const TYPING_MS = 150;

function Chips({ chosen, onRemove }: { chosen: Option[]; onRemove: (option: Option) => void }) {
  return (
    <>
      {chosen.map((option) => (
        <span class="chip" key={option.value}>
          {option.text}
          <button
            type="button"
            aria-label={`Remove ${option.text}`}
            onClick={() => onRemove(option)}
          >
            ×
          </button>
        </span>
      ))}
    </>
  );
}

type OptionListProps = {
  id: string;
  found: Option[];
  says: string;
  active: number;
  isOpen: boolean;
  onPick: (option: Option) => void;
};

function OptionList({ id, found, says, active, isOpen, onPick }: OptionListProps) {
  return (
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
          onClick={() => onPick(option)}
        >
          {/* As in Slack, once above the options of a group. */}
          {option.group === undefined || option.group === found[index - 1]?.group ? null : (
            <small>{option.group} </small>
          )}
          {option.text}
          {option.description === "" ? null : <small>{option.description}</small>}
        </div>
      ))}
      {isOpen && found.length === 0 ? (
        // biome-ignore lint/a11y/useFocusableInteractive: nothing can be done with it
        <div role="option" aria-selected={false} aria-disabled={true} class="none">
          {says}
        </div>
      ) : null}
    </div>
  );
}

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
