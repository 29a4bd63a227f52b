// The simulated Azure as a person would like to see it, and the switches to make it hard for the bot.

import { useState } from "preact/hooks";
import type { DoorShown } from "../../page-state.ts";
import { useIsPhone } from "../live-state.ts";
import { useSeen } from "../seen.ts";
import { Doors } from "./doors.tsx";
import { Rights } from "./rights.tsx";
import { Vms } from "./vms.tsx";
import { WhatIfPanel } from "./what-if.tsx";
import { Wire } from "./wire.tsx";

const TABS = [
  ["doors", "Open ports"],
  ["vms", "VMs"],
  ["rights", "Rights"],
  ["wire", "Calls"],
] as const;

type Tab = (typeof TABS)[number][0];

const PANELS = {
  doors: () => <Doors />,
  vms: () => <Vms />,
  rights: () => <Rights />,
  wire: () => <Wire />,
};

export function AzurePane() {
  const { shown } = useSeen();
  // On a phone it is what there is to see.
  const Part = useIsPhone() ? "main" : "aside";
  const [tab, setTab] = useState<Tab>("doors");
  const count = countOf(shown.azure.doors);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const at = TABS.findIndex(([id]) => id === tab);
    const [next] = TABS[(at + step + TABS.length) % TABS.length] ?? TABS[0];
    setTab(next);
    document.getElementById(`azure-tab-${next}`)?.focus();
  };
  return (
    <Part class="azure" aria-label="Azure">
      <header class="pane-head">
        <h2>Azure</h2>
        <p class="topic">simulated: the real state</p>
      </header>
      <div class="tabs" role="tablist" aria-label="Azure" onKeyDown={onKeyDown}>
        {TABS.map(([id, name]) => (
          <button
            key={id}
            id={`azure-tab-${id}`}
            type="button"
            role="tab"
            aria-selected={tab === id}
            aria-controls="azure-panel"
            tabIndex={tab === id ? 0 : -1}
            onClick={() => setTab(id)}
          >
            {name}
            {id === "doors" && count !== "" ? <span class="count"> {count}</span> : null}
          </button>
        ))}
      </div>
      <div
        id="azure-panel"
        class="azure-panel"
        role="tabpanel"
        aria-labelledby={`azure-tab-${tab}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by the keyboard
        tabIndex={0}
      >
        {PANELS[tab]()}
      </div>
      <WhatIfPanel />
    </Part>
  );
}

/** A port that closes is let through still, but isn't counted as open: it says what it is. */
const countOf = (doors: readonly DoorShown[]): string =>
  (["open", "closing"] as const)
    .map((status) => [doors.filter((one) => one.status === status).length, status] as const)
    .filter(([count]) => count > 0)
    .map((words) => words.join(" "))
    .join(", ");
