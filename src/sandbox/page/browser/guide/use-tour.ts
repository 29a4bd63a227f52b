// The guided tour as the page keeps it: what is open of it, and how a step is played.

import type { RefObject } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Place } from "../../page-state.ts";
import type { StepId } from "../../steps.ts";
import { putRight, showStep, useKept } from "../live-state.ts";

export type Tour = {
  /** What was shown last; it takes the focus once a step has been played. */
  bar: RefObject<HTMLElement | null>;
  isOpen: boolean;
  close(): void;
  isListed: boolean;
  list(): void;
  closeList(): void;
  show(step: StepId): void;
  putRight(): void;
};

/** `onPlace`: looks at where the outcome is told. `say`: says at once what didn't work. */
export function useTour(onPlace: (place: Place) => void, say: (text: string) => void): Tour {
  const bar = useRef<HTMLElement>(null);
  const [isListed, setListed] = useState(false);
  const [isOpen, setOpen] = useKept("tour", false);
  const trouble = (error: Error): void => say(error.message);
  return {
    bar,
    isListed,
    isOpen,
    list: () => setListed(true),
    closeList: () => setListed(false),
    close: () => setOpen(false),
    show: (step: StepId): void => {
      setListed(false);
      setOpen(true);
      showStep(step).then((place) => {
        onPlace(place);
        bar.current?.focus();
      }, trouble);
    },
    putRight: (): void => void putRight().catch(trouble),
  };
}
