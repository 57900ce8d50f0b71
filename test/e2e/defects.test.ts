// Mistakes of our own in the middle of a turn: that turn ends as any failed one does, and the others do not notice.
import { expect, test } from "vitest";
import type { KeyRing } from "../../src/gateway/key-ring.ts";
import { DONE, delta, finish, stream, text } from "../support/chat-frames.ts";
import { startStage } from "../support/gateway.ts";
import { ask, body, errorOf, eventsOf, failureOf, finished, lastResponse, outputText, send } from "./client.ts";

const STREAM = body({ stream: true });

/** Something of ours that throws where nobody expects it: on the first sealed thought of a reply. */
const broken: KeyRing = {
  seal: () => {
    throw new TypeError("a defect");
  },
  unseal: () => ({ state: "foreign" }),
};

const thinking = delta({ reasoning_content: "hm" }) + text("so") + finish() + DONE;

test("a stream of which our own code fails ends as a failed response, and others go on", async () => {
  const { upstream, url, log, gateway } = await startStage({ retries: 2 }, {}, {}, { keyRing: broken });
  upstream.play((exchange) => exchange.send(text("half a")));
  const other = await send(url, STREAM).reply;
  await other.until("response.output_text.delta");

  upstream.play((exchange) => exchange.send(thinking));
  const failure = failureOf(eventsOf(await ask(url, STREAM)));
  expect(failure).toMatchObject({ code: "server_error" });
  expect((await log.ended(1)).end).toMatchObject({ state: "failed", fault: "server" });

  upstream.exchanges[0]?.send(text(" loaf") + finish() + DONE);
  expect(outputText(lastResponse(await finished(other)))).toBe("half a loaf");
  await gateway.idle();
  expect(upstream.exchanges).toHaveLength(2);
});

test("a whole reply on which our own code fails is a 500, and is not tried again", async () => {
  const { upstream, url, gateway } = await startStage({ retries: 2 }, {}, {}, { keyRing: broken });
  upstream.always((exchange) => {
    exchange.begin(200, { "content-type": "application/json" });
    exchange.send(JSON.stringify({ choices: [{ message: { reasoning_content: "hm", content: "so" }, finish_reason: "stop" }] }));
    exchange.end();
  });
  expect(errorOf(await ask(url, body()))).toMatchObject({ status: 500, code: "server_error" });
  expect(upstream.exchanges).toHaveLength(1);
  await gateway.idle();
  upstream.always((exchange) => {
    exchange.send(stream("still here"));
    exchange.end();
  });
  expect(outputText(lastResponse(eventsOf(await ask(url, STREAM))))).toBe("still here");
});
