// What can be typed after the command, offered above the text box while one types it.

import { useState } from "preact/hooks";
import type { CommandHint } from "../page-state.ts";

export const COMMAND = "/jit";

export type Hint = { title: string; says: string; fills: string };

export type Hints = {
  all: Hint[];
  /** The place of the one that the arrow keys have reached; -1: none. */
  active: number;
  /** Whether the key was for the hints: arrows move among them, Escape hides them. */
  onKey: (key: string) => boolean;
  /** Other text is there now. */
  restart: () => void;
};

export function useHints(commands: CommandHint[], draft: string): Hints {
  const [active, setActive] = useState(-1);
  const [isHidden, setIsHidden] = useState(false);
  const all = isHidden ? [] : hintsFor(commands, draft);
  return {
    all,
    active,
    onKey: (key) => {
      if (all.length === 0) return false;
      const step = { ArrowDown: 1, ArrowUp: -1 }[key];
      if (step !== undefined) setActive((active + step + all.length) % all.length);
      if (key === "Escape") setIsHidden(true);
      return step !== undefined || key === "Escape";
    },
    restart: () => {
      setActive(-1);
      setIsHidden(false);
    },
  };
}

type Props = {
  /** Of the text box. */
  id: string;
  hints: Hints;
  onKeyDown: (event: KeyboardEvent) => void;
  onTake: (hint: Hint) => void;
};

export function HintList({ id, hints, onKeyDown, onTake }: Props) {
  if (hints.all.length === 0) return null;
  return (
    <div
      class="hints"
      id={`${id}-hints`}
      role="listbox"
      aria-label="Commands"
      aria-activedescendant={activeHintId(id, hints)}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      {hints.all.map((hint, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled in the text box
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text box
        <div
          key={hint.title}
          id={`${id}-hint-${index}`}
          role="option"
          aria-selected={index === hints.active}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onTake(hint)}
        >
          <code>{hint.title}</code>
          <small>{hint.says}</small>
        </div>
      ))}
    </div>
  );
}

export const activeHintId = (id: string, { all, active }: Hints): string | undefined =>
  all[active] ? `${id}-hint-${active}` : undefined;

/** Verbs while one is typed; an example once it is there. */
function hintsFor(commands: CommandHint[], draft: string): Hint[] {
  const text = draft.toLowerCase();
  if (!text.startsWith("/") || draft.includes("\n")) return [];
  const words = text.split(/\s+/);
  const verb = words[1] ?? "";
  if (words.length > 2) {
    const chosen = commands.find(({ usage }) => verbOf(usage) === verb);
    if (!chosen || words.length > 3 || words[2] !== "") return [];
    return [{ title: chosen.usage, says: `Tab: ${chosen.example}`, fills: chosen.example }].filter(
      ({ title, fills }) => title !== fills,
    );
  }
  return commands
    .filter(({ usage }) => usage.startsWith(words.join(" ").trim()) || verbOf(usage) === verb)
    .map(({ usage, says }) => {
      const name = [COMMAND, verbOf(usage)].filter(Boolean).join(" ");
      return { title: usage, says, fills: usage === name ? name : `${name} ` };
    })
    .filter(({ fills }) => fills.trim() !== text.trim() || fills !== draft);
}

const verbOf = (usage: string): string => usage.split(" ")[1] ?? "";
