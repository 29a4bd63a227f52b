// The values of inputs: what is in them at first, what a person puts in, what is amiss with it.

import { optionsOf } from "./blocks/object-rules.ts";
import type { Placed } from "./blocks/walk.ts";
import { asList, asText, type Json, objectsIn } from "./json.ts";

/** What a person puts into an input: text, the value of an option, an id, a date, or several. */
export type Typed = string | number | string[] | null;

/** A fault in what the caller of an act asks for: a person at a real client couldn't do it. */
export class CannotAct extends Error {
  override name = "CannotAct";
}

type Slot = { key: string; initial: string; several: boolean };

/** Where an element's value stands in Slack's value object, and what it is called at first. */
const SLOTS: [pattern: RegExp, slot: Slot][] = [
  [/_text_input$|^number_input$/, single("value", "initial_value")],
  [/^multi_(static|external)_select$|^checkboxes$/, several("selected_options", "initial_options")],
  [/^(static|external)_select$|^radio_buttons$/, single("selected_option", "initial_option")],
  [/^overflow$/, single("selected_option", "")],
  [/^multi_users_select$/, several("selected_users", "initial_users")],
  [/^users_select$/, single("selected_user", "initial_user")],
  [/^multi_conversations_select$/, several("selected_conversations", "initial_conversations")],
  [/^conversations_select$/, single("selected_conversation", "initial_conversation")],
  [/^multi_channels_select$/, several("selected_channels", "initial_channels")],
  [/^channels_select$/, single("selected_channel", "initial_channel")],
  [/^datepicker$/, single("selected_date", "initial_date")],
  [/^timepicker$/, single("selected_time", "initial_time")],
  [/^datetimepicker$/, single("selected_date_time", "initial_date_time")],
];

function single(key: string, initial: string): Slot {
  return { key, initial, several: false };
}

function several(key: string, initial: string): Slot {
  return { key, initial, several: true };
}

function slotOf(element: Json): Slot | undefined {
  const type = asText(element.type) ?? "";
  return SLOTS.find(([pattern]) => pattern.test(type))?.[1];
}

/** The value object before anybody has touched it; `undefined` for what holds no value. */
export function initialValue(element: Json): Json | undefined {
  const slot = slotOf(element);
  if (!slot || element.type === "overflow") return undefined;
  const initial = element[slot.initial] ?? (slot.several ? [] : null);
  return { type: element.type, [slot.key]: initial };
}

/** The value object after a person put something in. Throws `CannotAct` on what isn't offered. */
export function valueObject(element: Json, typed: Typed, suggested: Json[] = []): Json {
  const slot = slotOf(element);
  if (!slot) throw new CannotAct(`a ${String(element.type)} holds no value`);
  const { type } = element;
  if (slot.key.startsWith("selected_option")) {
    const chosen = (typed === null ? [] : [typed].flat()).map((value) =>
      offered(element, suggested, String(value)),
    );
    if (slot.several) return { type, [slot.key]: chosen };
    return { type, [slot.key]: chosen[0] ?? null };
  }
  if (slot.several) return { type, [slot.key]: typed === null ? [] : [typed].flat() };
  if (slot.key === "value") return { type, value: typed === null ? null : String(typed) };
  return { type, [slot.key]: typed };
}

function offered(element: Json, suggested: Json[], value: string): Json {
  const isExternal = String(element.type).includes("external");
  const initial = [element.initial_option, asList(element.initial_options) ?? []].flat();
  const choices = objectsIn(isExternal ? [...suggested, ...initial] : optionsOf(element));
  const found = choices.find((one) => one.value === value);
  if (found) return found;
  const values = choices.map((one) => String(one.value)).join(", ");
  throw new CannotAct(`"${value}" is not offered here; offered: ${values || "nothing"}`);
}

/** What Slack's client says beneath an input before it lets a view be submitted. */
export function clientFault(placed: Placed, value: Json | undefined): string | undefined {
  const { block, element } = placed;
  if (block.type !== "input") return undefined;
  const slot = slotOf(element);
  const held = slot ? value?.[slot.key] : undefined;
  const isEmpty = held === undefined || held === null || held === "" || asList(held)?.length === 0;
  if (isEmpty) return block.optional === true ? undefined : "Please complete this required field.";
  return typeof held === "string" ? textFault(element, held) : undefined;
}

function textFault(element: Json, text: string): string | undefined {
  const number = Number(text);
  const { min_length: minLength, max_length: maxLength } = element;
  if (element.type === "number_input") {
    if (!/^-?\d+(\.\d+)?$/.test(text)) return "Please enter a number.";
    if (element.is_decimal_allowed === false && !Number.isInteger(number)) {
      return "Please enter a whole number.";
    }
    if (element.min_value !== undefined && number < Number(element.min_value)) {
      return `Please enter a number of at least ${element.min_value}.`;
    }
    if (element.max_value !== undefined && number > Number(element.max_value)) {
      return `Please enter a number of at most ${element.max_value}.`;
    }
  }
  if (typeof minLength === "number" && text.length < minLength) {
    return `Please enter at least ${minLength} characters.`;
  }
  if (text.length > (typeof maxLength === "number" ? maxLength : 3_000)) {
    return `Please enter at most ${maxLength ?? 3_000} characters.`;
  }
  return undefined;
}
