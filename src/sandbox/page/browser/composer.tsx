// Where one types: a message, or a command, with hints of what can be typed.

import { useRef, useState } from "preact/hooks";
import type { ChannelShown, CommandHint } from "../shown.ts";
import { PopupMenu } from "./blocks/menu.tsx";
import { act } from "./live.ts";
import { useSeen } from "./seen.ts";

type Props = {
  channel: ChannelShown;
  threadTs?: string;
  draft: string;
  onDraft: (text: string) => void;
};

const COMMAND = "/jit";

export function Composer({ channel, threadTs, draft, onDraft }: Props) {
  const { shown, me, say } = useSeen();
  const [active, setActive] = useState(-1);
  const [isHintless, setIsHintless] = useState(false);
  const [isHere, setIsHere] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const id = threadTs === undefined ? "composer" : "thread-composer";
  const hints =
    isHintless || !isHere || threadTs !== undefined ? [] : hintsFor(shown.slack.commands, draft);

  const type = (text: string): void => {
    onDraft(text);
    setActive(-1);
    setIsHintless(false);
  };
  const take = ({ fills }: Hint): void => {
    type(fills);
    box.current?.focus();
  };
  const send = async (): Promise<void> => {
    const text = draft.trim();
    if (text === "") return;
    const user = me.id;
    const isCommand = text.startsWith("/");
    if (isCommand && threadTs !== undefined) {
      return say(`${text.split(" ")[0]} is not supported in threads. Sorry!`);
    }
    if (isCommand && !new RegExp(`^${COMMAND}(\\s|$)`).test(text)) {
      return say(`${text.split(" ")[0]} is not a valid command here: only ${COMMAND} is.`);
    }
    type("");
    try {
      if (isCommand) {
        await act("command", { user, channel: channel.id, text: text.slice(COMMAND.length) });
      } else {
        await act("say", { user, channel: channel.id, text, ...(threadTs && { threadTs }) });
      }
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const hint = hints[active];
    if (step !== undefined && hints.length > 0) {
      setActive((active + step + hints.length) % hints.length);
    } else if ((event.key === "Tab" || event.key === "Enter") && hint) take(hint);
    else if (event.key === "Escape" && hints.length > 0) setIsHintless(true);
    else if (event.key === "Enter" && !event.shiftKey) void send();
    else return;
    event.preventDefault();
  };
  const anywhere = shown.slack.shortcuts.filter(({ on }) => on === "anywhere");
  return (
    <form
      class="composer"
      onFocusIn={() => setIsHere(true)}
      onFocusOut={({ currentTarget, relatedTarget }) =>
        setIsHere(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))
      }
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {hints.length > 0 ? (
        <div
          class="hints"
          id={`${id}-hints`}
          role="listbox"
          aria-label="Commands"
          aria-activedescendant={hints[active] ? `${id}-hint-${active}` : undefined}
          tabIndex={0}
          onKeyDown={onKeyDown}
        >
          {hints.map((hint, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled in the text box
            // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text box
            <div
              key={hint.title}
              id={`${id}-hint-${index}`}
              role="option"
              aria-selected={index === active}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(hint)}
            >
              <code>{hint.title}</code>
              <small>{hint.says}</small>
            </div>
          ))}
        </div>
      ) : null}
      <div class="composer-box">
        <textarea
          id={id}
          ref={box}
          rows={1}
          aria-label={threadTs === undefined ? `Message ${nameOf(channel)}` : "Reply"}
          aria-autocomplete="list"
          aria-controls={hints.length > 0 ? `${id}-hints` : undefined}
          aria-activedescendant={hints[active] ? `${id}-hint-${active}` : undefined}
          placeholder={
            threadTs === undefined ? `Message ${nameOf(channel)}, or type ${COMMAND}` : "Reply…"
          }
          value={draft}
          onInput={({ currentTarget }) => type(currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        {threadTs === undefined && anywhere.length > 0 ? (
          <PopupMenu
            label="Shortcuts"
            items={anywhere.map(({ name, callbackId }) => ({
              text: name,
              onChoose: () => void act("shortcut", { user: me.id, callbackId }),
            }))}
          />
        ) : null}
        <button type="submit" class="button primary send" disabled={draft.trim() === ""}>
          Send
        </button>
      </div>
    </form>
  );
}

const nameOf = ({ kind, name }: ChannelShown): string => (kind === "im" ? "jit" : `#${name}`);

type Hint = { title: string; says: string; fills: string };

/** Verbs while one is typed; an example once it stands there. */
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
