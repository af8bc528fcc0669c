// What the acting person does: sends it to the server, and says so when it did not work.

import * as api from "./api.js";
import { inTheirWords } from "./client_words.js";
import { me, t } from "./state.js";
import { toast } from "./toast.js";

let refresh = async () => {};

/** app.js gives the function that fetches the state anew. */
export const onDone = (fn) => (refresh = fn);

/** Does something as the acting person. Never throws: what went wrong is in the answer, and on the screen. */
export async function perform(act, { quiet = false } = {}) {
  const answer = await attempt(() => api.act({ user: me().id, ...act }));
  if (!answer.ok && !quiet && !answer.errors) toast(problem(answer));
  await refresh();
  return answer;
}

/** The same for the workshop's requests, which have other shapes. */
export async function attempt(request) {
  try {
    return await request();
  } catch (error) {
    const word = error instanceof api.ControlError ? error.message : "unreachable";
    return { ok: false, error: word, detail: error.detail };
  }
}

/** One sentence for the person about an answer that is not ok. */
export function problem(answer) {
  if (answer.toast) return inTheirWords(answer.toast);
  const known = ["unreachable", "operation_timeout", "dispatch_failed", "unknown_command", "read_only", "slack_off",
    "clock_backward", "clock_too_far"];
  if (known.includes(answer.error)) return t(`problem.${answer.error}`);
  return t("problem.other", { error: [answer.error, answer.detail].filter((part) => typeof part === "string").join(": ") });
}
