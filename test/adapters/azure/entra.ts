// Microsoft Entra ID, as far as an application with a secret needs it: where it is, and its tokens.

import https from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Certificate } from "../../../src/sandbox/tls.ts";

export type Entra = {
  readonly port: number;
  /** Each time that a token was asked for. */
  readonly asked: readonly {
    readonly host: string;
    readonly tenant: string;
    readonly scope: string;
  }[];
  close(): Promise<void>;
};

/** `token` makes one for an audience, such as `https://management.azure.com`. */
export async function startEntra(
  certificate: Certificate,
  token: (audience: string) => Promise<string>,
): Promise<Entra> {
  const asked: Entra["asked"][number][] = [];
  const server = https.createServer(
    { key: certificate.keyPem, cert: certificate.certPem },
    async (request, response) => {
      const host = request.headers.host ?? "";
      const [, tenant = ""] = (request.url ?? "").split("/");
      const send = (body: object) => {
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(body));
      };
      if (request.method === "GET") return send(discovery(`https://${host}/${tenant}`));
      const body = new URLSearchParams(await text(request));
      const scope = (body.get("scope") ?? "").split(" ")[0] ?? "";
      asked.push({ host, tenant, scope });
      const access_token = await token(scope.replace(/\/\.default$/, ""));
      send({ token_type: "Bearer", expires_in: 3_600, ext_expires_in: 3_600, access_token });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc */
const discovery = (authority: string) => ({
  issuer: `${authority}/v2.0`,
  authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
  token_endpoint: `${authority}/oauth2/v2.0/token`,
  jwks_uri: `${authority}/discovery/v2.0/keys`,
});
