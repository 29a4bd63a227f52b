// A person submits or closes a modal.

import { ApiFault } from "../api/call.ts";
import { refuseView } from "../api/view-methods.ts";
import { elementsOf } from "../blocks/walk.ts";
import { CannotAct, clientFault, type Typed, valueObject } from "../inputs.ts";
import { asObject, asText, type Json, objectsIn } from "../json.ts";
import { deliver } from "../out/deliver.ts";
import type { Delivery, DeliveryOptions } from "../out/parcel.ts";
import type { OpenView } from "../slack-workspace.ts";
import {
  closeAll,
  closeDownTo,
  openStack,
  openView,
  replaceView,
  tell,
  wireView,
} from "../view-stack.ts";
import { findOpened, surfaceParts } from "./place.ts";
import { type CloseAct, closeAct, type SubmitAct, submitAct } from "./schema.ts";
import { type ActResult, interactionParts, type Stage } from "./stage.ts";

export type SubmitResult =
  /** Slack's client didn't even send it; what it says beneath which inputs. */
  | { outcome: "refused"; errors: Record<string, string> }
  | (ActResult & {
      outcome: "closed" | "errors" | "updated" | "pushed" | "cleared" | "trouble";
      errors: Record<string, string>;
    });

export async function submitView(stage: Stage, input: SubmitAct): Promise<SubmitResult> {
  const act = submitAct.parse(input);
  const { user, viewId, values, forge = {} } = act;
  const { world, hooks } = stage;
  const opened = findOpened(world, { user, viewId });
  if (openStack(world, user).at(-1) !== opened) {
    throw new CannotAct(`${opened.id} is not the modal on top`);
  }
  if (!opened.view.submit) throw new CannotAct(`${opened.id} has no submit button`);
  fillIn(stage, opened, values);
  opened.errors = clientFaults(opened);
  if (Object.keys(opened.errors).length > 0) return { outcome: "refused", errors: opened.errors };
  const triggerId = hooks.makeTrigger(user, opened.id);
  const payload = {
    type: "view_submission",
    ...interactionParts(world, user, forge),
    trigger_id: triggerId,
    view: surfaceParts(world, { opened }, { user, forge }).view,
    response_urls: [],
  };
  const sent = await deliver(stage.mail, { kind: "interactive", payload }, act);
  const outcome = applyAnswer(stage, opened, sent.ack);
  const trouble = outcome === "trouble" ? { trouble: TROUBLE } : {};
  return { ...sent, triggerId, responses: [], outcome, errors: opened.errors, ...trouble };
}

const TROUBLE = "We had some trouble connecting. Try again?";

function fillIn({ world }: Stage, opened: OpenView, values: Record<string, Typed>): void {
  const placed = elementsOf(objectsIn(opened.view.blocks));
  for (const [name, typed] of Object.entries(values)) {
    const found = placed.find((one) => one.actionId === name || one.blockId === name);
    if (!found) {
      const there = placed.map((one) => one.actionId).join(", ");
      throw new CannotAct(`the modal has no input ${name}; it has: ${there || "none"}`);
    }
    const { blockId, actionId, element } = found;
    const held = valueObject(element, typed, opened.suggested.get(actionId));
    opened.values[blockId] = { ...opened.values[blockId], [actionId]: held };
  }
  tell(world, opened);
}

function clientFaults(opened: OpenView): Record<string, string> {
  const faults: Record<string, string> = {};
  for (const placed of elementsOf(objectsIn(opened.view.blocks))) {
    const said = clientFault(placed, opened.values[placed.blockId]?.[placed.actionId]);
    if (said) faults[placed.blockId] = said;
  }
  return faults;
}

type Outcome = Exclude<SubmitResult["outcome"], "refused">;

/** docs.slack.dev/surfaces/modals: what a response_action does to the modal. */
function applyAnswer({ world }: Stage, opened: OpenView, ack: Delivery): Outcome {
  if (ack.failure) return "trouble";
  const answer = asObject(ack.body);
  if (ack.body !== undefined && !answer) return "trouble";
  const action = asText(answer?.response_action);
  if (answer && action === "errors") return showErrors(opened, answer, () => tell(world, opened));
  if (action === "clear") {
    closeAll(world, opened.user);
    return "cleared";
  }
  if (answer && (action === "update" || action === "push")) {
    const view = asObject(answer.view);
    if (!view) return "trouble";
    try {
      refuseView(world, view, "modal", action === "update" ? opened : undefined);
    } catch (error) {
      if (!(error instanceof ApiFault)) throw error;
      world.warn(`response_action ${action}`, JSON.stringify(error.extra));
      return "trouble";
    }
    if (action === "update") replaceView(world, opened, view);
    else openView(world, opened.user, view, "top");
    return action === "update" ? "updated" : "pushed";
  }
  if (action !== undefined) return "trouble";
  closeDownTo(world, opened);
  return "closed";
}

function showErrors(opened: OpenView, answer: Json, changed: () => void): Outcome {
  const errors = Object.entries(asObject(answer.errors) ?? {});
  const inputs = objectsIn(opened.view.blocks)
    .filter((one) => one.type === "input")
    .map((one) => one.block_id);
  // Slack takes errors for input blocks only, each a text.
  const wrong = errors.some(([id, said]) => !inputs.includes(id) || typeof said !== "string");
  if (wrong || errors.length === 0) return "trouble";
  opened.errors = Object.fromEntries(errors.map(([id, said]) => [id, String(said)]));
  changed();
  return "errors";
}

/** Closes the modal on top, or the named one; tells the app where the view asked for it. */
export async function closeView(stage: Stage, input: CloseAct): Promise<Delivery[]> {
  const { user, viewId, ...options } = closeAct.parse(input);
  const opened = findOpened(stage.world, { user, viewId });
  const isCleared = opened.view.clear_on_close === true;
  const closed = isCleared ? [...openStack(stage.world, user)].reverse() : [opened];
  if (isCleared) closeAll(stage.world, user);
  else closeDownTo(stage.world, opened);
  const told: Delivery[] = [];
  for (const one of closed.filter((view) => view.view.notify_on_close === true)) {
    told.push((await tellClosed(stage, one, isCleared, options)).ack);
  }
  return told;
}

function tellClosed(
  { world, mail }: Stage,
  opened: OpenView,
  isCleared: boolean,
  options: DeliveryOptions,
) {
  const payload = {
    type: "view_closed",
    ...interactionParts(world, opened.user),
    view: wireView(world, opened),
    is_cleared: isCleared,
  };
  return deliver(mail, { kind: "interactive", payload }, options);
}
