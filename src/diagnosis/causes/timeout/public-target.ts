import { isPrivateAddress, parseAddress } from "../../../network/addresses.ts";
import type { Server } from "../../../routing/routes.ts";
import type { Facets } from "../../facets.ts";

/** Requests to public targets are cut after four minutes, whatever the limit says (request-handling.md §7). */
export const publicCapS = 240;

/** Whether requests to the server leave the virtual network; undefined when its name tells nothing. */
export function isPublicTarget(
  server: Server,
  { reach, names }: Pick<Facets, "reach" | "names">,
): boolean | undefined {
  const addresses = reach.addresses(server).flatMap((text) => parseAddress(text) ?? []);
  if (addresses.length > 0) return !addresses.some(isPrivateAddress);
  return names.of(server)?.answeredBy === "public-dns" ? true : undefined;
}
