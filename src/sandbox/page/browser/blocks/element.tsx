// Chooses how an interactive element is drawn, and draws buttons.

import { useState } from "preact/hooks";
import { asObject, asText, textAt } from "../../../slack/json.ts";
import { useSeen } from "../seen.ts";
import { Choice } from "./choice.tsx";
import { Combobox } from "./combobox.tsx";
import { Confirm } from "./confirm.tsx";
import { Menu, Overflow } from "./menu.tsx";
import { Plain } from "./mrkdwn.tsx";
import { allOptions, type Option, type Placed, useActs } from "./surface.ts";
import { DateInput, TextInput } from "./text.tsx";

export function Element({ placed }: { placed: Placed }) {
  const { shown } = useSeen();
  const { people, channels } = shown.slack;
  const users = (): Option[] =>
    people.map(({ id, realName }) => ({ value: id, text: realName, description: "" }));
  const conversations = (): Option[] =>
    channels
      .filter(({ kind }) => kind !== "im")
      .map(({ id, name }) => ({ value: id, text: `#${name}`, description: "" }));
  const type = String(placed.element.type);
  switch (type) {
    case "button":
      return <Button placed={placed} />;
    case "overflow":
      return <Overflow placed={placed} />;
    case "static_select":
      return <Menu placed={placed} options={allOptions(placed.element)} />;
    case "users_select":
      return <Menu placed={placed} options={users()} />;
    case "conversations_select":
    case "channels_select":
      return <Menu placed={placed} options={conversations()} />;
    case "external_select":
    case "multi_external_select":
      return <Combobox placed={placed} />;
    case "multi_static_select":
      return <Combobox placed={placed} options={allOptions(placed.element)} />;
    case "multi_users_select":
      return <Combobox placed={placed} options={users()} />;
    case "multi_conversations_select":
    case "multi_channels_select":
      return <Combobox placed={placed} options={conversations()} />;
    case "checkboxes":
    case "radio_buttons":
      return <Choice placed={placed} />;
    case "datepicker":
    case "timepicker":
    case "datetimepicker":
      return <DateInput placed={placed} />;
    case "plain_text_input":
    case "number_input":
    case "email_text_input":
    case "url_text_input":
      return <TextInput placed={placed} />;
    default:
      return <span class="unknown">A {type}, which this page doesn't draw.</span>;
  }
}

function Button({ placed }: { placed: Placed }) {
  const { element } = placed;
  const { click, isBusy } = useActs(placed);
  const [isAsking, setIsAsking] = useState(false);
  const url = asText(element.url);
  const confirm = asObject(element.confirm);
  const press = (): void => {
    if (url !== undefined) window.open(url, "_blank", "noopener");
    void click();
  };
  return (
    <>
      <button
        type="button"
        class={`button ${asText(element.style) ?? ""}`}
        aria-label={asText(element.accessibility_label)}
        aria-busy={isBusy}
        onClick={() => {
          // A second press while the first is under way is sent, too: the bot has to bear it.
          if (confirm) setIsAsking(true);
          else press();
        }}
      >
        <Plain text={textAt(element, "text", "text") ?? ""} />
      </button>
      {isAsking && confirm ? (
        <Confirm
          confirm={confirm}
          onAnswer={(yes) => {
            setIsAsking(false);
            if (yes) press();
          }}
        />
      ) : null}
    </>
  );
}
