// Starts the page and keeps it in step with the server. Everything drawn comes from the other modules.

import { attempt, onDone } from "./actions.js";
import * as api from "./api.js";
import { inTheirWords } from "./client_words.js";
import { h, refreshAges } from "./dom.js";
import { closeMenu } from "./menu.js";
import { drawModals, keepTyped } from "./modal.js";
import { Phone } from "./phone.js";
import { ChannelPlace, HomePlace, openChannel, openHome, ThreadPlace } from "./places.js";
import { Sidebar } from "./sidebar.js";
import { SlackOff } from "./slack_off.js";
import { channel, channels, dm, markSeen, me, people, recallSeen, set, store, subscribe, t } from "./state.js";
import { toast } from "./toast.js";
import { Workshop } from "./workshop/panel.js";

const AS_KEY = "csp-sandbox-as";
const parts = {};

// ---- fetching: one request at a time, and one more when something changed meanwhile ----

let fetching = null;
let again = false;

function refresh() {
  if (fetching) {
    again = true;
    return fetching;
  }
  fetching = fetchState().finally(() => {
    fetching = null;
    if (again) {
      again = false;
      refresh();
    }
  });
  return fetching;
}

async function fetchState() {
  const state = await attempt(api.getState);
  if (!state.team) return set({ online: false });
  set({ server: state, online: true });
}

function onEvent(event) {
  if (event.type === "changed") refresh();
  if (event.type === "traffic") parts.workshop?.hear();
  if (event.type === "toast" && (!event.user || event.user === me().id)) toast(inTheirWords(event.text));
}

// ---- who acts, and where they look ----

function actAs(id) {
  closeMenu();
  const place = store.place;
  const wasDirect = (store.server.dms || []).some((one) => one.id === place.channel);
  sessionStorage.setItem(AS_KEY, id);
  set({ meId: id });
  // A private chat belongs to one person; the next one sees their own.
  if (wasDirect) openChannel(dm(id)?.id || channels()[0]?.id);
  if (place.kind === "home") openHome();
}

function firstPerson() {
  const asked = new URLSearchParams(window.location.search).get("as") || sessionStorage.getItem(AS_KEY);
  const id = people().some((one) => one.id === asked) ? asked : people()[0]?.id;
  sessionStorage.setItem(AS_KEY, id); // a permalink followed in this tab keeps the person
  return id;
}

/** #C0ESCAL, #C0ESCAL/ts, #C0ESCAL/thread/ts or #home. */
function goToHash() {
  const [where, first, second] = decodeURIComponent(window.location.hash.slice(1)).split("/");
  if (where === "home") return openHome();
  const known = channel(where) || (store.server.dms || []).find((one) => one.id === where && one.user === me().id);
  if (!known) return openChannel(channels()[0]?.id);
  if (first) closeSide();
  return openChannel(where, second || first || null, threadOf(where, first, second));
}

function threadOf(where, first, second) {
  if (second) return first;
  const message = (store.server.messages?.[where] || []).find((one) => one.ts === first);
  return message?.thread_ts && message.thread_ts !== message.ts ? message.thread_ts : null;
}

const closeSide = () => set({ side: false });

function writeHash() {
  const { kind, channel: id } = store.place;
  const wanted = kind === "home" ? "#home" : `#${id}`;
  if (window.location.hash.split("/")[0] !== wanted) history.replaceState(null, "", wanted);
}

// ---- drawing ----

function build() {
  parts.sidebar = new Sidebar({ actAs });
  parts.channel = new ChannelPlace();
  parts.thread = new ThreadPlace();
  parts.home = new HomePlace();
  parts.phone = new Phone();
  parts.slackOff = new SlackOff();
  parts.workshop = new Workshop({ togglePhone: () => parts.phone.toggle() });
  parts.main = h("main", { class: "main" });
  parts.layer = h("div", { class: "scrim modal-layer", hidden: true });
  parts.stage = h("div", { class: "stage" }, parts.sidebar.node, parts.main, parts.thread.node, parts.phone.node, parts.layer);
  document.getElementById("app").replaceChildren(parts.slackOff.node, parts.stage, parts.workshop.node);
}

function draw() {
  if (!store.server) return;
  document.documentElement.lang = me().locale || "en";
  document.title = `${store.server.team.name} · ${t("title")}`;
  const inThread = Boolean(store.thread) && store.place.kind === "channel";
  parts.stage.dataset.off = String(store.server.settings.slack_off);
  parts.slackOff.draw();
  parts.stage.dataset.front = store.side ? "side" : inThread ? "thread" : "main";
  if (store.place.channel) markSeen(store.place.channel); // before the sidebar counts what is new
  parts.sidebar.draw();
  drawPlace();
  parts.thread.node.hidden = !inThread;
  if (inThread) parts.thread.draw(store.place.channel, store.thread);
  drawModals(parts.layer, [parts.sidebar.node, parts.main, parts.thread.node]);
  parts.phone.draw();
  parts.workshop.draw();
  refreshAges();
  writeHash();
}

function drawPlace() {
  const place = store.place.kind === "home" ? parts.home : parts.channel;
  if (parts.main.firstChild !== place.node) parts.main.replaceChildren(place.node);
  if (store.place.kind === "home") place.draw();
  else if (store.place.channel) place.draw(store.place.channel);
}

function onKey(event) {
  if (event.key === "Escape" && !event.defaultPrevented && store.thread) set({ thread: null });
}

async function start() {
  onDone(refresh);
  await refresh();
  while (!store.server) await retryLater();
  recallSeen();
  store.meId = firstPerson();
  build();
  subscribe(draw);
  goToHash();
  draw();
  api.listen(onEvent, (online) => set({ online }));
  window.addEventListener("hashchange", goToHash);
  document.addEventListener("keydown", onKey);
  window.addEventListener("pagehide", keepTyped);
  setInterval(() => parts.workshop.tick(), 1000);
  setInterval(draw, 30000); // "5 minutes ago" grows old, and today becomes yesterday
  document.addEventListener("visibilitychange", draw); // a page in the background is not drawn that often
  document.documentElement.dataset.ready = "true";
}

async function retryLater() {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await refresh();
}

start();
