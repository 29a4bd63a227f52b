// Asks "Are you sure?" in the words that the app gave.

import { useLayoutEffect, useRef } from "preact/hooks";
import { asText, type Json, textAt } from "../../../slack/json.ts";
import { Text } from "./text-object.tsx";

export function Confirm(props: { confirm: Json; onAnswer: (yes: boolean) => void }) {
  const { confirm, onAnswer } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  const style = asText(confirm.style) ?? "primary";
  return (
    <dialog
      ref={dialog}
      class="modal confirm"
      aria-labelledby="confirm-title"
      onCancel={(event) => {
        event.preventDefault();
        event.stopPropagation();
        onAnswer(false);
      }}
    >
      <h2 id="confirm-title">{textAt(confirm, "title", "text")}</h2>
      <div class="modal-body">
        <Text of={confirm.text} />
      </div>
      <footer>
        <button type="button" class="button" onClick={() => onAnswer(false)}>
          {textAt(confirm, "deny", "text") ?? "Cancel"}
        </button>
        <button type="button" class={`button ${style}`} onClick={() => onAnswer(true)}>
          {textAt(confirm, "confirm", "text") ?? "Yes"}
        </button>
      </footer>
    </dialog>
  );
}
