// The guided tour: plays one step at a time, and puts right what the step before has turned on.

import { botReady, type Demo } from "../../assembly/demo-parts.ts";
import { type GuideShown, type Place, WHAT_IF } from "../page-state.ts";
import { STEPS, type StepId } from "../steps.ts";
import type { Switchboard } from "../what-if.ts";
import { buttonOf, createPlay, isLive, type Play } from "./play.ts";
import { type Requested, SCENES } from "./scenes.ts";

export type Guide = {
  read(): GuideShown | undefined;
  /** Resolves once the outcome is told. Rejects with one sentence where it isn't, or another step is played. */
  show(step: StepId): Promise<Place>;
  putRight(): Promise<void>;
};

/** `tell`: called whenever what `read` answers has changed. */
export function createGuide(demo: Demo, board: Switchboard, tell: () => void): Guide {
  const play = createPlay(demo, board);
  const requested: Requested = { life: undefined, others: [] };
  let shown: GuideShown | undefined;
  let right: (() => Promise<void>) | undefined;

  const become = (next: GuideShown): void => {
    shown = next;
    tell();
  };

  const putRight = async (): Promise<void> => {
    const turnOff = right;
    right = undefined;
    await turnOff?.();
    if (shown) become({ ...shown, isOn: false });
  };

  const played = async (step: StepId): Promise<Place> => {
    await putRight();
    await allRight(demo, board);
    await tidy(play, requested);
    play.mark();
    const { right: turnOff, ...look } = await SCENES[step](play, requested);
    right = turnOff;
    const { ts } = await play.seen({ ...look, promises: STEPS[step].promises });
    return { person: look.person, channel: look.channel, ts };
  };

  return {
    read: () => shown,
    putRight,
    async show(step) {
      if (shown?.isBusy) throw new Error("Wait until the step before has been played.");
      become({ step, isBusy: true, isOn: false, place: undefined });
      try {
        const place = await played(step);
        become({ step, isBusy: false, isOn: right !== undefined, place });
        return place;
      } catch (error) {
        become({ step, isBusy: false, isOn: right !== undefined, place: undefined });
        throw error;
      }
    },
  };
}

/** What somebody has switched on by hand would spoil the step. */
async function allRight(demo: Demo, board: Switchboard): Promise<void> {
  for (const name of WHAT_IF) await board.perform({ do: "switch", name, on: false });
  await botReady(demo);
}

/** Cancels or ends what earlier steps have requested, so that the next one finds room. */
async function tidy(play: Play, requested: Requested): Promise<void> {
  const all = requested.others.splice(0);
  for (const one of all) {
    const card = play.demo.slack.messages("C0PROD").find(({ ts }) => ts === one.ts);
    if (card === undefined || !isLive(play.text(card))) continue;
    const button = ["jit.cancel", "jit.end"].find((id) => buttonOf(card, id));
    if (button !== undefined) await play.press(one.by, one.ts, button);
  }
}
