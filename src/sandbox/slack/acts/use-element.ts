// A person clicks a button, picks from a menu, or types into a menu that asks the app for options.

import { faultsOfOptions } from "../blocks/layout-rules.ts";
import type { Placed } from "../blocks/walk.ts";
import { CannotAct, type Typed, valueObject } from "../inputs.ts";
import { asList, asObject, type Json, objectsIn } from "../json.ts";
import { deliver } from "../out/deliver.ts";
import type { DeliveryOptions } from "../out/parcel.ts";
import { tell } from "../view-stack.ts";
import {
  blocksOf,
  findElement,
  findSurface,
  inputsOf,
  type Surface,
  type SurfaceOptions,
  shownIn,
  surfaceParts,
} from "./place.ts";
import {
  type ClickAct,
  clickAct,
  type SelectAct,
  type SuggestAct,
  selectAct,
  suggestAct,
} from "./schema.ts";
import {
  type ActResult,
  interactionParts,
  interactionTrouble,
  type Stage,
  tellTrouble,
} from "./stage.ts";

export async function click(stage: Stage, input: ClickAct): Promise<ActResult> {
  const act = clickAct.parse(input);
  const { user, actionId, blockId, value, versionsBack, forge = {} } = act;
  const surface = findSurface(stage.world, act);
  const placed = findElement(blocksOf(surface, versionsBack), { actionId, blockId, value });
  const { element } = placed;
  if (element.type !== "button") {
    throw new CannotAct(`${actionId} is a ${String(element.type)}: use select`);
  }
  if ("confirm" in element !== (act.confirmed === true)) {
    const asks = "confirm" in element ? "asks first, and nobody confirmed" : "asks nothing first";
    throw new CannotAct(`${actionId} ${asks}`);
  }
  const action = {
    action_id: forge.actionId ?? actionId,
    block_id: placed.blockId,
    text: element.text,
    ...("value" in element || forge.value !== undefined
      ? { value: forge.value ?? element.value }
      : {}),
    ...("style" in element ? { style: element.style } : {}),
    type: "button",
    action_ts: "actionTs" in forge ? forge.actionTs : stage.world.nextTs(),
  };
  return sendActions(stage, { user, surface, action, forge, versionsBack }, act);
}

/** `sent: false`: the value stands in the input, and nothing was sent; Slack does so for inputs. */
export type SelectResult = ({ sent: true } & ActResult) | { sent: false };

export async function select(stage: Stage, input: SelectAct): Promise<SelectResult> {
  const act = selectAct.parse(input);
  const { user, actionId, blockId, value, forge = {} } = act;
  const surface = findSurface(stage.world, act);
  const placed = findElement(blocksOf(surface), { actionId, blockId });
  const held = putIn(stage, { user, surface, placed }, value);
  if (placed.block.type === "input" && placed.block.dispatch_action !== true) {
    return { sent: false };
  }
  const action = {
    ...held,
    action_id: forge.actionId ?? actionId,
    block_id: placed.blockId,
    action_ts: stage.world.nextTs(),
  };
  const result = await sendActions(stage, { user, surface, action, forge }, act);
  return { sent: true, ...result };
}

type Input = { user: string; surface: Surface; placed: Placed };

function putIn({ world }: Stage, { user, surface, placed }: Input, value: Typed): Json {
  const { element, blockId, actionId } = placed;
  const { values, suggested } = inputsOf(world, surface, user);
  const held = valueObject(element, value, suggested.get(actionId));
  // An overflow menu does something, and holds nothing.
  if (element.type !== "overflow") values[blockId] = { ...values[blockId], [actionId]: held };
  if ("opened" in surface) tell(world, surface.opened);
  return held;
}

type Acted = SurfaceOptions & { surface: Surface; action: Json };

async function sendActions(
  stage: Stage,
  acted: Acted,
  options: DeliveryOptions,
): Promise<ActResult> {
  const { user, surface, action, forge } = acted;
  const shown = shownIn(surface);
  const viewId = "opened" in surface ? surface.opened.id : undefined;
  const triggerId = stage.hooks.makeTrigger(user, viewId);
  // Acts in views have no channel to answer in, and so no response URL.
  const hook =
    shown && stage.hooks.makeResponseUrl({ user, channel: shown.channel, messageTs: shown.ts });
  const payload = {
    type: "block_actions",
    ...interactionParts(stage.world, user, forge),
    trigger_id: triggerId,
    ...surfaceParts(stage.world, surface, acted),
    ...(hook ? { response_url: hook.url } : {}),
    actions: [action],
  };
  const sent = await deliver(stage.mail, { kind: "interactive", payload }, options);
  const outcome = interactionTrouble(stage.world, sent.ack);
  if (outcome.trouble) tellTrouble(stage.world, user, shown?.channel, outcome.trouble);
  const url = hook ? { responseUrl: hook.url } : {};
  return { ...sent, triggerId, ...url, responses: hook?.responses ?? [], ...outcome };
}

/** `sent: false`: too little was typed for Slack to ask the app. */
export type SuggestResult =
  | ({ sent: true; options: Json[] } & Omit<ActResult, "responses">)
  | { sent: false };

const MIN_QUERY_DEFAULT = 3;

export async function suggest(stage: Stage, input: SuggestAct): Promise<SuggestResult> {
  const act = suggestAct.parse(input);
  const { user, actionId, blockId, text, forge = {} } = act;
  const surface = findSurface(stage.world, act);
  const placed = findElement(blocksOf(surface), { actionId, blockId });
  if (!String(placed.element.type).includes("external")) {
    throw new CannotAct(`${actionId} does not ask the app for options`);
  }
  if (text.length < Number(placed.element.min_query_length ?? MIN_QUERY_DEFAULT)) {
    return { sent: false };
  }
  const { state: _unused, ...parts } = surfaceParts(stage.world, surface, { user, forge });
  const payload = {
    type: "block_suggestion",
    ...interactionParts(stage.world, user, forge),
    ...parts,
    action_id: forge.actionId ?? actionId,
    block_id: placed.blockId,
    value: text,
  };
  const sent = await deliver(stage.mail, { kind: "options", payload }, act);
  const { options, trouble } = readOptions(sent.ack.failure, sent.ack.body);
  const { suggested } = inputsOf(stage.world, surface, user);
  // What an earlier search offered stays chosen.
  suggested.set(actionId, [...options, ...(suggested.get(actionId) ?? [])]);
  return { sent: true, ...sent, options, ...(trouble ? { trouble } : {}) };
}

function readOptions(
  failure: string | undefined,
  body: unknown,
): { options: Json[]; trouble?: string } {
  if (failure) return { options: [], trouble: `Could not load options: ${failure}` };
  const faults = faultsOfOptions(body);
  if (faults.length > 0) {
    return { options: [], trouble: `Could not load options: ${faults.join("; ")}` };
  }
  const answer = asObject(body) ?? {};
  const grouped = (asList(answer.option_groups) ?? []).map((one) => asObject(one)?.options);
  return { options: [answer.options, ...grouped].flatMap(objectsIn) };
}
