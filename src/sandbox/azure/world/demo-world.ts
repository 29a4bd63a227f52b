// A small estate for the demo: VMs of every kind that the bot must tell apart.

import type { AzureEstate } from "./azure-estate.ts";
import { bastion, buildWorld, policy, subscription, vm } from "./parts.ts";

const prod = { env: "prod" };
const dev = { env: "dev" };

/** Two subscriptions, four resource groups, 18 VMs. The same in every run. */
export function demoWorld(): AzureEstate {
  const shop = { subscription: "Shop", resourceGroup: "rg-prod-shop" };
  const data = { subscription: "Shop", resourceGroup: "rg-prod-data" };
  const lab = { subscription: "Lab", resourceGroup: "rg-dev-lab", location: "northeurope" };
  const edge = { subscription: "Lab", resourceGroup: "rg-edge" };
  return buildWorld(
    subscription({ name: "Shop", managementGroups: ["root", "production"] }),
    subscription({ name: "Lab", managementGroups: ["root", "development"] }),

    vm({ ...shop, name: "vm-01", os: "windows", tags: prod, publicIp: true }),
    vm({ ...shop, name: "web-01", tags: prod, publicIp: true }),
    vm({ ...shop, name: "web-02", tags: prod, nsg: "both" }),
    vm({ ...shop, name: "jump-01", tags: { ...prod, team: "platform ops" }, nsg: "subnet" }),
    vm({ ...shop, name: "win-02", os: "windows", tags: prod, power: "deallocated" }),
    policy({ vms: ["vm-01", "rg-prod-shop/web-01", "web-02", "jump-01", "win-02"], max: "PT4H" }),
    // Could be configured, and isn't.
    vm({ ...shop, name: "batch-01", tags: prod }),
    // Can not be: nothing that JIT could write its rules into.
    vm({ ...shop, name: "bare-01", tags: prod, nsg: "none" }),
    bastion(shop),

    vm({ ...data, name: "db-01", tags: prod, nsg: "subnet" }),
    vm({ ...data, name: "db-02", tags: prod, nsg: "subnet" }),
    policy({
      vms: ["db-01", "db-02"],
      ports: [22, { number: 5432, protocol: "TCP" }],
      max: "PT2H",
      sources: ["203.0.113.0/24", "198.51.100.0/24"],
    }),
    // The same name as in the shop: the bot has to ask which.
    vm({ ...data, name: "web-01", tags: prod }),

    vm({ ...lab, name: "dev-01", tags: dev, publicIp: true }),
    vm({ ...lab, name: "dev-02", tags: dev, power: "stopped" }),
    // Somebody opened it by hand, above the rule by which JIT shuts it.
    vm({
      ...lab,
      name: "build-01",
      nsgRules: [
        {
          name: "allow-ssh-for-now",
          priority: 300,
          access: "Allow",
          ports: ["22"],
          source: "*",
          destination: "*",
          protocol: "TCP",
        },
      ],
    }),
    // A word of the command's own grammar.
    vm({ ...lab, name: "from", tags: dev }),
    vm({ ...lab, name: "win-dev-01", os: "windows", tags: dev }),
    // Accepts every request, and never opens.
    vm({ ...lab, name: "stuck-01", tags: dev, opensAfterMs: "never" }),
    policy({
      vms: ["dev-01", "dev-02", "build-01", "from", "win-dev-01", "stuck-01"],
      ports: [22, 3389, 5985, 5986],
    }),

    vm({ ...edge, name: "fw-linux-01", firewall: true, nsg: "none", tags: dev }),
    vm({ ...edge, name: "fw-win-01", os: "windows", firewall: true, tags: dev }),
    policy({ vms: ["fw-linux-01", "fw-win-01"], name: "edge" }),
  );
}
