// The form on top, if one is open: its inputs, what is wrong with them, and its buttons.

import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { asObject, asText, type Json, objectsIn, textAt } from "../../slack/json.ts";
import type { Typed, ViewShown } from "../page-state.ts";
import { Blocks } from "./blocks/block.tsx";
import { type Surface, SurfaceContext } from "./blocks/surface.ts";
import { act } from "./live-state.ts";
import { useSeen } from "./seen.ts";

export function Modal() {
  const { shown } = useSeen();
  const top = shown.slack.modals.at(-1);
  return top ? <Form key={top.id} top={top} isDeeper={shown.slack.modals.length > 1} /> : null;
}

function Form({ top, isDeeper }: { top: ViewShown; isDeeper: boolean }) {
  const { view, id } = top;
  const dialog = useRef<HTMLDialogElement>(null);
  const { isBusy, trouble, attempt } = useAttempts(id, dialog);
  const { surface, values } = useTyped(top);

  useLayoutEffect(() => {
    const form = dialog.current;
    form?.showModal();
    return () => form?.close();
  }, []);
  const cursorAt = cursorIn(view);
  // Again where an update puts it elsewhere. Whether Slack does that isn't documented.
  useLayoutEffect(() => {
    const block = cursorAt === undefined ? "" : `[data-block="${CSS.escape(cursorAt)}"] `;
    dialog.current?.querySelector<HTMLElement>(fieldsIn(block || ".modal-body "))?.focus();
  }, [cursorAt]);

  const close = (): void => void attempt("closeView", {});
  return (
    <dialog
      ref={dialog}
      class="modal"
      aria-labelledby={`${id}-title`}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void attempt("submitView", { values: values() });
        }}
      >
        <header>
          <h2 id={`${id}-title`}>{textAt(view, "title", "text")}</h2>
          <button
            type="button"
            class="icon-button"
            aria-label={isDeeper ? "Back" : "Close"}
            onClick={close}
          >
            {isDeeper ? "←" : "✕"}
          </button>
        </header>
        <div class="modal-body">
          <p class="trouble" role="alert">
            {trouble}
          </p>
          <SurfaceContext.Provider value={surface}>
            <Blocks blocks={objectsIn(view.blocks)} />
          </SurfaceContext.Provider>
        </div>
        <footer>
          <button type="button" class="button" onClick={close}>
            {textAt(view, "close", "text") ?? "Close"}
          </button>
          {view.submit ? (
            <button type="submit" class="button primary" disabled={isBusy} aria-busy={isBusy}>
              {textAt(view, "submit", "text")}
            </button>
          ) : null}
        </footer>
      </form>
    </dialog>
  );
}

/** Submitting and closing: whether one is under way, and what went wrong with the last. */
function useAttempts(viewId: string, dialog: RefObject<HTMLDialogElement | null>) {
  const { me } = useSeen();
  const [isBusy, setIsBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const attempt = async (name: string, input: object): Promise<void> => {
    setIsBusy(true);
    setTrouble("");
    try {
      const result = await act(name, { user: me.id, viewId, ...input });
      setTrouble(asText(result.trouble) ?? "");
      if (result.outcome === "refused" || result.outcome === "errors") focusFault(dialog.current);
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    } finally {
      setIsBusy(false);
    }
  };
  return { isBusy, trouble, attempt };
}

/** What was typed into the form's inputs: kept here, and told to Slack where an act needs it. */
function useTyped({ id, view, values, errors }: ViewShown) {
  const { me } = useSeen();
  const typed = useRef<Record<string, Typed>>({});
  const blocks = objectsIn(view.blocks);
  const surface: Surface = {
    place: { viewId: id },
    values,
    errors,
    onTyped: (blockId, value) => {
      typed.current[blockId] = value;
    },
    flush: async () => {
      for (const block of blocks) {
        const blockId = asText(block.block_id) ?? "";
        const text = typed.current[blockId];
        const isText = /_input$/.test(textAt(block, "element", "type") ?? "");
        if (!isText || block.dispatch_action === true || text === undefined) continue;
        const actionId = textAt(block, "element", "action_id");
        await act("select", { user: me.id, viewId: id, blockId, actionId, value: text || null });
      }
    },
  };
  /** Without those of inputs that the form no longer has. */
  const valuesNow = () => {
    const there = new Set(blocks.map((block) => block.block_id));
    return Object.fromEntries(
      Object.entries(typed.current).filter(([blockId]) => there.has(blockId)),
    );
  };
  return { surface, values: valuesNow };
}

const fieldsIn = (within: string): string =>
  ["input", "select", "textarea"].map((one) => within + one).join(", ");

/** The block whose element asks for the cursor; without one the first has it, as in Slack. */
const cursorIn = (view: Json): string | undefined =>
  objectsIn(view.blocks)
    .filter((block) => asObject(block.element)?.focus_on_load === true)
    .map((block) => asText(block.block_id))[0];

/** To the first input with something wrong, once the fault is drawn; not away from where somebody went meanwhile. */
function focusFault(dialog: HTMLElement | null): void {
  const before = document.activeElement;
  setTimeout(() => {
    const now = document.activeElement;
    if (now !== before && dialog !== now && dialog?.contains(now)) return;
    const fault = dialog?.querySelector(".input-error")?.closest(".block-input");
    fault?.querySelector<HTMLElement>("input, select, textarea")?.focus();
  }, 150);
}
