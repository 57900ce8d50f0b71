// The Response object as the hub holds it: what grows during a turn, apart from what repeats the request. Promises that
// a writer can serialise the unchanging part once.
import type { OutputItem } from "./item.ts";
import type { ResponseEcho } from "./request.ts";
import type { WireUsage } from "./usage.ts";

/** Why a response is incomplete. */
export type IncompleteReason = "max_output_tokens" | "content_filter";

/** A snapshot for a lifecycle event or a whole reply. Times are seconds since the epoch. */
export interface ResponseSnapshot {
  id: string;
  created_at: number;
  completed_at: number | null;
  /** `queued` and `cancelled` are of background responses; a response that its client left is `cancelled` too. */
  status: "queued" | "in_progress" | "completed" | "incomplete" | "failed" | "cancelled";
  error: { code: string; message: string } | null;
  incomplete_details: { reason: IncompleteReason } | null;
  output: readonly OutputItem[];
  usage: WireUsage | null;
  echo: ResponseEcho;
}
