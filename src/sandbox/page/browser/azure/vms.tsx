// The VMs by resource group: what just-in-time access allows on each, and the rules that stand before it.

import type { PortShown, VmShown } from "../../page-state.ts";
import { perform } from "../live-state.ts";
import { useSeen } from "../seen.ts";

const JIT = {
  configured: "Configured",
  "not configured": "Not configured",
  unsupported: "Unsupported",
} as const;

export function Vms() {
  const { shown } = useSeen();
  const { vms } = shown.azure;
  const groups = [...new Set(vms.map(({ resourceGroup }) => resourceGroup))];
  return (
    <>
      {groups.map((group) => {
        const inside = vms.filter(({ resourceGroup }) => resourceGroup === group);
        return (
          <section key={group} aria-labelledby={`group-${group}`}>
            <h3 id={`group-${group}`}>
              {group} <small>{inside[0]?.subscription}</small>
            </h3>
            {inside.map((vm) => (
              <VmCard key={vm.id} vm={vm} />
            ))}
          </section>
        );
      })}
    </>
  );
}

function VmCard({ vm }: { vm: VmShown }) {
  const { shown, say } = useSeen();
  const open = shown.azure.doors.filter(
    (door) => door.vmId === vm.id.toLowerCase() && door.status === "open",
  );
  const tags = Object.entries(vm.tags).map(([key, value]) => `${key}=${value}`);
  const openInPortal = ({ number }: PortShown): void => {
    const deed = { do: "open-in-portal", vm: vm.id, port: number } as const;
    perform(deed).then(
      () =>
        say(
          "Opened behind the bot's back. It notifies #notices once Azure's Activity Log shows it.",
        ),
      (error: Error) => say(error.message),
    );
  };
  return (
    <details class="vm">
      <summary>
        <span class="vm-name">{vm.name}</span>
        <small>{[vm.os, vm.power === "running" ? "" : vm.power].filter(Boolean).join(", ")}</small>
        {open.length > 0 ? <span class="pill open">{open.length} open</span> : null}
        <span class={`pill jit-${vm.jit.replace(" ", "-")}`}>{JIT[vm.jit]}</span>
      </summary>
      <dl>
        <dt>Addresses</dt>
        <dd>{[vm.privateIp, vm.publicIp].filter(Boolean).join(", ")}</dd>
        {tags.length > 0 ? (
          <>
            <dt>Tags</dt>
            <dd>{tags.join(", ")}</dd>
          </>
        ) : null}
        {vm.ports.length > 0 ? (
          <>
            <dt>JIT policy</dt>
            <dd>
              <ul>
                {vm.ports.map((port) => (
                  <li key={port.number}>
                    <b>{port.number}</b> for up to {hoursOf(port.max)} from{" "}
                    {port.sources.join(", ")}{" "}
                    <button type="button" class="link" onClick={() => openInPortal(port)}>
                      Open in the portal<span class="hidden"> port {port.number}</span>
                    </button>
                  </li>
                ))}
              </ul>
            </dd>
          </>
        ) : null}
      </dl>
      <Rules vm={vm} />
    </details>
  );
}

function Rules({ vm }: { vm: VmShown }) {
  if (vm.rules.length === 0) return <p class="nothing">No network security group rules.</p>;
  return (
    <table>
      <caption>NSG rules, the first that matches decides</caption>
      <thead>
        <tr>
          <th scope="col">Priority</th>
          <th scope="col">Access</th>
          <th scope="col">Ports</th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody>
        {vm.rules.map((rule) => (
          <tr key={rule.name} class={rule.access.toLowerCase()} title={rule.name}>
            <td>{rule.priority}</td>
            <td>
              {rule.access}
              {rule.isJit ? <small> JIT</small> : null}
            </td>
            <td>{rule.ports.join(", ")}</td>
            <td>{rule.source}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** `PT3H` as `3 h`. */
function hoursOf(duration: string): string {
  const [, hours, minutes] = /^PT(?:(\d+)H)?(?:(\d+)M)?/.exec(duration) ?? [];
  return [hours && `${hours} h`, minutes && `${minutes} min`].filter(Boolean).join(" ") || duration;
}
