// Speaks with the sandbox server (/control/*). Knows no page state and draws nothing.

async function call(method, path, body) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ControlError(answer.error || `http_${response.status}`, answer.detail);
  return answer;
}

/** The server refused a control request; `message` is its error word. */
export class ControlError extends Error {
  constructor(error, detail) {
    super(error);
    this.detail = detail;
  }
}

export const getState = () => call("GET", "/control/state");
export const getTraffic = (after) => call("GET", `/control/traffic?after=${after}`);
export const act = (body) => call("POST", "/control/act", body);
/** An act of a page that is about to go: nobody waits for the answer. */
export function leaveWord(body) {
  navigator.sendBeacon("/control/act", new Blob([JSON.stringify(body)], { type: "application/json" }));
}

export const moveClock = (body) => call("POST", "/control/clock", body);
export const setFault = (body) => call("POST", "/control/fault", body);
export const clearFaults = () => call("DELETE", "/control/fault");
export const setLatency = (seconds) => call("POST", "/control/latency", { seconds });
export const socket = (what, more = {}) => call("POST", "/control/socket", { do: what, ...more });
export const setSettings = (body) => call("POST", "/control/settings", body);
export const app = (what) => call("POST", "/control/app", { do: what });

/** Listens to the server's events for ever; the browser reconnects by itself. */
export function listen(onEvent, onLine) {
  const source = new EventSource("/control/events");
  source.onmessage = (event) => onEvent(JSON.parse(event.data));
  source.onopen = () => onLine(true);
  source.onerror = () => onLine(false);
  return source;
}
