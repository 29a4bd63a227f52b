// Where the bot's identity is let in, and what it may do there: each right can be taken away and given back.

import type { Deed, RightShown, SubscriptionShown } from "../../page-state.ts";
import { perform } from "../live-state.ts";
import { useSeen } from "../seen.ts";

const PLANS = { P2: "Plan 2", P1: "Plan 1, without JIT", off: "No plan, no JIT" } as const;

export function Rights() {
  const { shown, say } = useSeen();
  const { subscriptions, rights } = shown.azure;
  const please = (deed: Deed): void => {
    perform(deed).catch((error: Error) => say(error.message));
  };
  const purposes = [...new Set(rights.map(({ purpose }) => purpose))];
  return (
    <>
      {subscriptions.map((one) => (
        <Subscription key={one.id} one={one} please={please} />
      ))}
      {purposes.map((purpose) => (
        <section key={purpose} class="rights" aria-labelledby={`rights-${purpose}`}>
          <h3 id={`rights-${purpose}`}>
            {purpose} <small>everywhere</small>
          </h3>
          {rights
            .filter((right) => right.purpose === purpose)
            .map((right) => (
              <Right key={right.action} right={right} please={please} />
            ))}
        </section>
      ))}
    </>
  );
}

type Pleasing = { please: (deed: Deed) => void };

function Subscription({ one, please }: Pleasing & { one: SubscriptionShown }) {
  const scope = `/subscriptions/${one.id}`;
  const set = (action: string, isGiven: boolean) => please({ do: "right", scope, action, isGiven });
  const { id: subscription } = one;
  return (
    <section class="rights" aria-labelledby={`subscription-${one.id}`}>
      <h3 id={`subscription-${one.id}`}>
        {one.name}{" "}
        <small>
          {one.vmCount} VMs, under {one.managementGroups.join(", ")}
        </small>
      </h3>
      <Toggle
        label={`The bot sees ${one.name}`}
        isOn={one.isSeen}
        onTurn={(isOn) => set("*", isOn)}
      />
      <Toggle
        label={`… and its JIT policies`}
        isOn={one.isRead}
        onTurn={(isOn) => set("Microsoft.Security/*", isOn)}
      />
      <label class="plan">
        Defender for Servers{" "}
        <select
          value={one.plan}
          onChange={({ currentTarget }) =>
            please({ do: "plan", subscription, plan: currentTarget.value as typeof one.plan })
          }
        >
          {Object.entries(PLANS).map(([plan, says]) => (
            <option key={plan} value={plan}>
              {says}
            </option>
          ))}
        </select>
      </label>
    </section>
  );
}

function Right({ right, please }: Pleasing & { right: RightShown }) {
  const { action } = right;
  return (
    <Toggle
      label={action.replace(/^Microsoft\./, "")}
      isOn={right.isGiven}
      onTurn={(isGiven) => please({ do: "right", scope: "/", action, isGiven })}
    />
  );
}

type Turning = { label: string; isOn: boolean; onTurn: (isOn: boolean) => void };

function Toggle({ label, isOn, onTurn }: Turning) {
  return (
    <button type="button" role="switch" aria-checked={isOn} onClick={() => onTurn(!isOn)}>
      <span class="knob" aria-hidden="true" />
      <span class="label">{label}</span>
    </button>
  );
}
