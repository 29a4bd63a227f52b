// Inputs that are typed into: text of one or more lines, numbers, addresses, dates and times.

import { useState } from "preact/hooks";
import { asList, asObject, asText, textAt } from "../../../slack/json.ts";
import { describedBy, labelOf } from "./labels.ts";
import { domIdOf, type Placed, useActs, useHeld } from "./surface.ts";

/** The keyboard that a phone shows. */
const KEYBOARDS: Record<string, "email" | "url" | "decimal"> = {
  number_input: "decimal",
  email_text_input: "email",
  url_text_input: "url",
};

export function TextInput({ placed }: { placed: Placed }) {
  const { block, element } = placed;
  const { note, pick, isInForm } = useActs(placed);
  const held = useHeld(placed);
  const [text, setText] = useState(asText(held.value) ?? "");
  const dispatches = block.dispatch_action === true;
  const onEach = (asList(asObject(element.dispatch_action_config)?.trigger_actions_on) ?? [])
    .map(String)
    .includes("on_character_entered");
  const type = (value: string): void => {
    setText(value);
    if (dispatches && onEach) void pick(value);
    else note(value);
  };
  // Outside a form nothing else would bring it to Slack.
  const leave = (): void => {
    if (!dispatches && !isInForm) void pick(text === "" ? null : text);
  };
  const common = {
    id: domIdOf(placed),
    "aria-label": labelOf(placed),
    "aria-describedby": describedBy(placed),
    "aria-required": block.type === "input" && block.optional !== true,
    placeholder: textAt(element, "placeholder", "text") ?? "",
    value: text,
  };
  if (element.multiline === true) {
    return (
      <textarea
        {...common}
        rows={4}
        onInput={({ currentTarget }) => type(currentTarget.value)}
        onBlur={leave}
      />
    );
  }
  return (
    <input
      {...common}
      type="text"
      inputMode={KEYBOARDS[String(element.type)] ?? "text"}
      onInput={({ currentTarget }) => type(currentTarget.value)}
      onBlur={leave}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !dispatches) return;
        event.preventDefault();
        void pick(text);
      }}
    />
  );
}

const DATES: Record<string, [type: "date" | "time" | "datetime-local", key: string]> = {
  datepicker: ["date", "selected_date"],
  timepicker: ["time", "selected_time"],
  datetimepicker: ["datetime-local", "selected_date_time"],
};

export function DateInput({ placed }: { placed: Placed }) {
  const { pick } = useActs(placed);
  const held = useHeld(placed);
  const [type, key] = DATES[String(placed.element.type)] ?? ["date", "selected_date"];
  const isMoment = type === "datetime-local";
  const shown = held[key];
  const initial = isMoment && typeof shown === "number" ? localText(shown) : asText(shown);
  const [value, setValue] = useState(initial ?? "");
  return (
    <input
      id={domIdOf(placed)}
      type={type}
      aria-label={labelOf(placed)}
      aria-describedby={describedBy(placed)}
      value={value}
      onChange={({ currentTarget }) => {
        const chosen = currentTarget.value;
        setValue(chosen);
        void pick(chosen === "" ? null : isMoment ? Date.parse(chosen) / 1_000 : chosen);
      }}
    />
  );
}

function localText(unix: number): string {
  const atMs = unix * 1_000 - new Date(unix * 1_000).getTimezoneOffset() * 60_000;
  return new Date(atMs).toISOString().slice(0, 16);
}
