// Checkboxes and radio buttons.

import { useState } from "preact/hooks";
import { asText, objectsIn, textAt } from "../../../slack/json.ts";
import { domIdOf, type Placed, useActs, useHeld } from "./surface.ts";
import { Text } from "./text-object.tsx";

export function Choice({ placed }: { placed: Placed }) {
  const { element } = placed;
  const { pick } = useActs(placed);
  const held = useHeld(placed);
  const isMany = element.type === "checkboxes";
  const [chosen, setChosen] = useState<string[]>(() =>
    isMany
      ? objectsIn(held.selected_options).map((one) => String(one.value))
      : [textAt(held, "selected_option", "value")].filter((one) => one !== undefined),
  );
  const toggle = (value: string, isOn: boolean): void => {
    const kept = isMany ? chosen.filter((one) => one !== value) : [];
    const next = isOn ? [...kept, value] : kept;
    setChosen(next);
    void pick(isMany ? next : (next[0] ?? null));
  };
  return (
    <div class="choice">
      {objectsIn(element.options).map((option) => {
        const value = asText(option.value) ?? "";
        return (
          <label key={value}>
            <input
              type={isMany ? "checkbox" : "radio"}
              name={domIdOf(placed)}
              checked={chosen.includes(value)}
              onChange={({ currentTarget }) => toggle(value, currentTarget.checked)}
            />
            <span>
              <Text of={option.text} />
              {option.description ? (
                <small>
                  <Text of={option.description} />
                </small>
              ) : null}
            </span>
          </label>
        );
      })}
    </div>
  );
}
