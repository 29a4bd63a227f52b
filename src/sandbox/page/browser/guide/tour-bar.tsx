// The step of the guided tour that was shown last, above everything: what to look for, and what comes next.

import { STEP_IDS, STEPS } from "../../steps.ts";
import { useSeen } from "../seen.ts";
import type { Tour } from "./use-tour.ts";

export function TourBar({ tour: { bar, show, putRight, list, close } }: { tour: Tour }) {
  const { guide } = useSeen().shown;
  if (!guide) return null;
  const { step, isBusy, isOn } = guide;
  const { title, says } = STEPS[step];
  const next = STEP_IDS[STEP_IDS.indexOf(step) + 1];
  return (
    <section class="tour-bar" aria-label="The step shown" ref={bar} tabIndex={-1}>
      <p aria-live="polite">
        <b>{title}.</b> {isBusy ? "Setting the scene…" : says}
      </p>
      <div class="tour-buttons">
        {isOn ? (
          <button type="button" class="button" disabled={isBusy} onClick={putRight}>
            Put right
          </button>
        ) : null}
        {next ? (
          <button type="button" class="button" disabled={isBusy} onClick={() => show(next)}>
            Next<span class="next-title">: {STEPS[next].title}</span>
          </button>
        ) : null}
        <button type="button" class="button" onClick={list}>
          All steps
        </button>
        <button type="button" class="icon-button" aria-label="Close the tour" onClick={close}>
          ✕
        </button>
      </div>
    </section>
  );
}
