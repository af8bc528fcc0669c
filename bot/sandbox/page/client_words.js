// Slack's own client speaks the person's language; the sandbox server speaks English. This puts its sentences right.

import { t } from "./state.js";

const SENTENCES = [
  [/^Please complete this required field\.$/, "client.required"],
  [/^Please enter a valid email address\.$/, "client.email"],
  [/^Please enter a valid URL\.$/, "client.url"],
  [/^Please enter a number\.$/, "client.number"],
  [/^Please enter at least (\d+) characters\.$/, "client.least"],
  [/^Please enter at most (\d+) characters\.$/, "client.most"],
  [/^Please choose at most (\d+)\.$/, "client.choose_most"],
  [/^We had some trouble connecting\. Try again\?$/, "client.trouble"],
  [/^(\S+) failed because the app did not respond\.$/, "client.no_response"],
  [/^(\S+) is not a valid command\.$/, "client.no_command"],
  [/^(\S+) is not supported in threads\. Sorry!$/, "client.not_in_threads"],
];

/** The sentence in the acting person's language; what is not known stays as it is. */
export function inTheirWords(sentence) {
  for (const [pattern, key] of SENTENCES) {
    const match = pattern.exec(sentence ?? "");
    if (match) return t(key, { what: match[1] });
  }
  return sentence;
}

/** The same for errors under fields, {block_id: sentence}. */
export const errorsInTheirWords = (errors) =>
  Object.fromEntries(Object.entries(errors).map(([block, sentence]) => [block, inTheirWords(sentence)]));
