// Where the Azure portal of a cloud shows a resource. Pure.

/** From Microsoft's documentation of national clouds at learn.microsoft.com. */
export const PORTALS: Readonly<Record<"public" | "usgov" | "china", string>> = {
  public: "https://portal.azure.com",
  usgov: "https://portal.azure.us",
  china: "https://portal.azure.cn",
};

/** Where the portal shows the Activity Log of a resource. */
export const activityLogUrl = (portal: string, id: string): string | undefined =>
  portalUrl(portal, `${id}/eventlogs`);

/** Source: https://docs.slack.dev/reference/block-kit/block-elements/button-element */
const URL_CHARACTERS_MAX = 3_000;

/**
 * Where the portal at `portal` shows the resource `id`. The id stands in the address's fragment, with all
 * that could mean something in an address encoded. `undefined` where Slack would not take it.
 */
export function portalUrl(portal: string, id: string): string | undefined {
  const path = id.toWellFormed().split("/").map(encodeURIComponent).join("/");
  const url = `${portal}/#@/resource${path}`;
  return url.length > URL_CHARACTERS_MAX ? undefined : url;
}
