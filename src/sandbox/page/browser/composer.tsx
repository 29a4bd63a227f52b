// Where one types: a message, or a command, with hints of what can be typed.

import { useRef, useState } from "preact/hooks";
import type { ChannelShown } from "../page-state.ts";
import { PopupMenu } from "./blocks/menu.tsx";
import { activeHintId, COMMAND, type Hint, HintList, useHints } from "./command-hints.tsx";
import { act } from "./live-state.ts";
import { useSeen } from "./seen.ts";

type Props = {
  channel: ChannelShown;
  threadTs?: string;
  draft: string;
  onDraft: (text: string) => void;
};

export function Composer({ channel, threadTs, draft, onDraft }: Props) {
  const { shown } = useSeen();
  const [isHere, setIsHere] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const isThread = threadTs !== undefined;
  const id = isThread ? "thread-composer" : "composer";
  const hints = useHints(isHere && !isThread ? shown.slack.commands : [], draft);
  const post = usePost(channel, threadTs);

  const type = (text: string): void => {
    onDraft(text);
    hints.restart();
  };
  const take = ({ fills }: Hint): void => {
    type(fills);
    box.current?.focus();
  };
  const send = (): void => void post(draft.trim(), () => type(""));
  const onKeyDown = (event: KeyboardEvent): void => {
    const hint = hints.all[hints.active];
    if ((event.key === "Tab" || event.key === "Enter") && hint) take(hint);
    else if (event.key === "Enter" && !event.shiftKey) send();
    else if (!hints.onKey(event.key)) return;
    event.preventDefault();
  };
  return (
    <form
      class="composer"
      onFocusIn={() => setIsHere(true)}
      onFocusOut={({ currentTarget, relatedTarget }) =>
        setIsHere(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))
      }
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <HintList id={id} hints={hints} onKeyDown={onKeyDown} onTake={take} />
      <div class="composer-box">
        <textarea
          id={id}
          ref={box}
          rows={1}
          aria-label={isThread ? "Reply" : `Message ${nameOf(channel)}`}
          aria-autocomplete="list"
          aria-controls={hints.all.length > 0 ? `${id}-hints` : undefined}
          aria-activedescendant={activeHintId(id, hints)}
          placeholder={isThread ? "Reply…" : `Message ${nameOf(channel)}, or type ${COMMAND}`}
          value={draft}
          onInput={({ currentTarget }) => type(currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        {isThread ? null : <Shortcuts />}
        <button type="submit" class="button primary send" disabled={draft.trim() === ""}>
          Send
        </button>
      </div>
    </form>
  );
}

/** Posts a message or a command; `onTaken` is called once it is good to go, before Slack answers. */
function usePost(channel: ChannelShown, threadTs: string | undefined) {
  const { me, say } = useSeen();
  return async (text: string, onTaken: () => void): Promise<void> => {
    if (text === "") return;
    const user = me.id;
    const isCommand = text.startsWith("/");
    if (isCommand && threadTs !== undefined) {
      return say(`${text.split(" ")[0]} isn't supported in threads. Sorry!`);
    }
    if (isCommand && !new RegExp(`^${COMMAND}(\\s|$)`).test(text)) {
      return say(`${text.split(" ")[0]} isn't a valid command here: only ${COMMAND} is.`);
    }
    onTaken();
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
}

/** The app's shortcuts that can be used anywhere. */
function Shortcuts() {
  const { shown, me } = useSeen();
  const anywhere = shown.slack.shortcuts.filter(({ on }) => on === "anywhere");
  if (anywhere.length === 0) return null;
  return (
    <PopupMenu
      label="Shortcuts"
      items={anywhere.map(({ name, callbackId }) => ({
        text: name,
        onChoose: () => void act("shortcut", { user: me.id, callbackId }),
      }))}
    />
  );
}

const nameOf = ({ kind, name }: ChannelShown): string => (kind === "im" ? "jit" : `#${name}`);
