// The switches: what goes wrong, and how late it is.

import type { Deed, WhatIfName } from "../../page-state.ts";
import { perform } from "../live-state.ts";
import { useSeen } from "../seen.ts";

const SWITCHES: [name: WhatIfName, label: string, says: string][] = [
  ["azureRefuses", "Azure refuses", "The bot's role lacks the right to initiate: 403"],
  ["azureSlow", "Azure is slow", "Every answer about JIT takes six seconds"],
  ["azureThrottles", "Azure throttles", "429, retry in five seconds"],
  ["graphThrottles", "Quota used up", "Resource Graph answers 429, so the list of VMs goes stale"],
  ["azureNeverOpens", "Azure never opens", "It accepts, but nothing opens"],
  [
    "slackAway",
    "Slack is down",
    "Its API answers 503 to the bot, so messages wait and nobody can be checked",
  ],
  ["botDown", "Bot is down", "Stopped, and not restarted"],
];

const JUMPS: [minutes: number, label: string][] = [
  [1, "+1 min"],
  [10, "+10 min"],
  [60, "+1 h"],
];

export function WhatIfPanel() {
  const { shown, say } = useSeen();
  const please = (deed: Deed): void => {
    perform(deed).catch((error: Error) => say(error.message));
  };
  return (
    <section class="what-if" aria-labelledby="what-if-title">
      <h3 id="what-if-title">What if…</h3>
      <div class="switches">
        {SWITCHES.map(([name, label, says]) => {
          const isOn = shown.whatIf[name];
          return (
            <button
              key={name}
              type="button"
              role="switch"
              aria-checked={isOn}
              title={says}
              onClick={() => please({ do: "switch", name, on: !isOn })}
            >
              <span class="knob" aria-hidden="true" />
              {label}
            </button>
          );
        })}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a row of buttons, no form */}
      <div class="jumps" role="group" aria-label="Time and the bot">
        {JUMPS.map(([minutes, label]) => (
          <button
            key={label}
            type="button"
            class="button"
            title="Jump the clock ahead"
            onClick={() => please({ do: "advance", minutes })}
          >
            {label}
          </button>
        ))}
        <button
          type="button"
          class="button danger"
          title="Simulates a crash; it restarts immediately"
          onClick={() => please({ do: "kill" })}
        >
          Kill bot
        </button>
      </div>
    </section>
  );
}
