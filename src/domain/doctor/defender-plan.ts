// Defender's plan for servers: which one has just-in-time access. A hint and no gate, for single VMs may differ.

/** As Azure names it: `Standard` or `Free`, and `P1`, `P2` or nothing. */
export type ServersPlan = { readonly tier: string; readonly subPlan: string };

/** Source: https://learn.microsoft.com/azure/defender-for-cloud/defender-for-servers-overview */
export const includesJit = ({ tier, subPlan }: ServersPlan): boolean =>
  /^standard$/i.test(tier) && (subPlan === "" || /^P2$/i.test(subPlan));
