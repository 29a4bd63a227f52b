// The whole guided tour: every step, what one will see, and the button that plays it.

import { useLayoutEffect, useRef } from "preact/hooks";
import { PARTS, STEPS, type StepId } from "../../steps.ts";
import { useSeen } from "../seen.ts";
import type { Tour } from "./use-tour.ts";

export function TourList({ tour: { show, putRight, closeList } }: { tour: Tour }) {
  const { guide } = useSeen().shown;
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  const item = (id: StepId) => {
    const { title, says } = STEPS[id];
    const isOn = guide?.step === id && guide.isOn;
    return (
      <li key={id}>
        <p>
          <b>{title}</b>
          <span>{says}</span>
        </p>
        <div class="tour-buttons">
          {isOn ? (
            <button
              type="button"
              class="button"
              aria-label={`Put right: ${title}`}
              onClick={putRight}
            >
              Put right
            </button>
          ) : null}
          <button
            type="button"
            class="button"
            aria-label={`Show me: ${title}`}
            disabled={guide?.isBusy === true}
            onClick={() => show(id)}
          >
            Show me
          </button>
        </div>
      </li>
    );
  };
  return (
    <dialog ref={dialog} class="modal tour-list" aria-labelledby="tour-title" onClose={closeList}>
      <header>
        <h2 id="tour-title">Guided tour</h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={closeList}>
          ✕
        </button>
      </header>
      <div class="modal-body">
        <p>
          The real bot plays each step, as the right people, and you look at the screen where it
          ends. Take them in any order.
        </p>
        {PARTS.map(({ title, ids }) => (
          <section key={title} aria-label={title}>
            <h3>{title}</h3>
            <ol>{ids.map(item)}</ol>
          </section>
        ))}
      </div>
    </dialog>
  );
}
