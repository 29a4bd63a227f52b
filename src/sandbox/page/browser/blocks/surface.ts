// Where blocks stand, and how what a person does with their elements reaches the simulated Slack.

import { createContext } from "preact";
import { useContext, useState } from "preact/hooks";
import { asList, asObject, asText, type Json, objectsIn, textAt } from "../../../slack/json.ts";
import type { Typed } from "../../page-state.ts";
import { act } from "../live-state.ts";
import { useSeen } from "../seen.ts";

/** As the acts name it. */
type Place = { channel: string; ts: string } | { viewId: string } | { home: true };

export type Surface = {
  place: Place;
  /** Slack's value objects, by block id and action id. */
  values: Record<string, Record<string, Json>>;
  errors: Record<string, string>;
  /** Told what is in an input, before anything is sent. */
  onTyped?: (blockId: string, typed: Typed) => void;
  /** Resolves when Slack knows what was typed into the form so far: it goes along with every act. */
  flush?: () => Promise<void>;
};

export const SurfaceContext = createContext<Surface | undefined>(undefined);

export function useSurface(): Surface {
  const surface = useContext(SurfaceContext);
  if (!surface) throw new Error("blocks outside a surface");
  return surface;
}

/** An element, and the block that it is in. */
export type Placed = { block: Json; element: Json };

export const blockIdOf = ({ block }: Placed): string => asText(block.block_id) ?? "";
const actionIdOf = ({ element }: Placed): string => asText(element.action_id) ?? "";
export const domIdOf = (placed: Placed): string => `in-${blockIdOf(placed)}-${actionIdOf(placed)}`;

export type Option = { value: string; text: string; description: string; group?: string };

export function optionsOf(list: unknown, group?: string): Option[] {
  return objectsIn(list).map((one) => ({
    value: asText(one.value) ?? "",
    text: textAt(one, "text", "text") ?? "",
    description: textAt(one, "description", "text") ?? "",
    ...(group !== undefined && { group }),
  }));
}

/** The options of an element or of an answer, with those of its groups. */
export function allOptions(of: Json): Option[] {
  const grouped = objectsIn(of.option_groups).flatMap((one) =>
    optionsOf(one.options, textAt(one, "label", "text")),
  );
  return [...optionsOf(of.options), ...grouped];
}

/** Clicking, picking and asking for options, each by the person whose screen it is. */
export function useActs(placed: Placed) {
  const { place, onTyped, flush } = useSurface();
  const { me, say } = useSeen();
  const [isBusy, setIsBusy] = useState(false);
  const where = {
    user: me.id,
    ...place,
    actionId: actionIdOf(placed),
    // Blocks that came without an id are found by the action alone.
    ...(blockIdOf(placed) === "" ? {} : { blockId: blockIdOf(placed) }),
  };

  const perform = async (name: string, more: object): Promise<Json> => {
    setIsBusy(true);
    try {
      if (name !== "suggest") await flush?.();
      const result = await act(name, { ...where, ...more });
      const trouble = asText(result.trouble);
      if (trouble) say(trouble);
      return result;
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
      return {};
    } finally {
      setIsBusy(false);
    }
  };

  return {
    isBusy,
    isInForm: flush !== undefined,
    click: () => perform("click", clickedValue(placed.element)),
    /** Puts a value in; Slack tells the app where the block is of that kind. */
    pick: (value: Typed) => {
      if (placed.block.type === "input") onTyped?.(blockIdOf(placed), value);
      return perform("select", { value });
    },
    /** Only notes it for the submission. */
    note: (value: Typed) => onTyped?.(blockIdOf(placed), value),
    suggest: async (text: string): Promise<Option[]> => {
      const result = await perform("suggest", { text });
      const ack = asObject(asObject(result.ack)?.body);
      return allOptions(ack ?? { options: asList(result.options) });
    },
  };
}

/** Where Slack asks first, the page has asked. */
const clickedValue = ({ value, confirm }: Json): { value?: string; confirmed?: true } => ({
  ...(typeof value === "string" && { value }),
  ...(confirm !== undefined && { confirmed: true }),
});

/** What stands in an element, as Slack's value object holds it. */
export function useHeld(placed: Placed): Json {
  const { values } = useSurface();
  return values[blockIdOf(placed)]?.[actionIdOf(placed)] ?? {};
}
