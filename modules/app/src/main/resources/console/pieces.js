// What all pages are made of. Whatever comes from a log is put in as text, never as markup: no innerHTML anywhere.

export const REFRESH_MS = 5000;
export const MOST_ROWS = 40;
export const SILENT_MS = 180000;
const MOST_CHIPS = 12;
const MOST_ANSWERS = 40;
export const PHASES = { ATTEMPT: "began a message", ACCEPTED: "mail accepted", OUTCOME: "delivery", REFUSED: "refused", LOGIN: "mailbox login", AUTH_FAILED: "login failed",
  AUTH_UNANSWERED: "login not answered", AUTH_ERROR: "login failed, no wrong password",
  AUTH_OUTAGE: "nobody can log in", AUTH_RESTORED: "logins are answered again", CLIENTS_HIDDEN: "clients are hidden" };

export const state = { token: sessionStorage.getItem("token"), me: null, drawn: "", page: "", timeline: null, timelineFor: "", timelineAt: 0, unfolded: new Set(),
  selected: new Set(), answers: new Map(), said: null };

/** An element; children that are strings become text, nothing becomes nothing. */
export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined) element.setAttribute(key, value);
  }
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
}

export class Problem extends Error {
  constructor(status, text) { super(text); this.status = status; }
}

/** Asks the detector, or tells it something; an answer that did not change since is not sent again. */
export async function ask(path, body) {
  const headers = {}, before = body ? null : state.answers.get(path);
  if (state.token) headers.Authorization = `Bearer ${state.token}`;
  if (body) headers["Content-Type"] = "application/json";
  if (before) headers["If-None-Match"] = before.tag;
  let answer;
  try {
    answer = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), cache: "no-store" });
  } catch {
    throw new Problem(0, "The detector does not answer.");
  }
  if (answer.status === 304) return before.json;
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, json.problem || `The detector answered ${answer.status}.`);
  const tag = answer.headers.get("ETag");
  if (!body && tag) {
    state.answers.delete(path);
    state.answers.set(path, { tag, json });
    if (state.answers.size > MOST_ANSWERS) state.answers.delete(state.answers.keys().next().value);
  }
  return json;
}

/** Forgets whose answers these were. */
export function forget() { state.answers.clear(); state.selected.clear(); state.said = null; }

/** Name, rest and questions of the page that the address names. */
export function route() {
  const [, name = "", rest = "", query = ""] = location.hash.match(/^#\/([a-z]*)\/?([^?]*)\??(.*)$/) || [];
  let value = rest;
  try { value = decodeURIComponent(rest); } catch { /* It is shown as it stands. */ }
  return { name, value, query: new URLSearchParams(query) };
}

/** The zone of all times on the pages. */
export function zone() {
  const minutes = -new Date().getTimezoneOffset(), hours = Math.floor(Math.abs(minutes) / 60), rest = Math.abs(minutes) % 60;
  const offset = minutes === 0 ? "UTC" : `UTC${minutes < 0 ? "−" : "+"}${hours}${rest ? `:${two(rest)}` : ""}`;
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return !name || name === "UTC" ? offset : `${name} (${offset})`;
}

// ---- words for times and subjects

export const two = (n) => String(n).padStart(2, "0");

export function clock(date) { return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`; }

export function when(iso) {
  if (!iso) return null;
  const date = new Date(iso), today = new Date().toDateString() === date.toDateString();
  const text = today ? clock(date) : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(date)}`;
  return h("time", { datetime: iso, title: iso }, text);
}

export function span(ms) {
  const minutes = Math.round(Math.abs(ms) / 60000);
  if (minutes < 1) return "less than a minute";
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

export const ago = (iso) => `${span(Date.now() - new Date(iso))} ago`;
export const left = (iso) => (new Date(iso) > Date.now() ? `${span(new Date(iso) - Date.now())} left` : "ending");

/** Text of the detector with its times as people here read them. */
export function plain(text) {
  return text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (iso) => when(iso).textContent);
}

export function bare(key) { return key.slice(key.indexOf(":") + 1); }

/** How people call a subject. */
export function called(key) { return key === "fleet:all" ? "All accounts" : bare(key); }

export const KINDS = { sasl_user: "Account", client_ip: "Address", client_net: "Network", local_user: "Local user", relay_sender: "Sender without login",
  fleet: "Fleet", brake: "Brake", auth_server: "Logins of host", front_end: "Front end" };
export function kind(key) { return KINDS[key.slice(0, key.indexOf(":"))] || "Subject"; }

export const link = (key) => `#/subject/${encodeURIComponent(key)}`;
export const pill = (text, look) => h("span", { class: `pill ${look || text}` }, text);
export const place = (e) => [e.city, e.country].filter(Boolean).join(", ");
export const ACTIONS = { hold: "held", defer: "deferred", reject: "refused", disconnect: "refused, hung up", observe: "watched" };

/** A host on which blocks may not be in force. */
export function illness(host) {
  const i = host.incident;
  return h("article", { class: `card case ${i.severity}` },
    h("div", {}, pill(i.severity)),
    h("div", {}, h("h2", {}, h("a", { href: "#/hosts" }, `Host ${host.hostId}`)), h("p", {}, plain(i.description)), h("p", { class: "quiet small" }, "Blocks may not be in force there")),
    h("div", { class: "right" }, runbook(i), h("p", { class: "quiet small" }, "since ", when(i.startedAt), `, ${ago(i.startedAt)}`)));
}

/** A title without the subject that stands beside it. */
export function untitled(i, key) {
  const subject = `${bare(key)}: `, begin = i.title.indexOf(subject);
  return begin < 0 ? i.title : i.title.slice(begin + subject.length);
}

export function ending(i) {
  const lasted = `after ${span(new Date(i.endedAt) - new Date(i.startedAt))}`;
  return i.resolvedBy ? `released by ${i.resolvedBy}, ${lasted}` : `${i.resolution || "quiet"}, ${lasted}`;
}

/** What began it, and what the block was decided on. */
export function because(s) {
  const first = s.incident.evidence.length > 0 ? s.incident.evidence[0].text : s.incident.description;
  const reason = s.block && s.block.reason !== first && !first.includes(s.block.reason) ? s.block.reason : null;
  return [first, reason].filter(Boolean).join(" · ");
}

/** What hosts said of one block; an operator's has no id. */
export function inMaps(maps, key, blockId) { return maps.blocks.find((b) => b.key === key && b.blockId === blockId); }

/** Each host and whether the block is in its map and has answered with it; with many hosts, how many. */
export function chips(block, fleet) {
  const said = block ? block.hosts : [];
  const waiting = fleet.hosts.filter((host) => !said.some((s) => s.hostId === host.hostId)).map((host) => host.hostId);
  if (said.length + waiting.length === 0) return h("span", { class: "quiet" }, "no host has told of it");
  if (block && block.written + waiting.length > MOST_CHIPS) {
    return h("span", {}, `in the map of ${block.written} of ${Math.max(fleet.hosts.length, block.written)} hosts, ${block.refused} refused or held`);
  }
  return h("div", { class: "chips" },
    said.map((s) => s.problem ? h("span", { class: "pill warning", title: s.problem }, `${s.hostId} keeps it out`) : s.refusedAt ? h("span", { class: "pill good", title: `in the map at ${s.writtenAt}` }, `${s.hostId} refused ${clock(new Date(s.refusedAt))}`)
      : h("span", { class: "pill info" }, `${s.hostId} has it ${clock(new Date(s.writtenAt))}`)),
    waiting.map((id) => h("span", { class: "pill warning" }, `${id} not yet`)));
}

export function runbook(i) {
  const own = i.runbook && i.runbook.match(/^docs\/runbooks\/([a-z-]+)\.md$/);
  if (own) return h("a", { href: `runbooks/${own[1]}`, target: "_blank" }, own[1]);
  return i.runbook && (/^https?:\/\//.test(i.runbook) ? h("a", { href: i.runbook, rel: "noreferrer", target: "_blank" }, i.runbook.split("/").pop()) : h("code", {}, i.runbook));
}

export function waitingMail(counts) {
  if (!counts) return h("span", { class: "quiet" }, "none");
  return [`${counts.held} held`, counts.released > 0 && `${counts.released} released`, counts.deleted > 0 && `${counts.deleted} deleted`].filter(Boolean).join(", ");
}

/** A table; on a narrow screen each row is a card, and each cell names its column itself. */
export function table(head, rows, looks = [], rowLook = () => null) {
  return h("table", { role: "table" }, h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, head.map((text) => h("th", { scope: "col", role: "columnheader" }, text)))),
    h("tbody", { role: "rowgroup" }, rows.map((cells, n) => h("tr", { class: rowLook(n), role: "row" }, cells.map((cell, i) => h("td", { class: looks[i], role: "cell", "data-label": head[i] || null }, cell))))));
}

export function partial(answer) {
  if (answer.answered >= answer.partitions) return null;
  return h("p", { class: "problem", role: "alert" },
    `This is not all: ${answer.answered} of ${answer.partitions} partitions answered`
    + (answer.silent.length > 0 ? `; no answer from ${answer.silent.join(", ")}.` : ". An instance is restoring, or instances do not know each other (console.advertised)."));
}
