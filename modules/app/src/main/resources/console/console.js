// The console's pages. Whatever comes from a log is put in as text, never as markup: no innerHTML anywhere.
import { bars, map } from "./charts.js";

const REFRESH_MS = 5000;
const MOST_ROWS = 40;
const SEVERITIES = ["critical", "warning", "info"];
const PHASES = { ATTEMPT: "began a message", ACCEPTED: "mail accepted", OUTCOME: "delivery", REFUSED: "refused", AUTH_FAILED: "login failed" };
const main = document.getElementById("main");
const state = { token: sessionStorage.getItem("token"), me: null, drawn: "", page: "", timeline: null, timelineFor: "", timelineAt: 0 };

/** An element; children that are strings become text, nothing becomes nothing. */
function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined) element.setAttribute(key, value);
  }
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
}

class Problem extends Error {
  constructor(status, text) { super(text); this.status = status; }
}

async function ask(path, body) {
  const headers = {};
  if (state.token) headers.Authorization = `Bearer ${state.token}`;
  if (body) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), cache: "no-store" });
  } catch {
    throw new Problem(0, "The detector does not answer.");
  }
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, json.problem || `The detector answered ${answer.status}.`);
  return json;
}

// ---- words for times and subjects

const two = (n) => String(n).padStart(2, "0");

function clock(date) { return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`; }

function when(iso) {
  if (!iso) return null;
  const date = new Date(iso), today = new Date().toDateString() === date.toDateString();
  const text = today ? clock(date) : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(date)}`;
  return h("time", { datetime: iso, title: iso }, text);
}

function span(ms) {
  const minutes = Math.round(Math.abs(ms) / 60000);
  if (minutes < 1) return "less than a minute";
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

const ago = (iso) => `${span(Date.now() - new Date(iso))} ago`;
const left = (iso) => (new Date(iso) > Date.now() ? `${span(new Date(iso) - Date.now())} left` : "ending");

function bare(key) { return key.slice(key.indexOf(":") + 1); }

function kind(key) { return key.startsWith("sasl_user:") ? "Account" : key.startsWith("client_ip:") ? "Address" : "Subject"; }

const link = (key) => `#/subject/${encodeURIComponent(key)}`;
const pill = (text, look) => h("span", { class: `pill ${look || text}` }, text);
const place = (e) => [e.city, e.country].filter(Boolean).join(", ");
const ACTIONS = { hold: "held", defer: "deferred", reject: "refused", observe: "watched" };

// ---- pages

async function incidents() {
  const answer = await ask("api/open");
  const open = answer.subjects.filter((s) => s.incident)
    .sort((a, b) => SEVERITIES.indexOf(a.incident.severity) - SEVERITIES.indexOf(b.incident.severity)
      || b.incident.startedAt.localeCompare(a.incident.startedAt));
  return [
    h("h1", {}, open.length === 0 ? "Incidents" : `${open.length} open ${open.length === 1 ? "incident" : "incidents"}`),
    partial(answer),
    open.length === 0
      ? h("div", { class: "card calm" }, h("strong", {}, "Nothing is open."), h("span", { class: "quiet" }, "No account and no address gives reason for alarm."))
      : open.map(incident),
    answer.more > 0 && h("p", { class: "quiet" }, `${answer.more} more subjects have something open; search for them.`),
  ];
}

function incident(subject) {
  const i = subject.incident, block = subject.block;
  return h("article", { class: `card case ${i.severity}` },
    h("div", {}, pill(i.severity)),
    h("div", {},
      h("h2", {}, h("a", { href: link(subject.key) }, bare(subject.key))),
      h("p", {}, because(subject)),
      h("p", { class: "quiet small" }, `${kind(subject.key)} · ${i.detectors.join(", ")} · risk ${Math.round(i.score * 100)} %`)),
    h("div", { class: "right" },
      block ? h("p", {}, pill(`mail ${ACTIONS[block.action]}`, block.action), " ", h("span", { class: "small" }, left(block.endsAt))) : h("p", {}, pill("not blocked", "info")),
      block && h("p", { class: "quiet small" }, i.confirmedHosts.length === 0 ? "no host has refused yet" : `refused on ${i.confirmedHosts.map((c) => c.hostId).join(", ")}`),
      subject.word && h("p", { class: "small" }, `${subject.word.verb} by ${subject.word.actor}`),
      h("p", { class: "quiet small" }, "since ", when(i.startedAt), `, ${ago(i.startedAt)}`)));
}

/** What began it, and what the block was decided on. */
function because(s) {
  const first = s.incident.evidence.length > 0 ? s.incident.evidence[0].text : s.incident.description;
  const reason = s.block && s.block.reason !== first && !first.includes(s.block.reason) ? s.block.reason : null;
  return [first, reason].filter(Boolean).join(" · ");
}

async function blocks() {
  const answer = await ask("api/open");
  const blocked = answer.subjects.filter((s) => s.block);
  const words = answer.subjects.filter((s) => s.word);
  return [
    h("h1", {}, blocked.length === 1 ? "1 block in force" : `${blocked.length} blocks in force`),
    partial(answer),
    h("section", { class: "card wide" }, h("h2", {}, "The detector's blocks"),
      blocked.length === 0 ? h("p", { class: "quiet" }, "None.") :
      table(["Subject", "Mail is", "Until", "Why", "Hosts that have refused or held"], blocked.map((s) => [
        h("a", { href: link(s.key) }, bare(s.key)), pill(ACTIONS[s.block.action], s.block.action),
        h("span", {}, when(s.block.endsAt), h("br"), h("span", { class: "quiet small" }, left(s.block.endsAt))),
        h("span", {}, s.block.reason, h("br"), h("code", { class: "quiet" }, `pb:${s.block.reference}`)), hosts(s.incident)]))),
    h("section", { class: "card wide" }, h("h2", {}, "Operators' words"),
      words.length === 0 ? h("p", { class: "quiet" }, "None in force.") :
      table(["Subject", "Word", "By", "Until", "Why"], words.map((s) => [
        h("a", { href: link(s.key) }, bare(s.key)), pill(s.word.verb, s.word.verb === "allow" ? "good" : "reject"), s.word.actor,
        s.word.endsAt ? when(s.word.endsAt) : "changed", s.word.reason]))),
  ];
}

function hosts(i) {
  if (!i || i.confirmedHosts.length === 0) return h("span", { class: "quiet" }, "none yet");
  return h("div", { class: "chips" }, i.confirmedHosts.map((c) => h("span", { class: "pill good", title: c.refusedAt }, `${c.hostId} ${clock(new Date(c.refusedAt))}`)));
}

async function search(text) {
  const answer = await ask(`api/search?q=${encodeURIComponent(text)}`);
  return [
    h("h1", {}, `Subjects that begin with “${text}”`),
    partial(answer),
    h("section", { class: "card wide" }, answer.subjects.length === 0
      ? h("p", { class: "quiet" }, "None. The beginning of a login or address is looked for; open ones are found by any part.")
      : table(["Subject", "", "Incident", "Block", "Seen"], answer.subjects.map((s) => [
        h("a", { href: link(s.key) }, bare(s.key)), kind(s.key), s.incident ? pill(s.incident.severity) : "", s.block ? pill(ACTIONS[s.block.action], s.block.action) : "",
        s.lastSeenAt ? ago(s.lastSeenAt) : ""]))),
  ];
}

async function subject(key) {
  const s = await ask(`api/subject?key=${encodeURIComponent(key)}`);
  const account = key.startsWith("sasl_user:") ? bare(key) : null;
  if (account) await readTimeline(account, s.lastSeenAt);
  const timeline = account && state.timeline;
  const i = s.incident, block = s.block;
  const usual = new Set(s.usual.map((u) => u.code));
  return [
    h("p", { class: "quiet small" }, h("a", { href: "#/" }, "Incidents"), ` › ${kind(key)}`),
    h("h1", {}, bare(key), " ", i ? pill(i.severity) : pill("no open incident", "good"), " ", block && pill(`mail ${ACTIONS[block.action]}`, block.action)),
    i && h("section", { class: "card" }, h("h2", {}, because(s)), i.description && h("p", { class: "quiet small" }, `Newest: ${i.description}`), facts(s)),
    !i && h("section", { class: "card" }, facts(s)),
    acting(s),
    account && h("div", { class: "pair" },
      h("section", { class: "card" }, h("h2", {}, "Where it logged in"), logins(timeline, usual)),
      h("section", { class: "card" }, h("h2", {}, "Messages an hour, and what is usual"), rate(s))),
    i && i.evidence.length > 0 && h("section", { class: "card wide" }, h("h2", {}, "Evidence"), evidence(i.evidence, usual)),
    account && h("section", { class: "card wide" }, h("h2", {}, "What it did"), story(timeline, usual)),
    !account && s.failureMinutes && h("section", { class: "card" }, h("h2", {}, "Failed logins in the last hour"), String(recent(s.failureMinutes, 60000, 60).reduce((a, b) => a + b, 0))),
  ];
}

function facts(s) {
  const i = s.incident, block = s.block;
  const fact = (name, value, more) => value && h("div", {}, h("dt", {}, name), h("dd", {}, value, more && h("small", {}, more)));
  return h("dl", { class: "facts" },
    i && fact("Since", when(i.startedAt), ago(i.startedAt)),
    i && fact("Risk", `${Math.round(i.score * 100)} %`, i.detectors.join(", ")),
    block && fact("Block ends", when(block.endsAt), `${left(block.endsAt)}; longer if it goes on`),
    block && fact("In refusals", h("code", {}, `pb:${block.reference}`)),
    i && block && fact("Hosts that refused or held", hosts(i)),
    s.word && fact("Operator's word", `${s.word.verb} by ${s.word.actor}`, [s.word.reason, s.word.endsAt ? [" until ", when(s.word.endsAt)] : ""].flat(2).reduce((all, part) => { all.append(part); return all; }, h("span"))),
    fact("Last seen", s.lastSeenAt && when(s.lastSeenAt), s.lastSeenAt && ago(s.lastSeenAt)),
    fact("Known since", s.firstSeenAt && when(s.firstSeenAt), s.messages > 0 ? `${s.messages} messages on ${s.activeDays} days` : "no accepted mail yet"),
    s.usual.length > 0 && fact("Usual countries", s.usual.map((u) => u.code).join(", ")),
    i && i.technique && fact("Technique", i.technique, "MITRE ATT&CK"),
    i && i.runbook && fact("Runbook", /^https?:\/\//.test(i.runbook) ? h("a", { href: i.runbook, rel: "noreferrer", target: "_blank" }, i.runbook.split("/").pop()) : h("code", {}, i.runbook)));
}

async function readTimeline(account, lastSeenAt) {
  const mark = `${account} ${lastSeenAt}`;
  if (state.timelineFor === mark && Date.now() - state.timelineAt < 60000) return;
  state.timeline = await ask(`api/timeline?account=${encodeURIComponent(account)}`);
  state.timelineFor = mark;
  state.timelineAt = Date.now();
}

function logins(timeline, usual) {
  const places = [], byName = new Map();
  let unknown = 0;
  for (const e of timeline.entries) {
    if (e.phase !== "ATTEMPT") continue;
    if (e.latitude === null || e.longitude === null) { unknown++; continue; }
    const name = place(e) || `${e.latitude}, ${e.longitude}`;
    if (!byName.has(name)) {
      const p = { name, latitude: e.latitude, longitude: e.longitude, count: 0, usual: usual.has(e.country), country: e.country };
      byName.set(name, p);
      places.push(p);
    }
    byName.get(name).count++;
  }
  if (places.length === 0) return h("p", { class: "quiet" }, "No login with a known place.");
  const label = `Logins by place: ${places.map((p) => `${p.name} ${p.count}${p.usual ? "" : ", not usual"}`).join("; ")}`;
  return h("figure", {}, map(places, label), h("figcaption", {},
    places.map((p) => `${p.usual ? "●" : "◆"} ${p.name}: ${p.count}`).join("   "),
    unknown > 0 ? `   and ${unknown} from unknown places` : "",
    places.some((p) => !p.usual) ? ". ◆ is no country that this account usually sends from." : ""));
}

/** A ring of counts as a list, oldest first, of the last `length` buckets of `ms` milliseconds. */
function recent(ring, ms, length) {
  const now = Math.floor(Date.now() / ms), counts = [];
  for (let bucket = now - length + 1; bucket <= now; bucket++) {
    const back = ring ? ring.newest - bucket : -1;
    counts.push(back >= 0 && back < ring.counts.length ? ring.counts[back] : 0);
  }
  return counts;
}

function rate(s) {
  const counts = recent(s.messageHours, 3600000, 24);
  const hour = s.usualRates.find((r) => r.minutes === 60);
  const learnt = hour && hour.learntWindows >= 5;
  const now = new Date();
  const ticks = [0, 6, 12, 18, 23].map((position) => [position + (position === 0 ? 0 : 0.5), position === 23 ? "now" : `${two(new Date(now - (23 - position) * 3600000).getHours())}:00`]);
  const most = learnt ? hour.most : null;
  const highest = Math.max(...counts);
  const words = `Highest in the last day: ${highest} messages an hour. ` + (learnt
    ? `When it sends at all, it sends ${hour.mean.toFixed(1)} an hour on average; more than ${hour.most} happens less than once in a thousand such hours.`
    : "It has no history to compare with yet; the fixed ceilings count.");
  return h("figure", {}, bars(counts, { most, ticks, label: words }), h("figcaption", {}, words));
}

function evidence(list, usual) {
  // A record is named by its partition and offset in mail.events.v1.
  return table(["Time", "What", "From", "Network", "Host", "Message", "Record"], [...list].reverse().map((e) => [
    when(e.occurredAt) || "", e.text, from(e, usual),
    [e.asn ? `AS${e.asn}` : null, e.network].filter(Boolean).join(" "), e.hostId || "", h("code", {}, e.queueId || ""),
    h("code", { class: "quiet", title: `log ${e.sourceId || "unknown"} at byte ${e.position}` }, e.eventOffset === null ? `@${e.position}` : `${e.eventPartition}@${e.eventOffset}`)]), ["time", "", "tight", "tight", "tight", "tight", "tight"]);
}

/** Address and place of an event; a country that is not usual is marked. */
function from(e, usual) {
  const strange = e.country && !usual.has(e.country);
  return h("span", {}, e.clientIp || "", h("br"), h("span", { class: "quiet small" }, place(e), strange && h("span", { class: "mark", title: "not usual for this account" }, " ◆")));
}

/** Entries with those of one message joined, newest first. */
function messages(entries) {
  const rows = [], open = new Map();
  for (const e of entries) {
    const id = e.queueId && e.phase !== "REFUSED" ? `${e.hostId} ${e.queueId}` : null;
    let row = id && e.phase !== "ATTEMPT" ? open.get(id) : null;
    if (!row) {
      row = { first: e, accepted: null, outcomes: [] };
      rows.push(row);
      if (id) open.set(id, row);
    }
    if (e.phase === "ACCEPTED") row.accepted = e;
    if (e.phase === "OUTCOME") row.outcomes.push(e);
  }
  return rows.reverse();
}

function story(timeline, usual) {
  if (timeline.entries.length === 0) return h("p", { class: "quiet" }, reach(timeline));
  const rows = messages(timeline.entries);
  return [table(["Time", "What", "From", "Host", "Message", "Outcome"], rows.slice(0, MOST_ROWS).map((row) => [
    when(row.first.occurredAt), what(row), from(row.first, usual), row.first.hostId, h("code", { class: "quiet" }, row.first.queueId || ""), outcome(row)]),
    ["time", "", "tight", "tight", "tight"], (n) => rows[n].first.country && !usual.has(rows[n].first.country) ? "odd-one" : null),
    h("p", { class: "quiet small" }, rows.length > MOST_ROWS ? `The newest ${MOST_ROWS} of ${rows.length}. ` : "", reach(timeline))];
}

function what(row) {
  const e = row.accepted || row.first;
  const text = row.accepted ? (e.blockRef ? "message held" : "message accepted") : PHASES[e.phase] || e.phase;
  return e.blockRef ? h("span", {}, text, " ", pill(`pb:${e.blockRef}`, "good")) : text;
}

function outcome(row) {
  if (row.first.phase === "REFUSED") return [row.first.replyCode, row.first.reason].filter(Boolean).join(" ");
  if (row.first.phase === "AUTH_FAILED") return row.first.reason || "";
  const counts = new Map();
  for (const e of row.outcomes) counts.set(e.status, (counts.get(e.status) || 0) + 1);
  const to = [...new Set(row.outcomes.map((e) => e.to).filter(Boolean))];
  const many = row.accepted && (row.accepted.recipients || 1);
  return [many && `${many} recipient${many > 1 ? "s" : ""}`, [...counts].map(([status, n]) => `${n} ${status}`).join(", "),
    to.length > 0 && (to.length === 1 ? to[0] : `${to[0]} and ${to.length - 1} more`)].filter(Boolean).join(" · ");
}

const reach = (timeline) => timeline.complete ? "All that the topic mail.submissions.v1 still has."
  : timeline.reaches ? `Read back to ${new Date(timeline.reaches).toLocaleString()} (${timeline.scanned} records of all accounts).` : "Nothing was found.";

function table(head, rows, looks = [], rowLook = () => null) {
  return h("table", {}, h("thead", {}, h("tr", {}, head.map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, rows.map((cells, n) => h("tr", { class: rowLook(n) }, cells.map((cell, i) => h("td", { class: looks[i] }, cell))))));
}

function partial(answer) {
  if (answer.answered >= answer.partitions) return null;
  return h("p", { class: "problem", role: "alert" },
    `This is not all: ${answer.answered} of ${answer.partitions} partitions answered`
    + (answer.silent.length > 0 ? `; no answer from ${answer.silent.join(", ")}.` : ". An instance is restoring, or instances do not know each other (console.advertised)."));
}

// ---- acting

function acting(s) {
  if (!state.me || !state.me.acting || !/^(sasl_user|client_ip):/.test(s.key)) return null;
  if (!state.me.operator) return h("section", { class: "card" }, h("p", {}, "To block, unblock or allow, give your operator's token (button at the top)."));
  const form = h("form", { class: "act", id: "act" },
    h("div", {}, h("label", { for: "verb" }, "Say"), h("select", { id: "verb" },
      h("option", { value: "unblock" }, "unblock: let in, earlier evidence is spent"),
      h("option", { value: "allow" }, "allow: never block"),
      h("option", { value: "block" }, "block: refuse mail"))),
    h("div", { id: "for-part" }, h("label", { for: "for" }, "For"), h("select", { id: "for" },
      [["PT1H", "1 hour"], ["PT8H", "8 hours"], ["P1D", "1 day"], ["P7D", "7 days"], ["P30D", "30 days"]].map(([value, text]) => h("option", { value }, text)))),
    h("div", { class: "reason" }, h("label", { for: "reason" }, `Why (kept with your name, ${state.me.operator})`), h("input", { id: "reason", maxlength: "500", required: "" })),
    h("button", { class: "chief" }, "Say it"));
  const said = h("p", { class: "said", role: "status", id: "said" }, state.said && state.said.key === s.key ? state.said.text : "");
  const verb = form.querySelector("#verb"), part = form.querySelector("#for-part");
  if (!s.block) verb.value = s.word ? "unblock" : "block";
  const fit = () => { part.hidden = verb.value === "unblock"; };
  verb.addEventListener("change", fit);
  fit();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const reason = form.querySelector("#reason").value.trim();
    if (!reason) return;
    said.textContent = "Saying it …";
    try {
      const order = { key: s.key, verb: verb.value, reason };
      if (verb.value !== "unblock") order.for = form.querySelector("#for").value;
      if (verb.value === "block") order.action = "reject";
      await ask("api/override", order);
      state.said = { key: s.key, text: `Said at ${clock(new Date())}: ${verb.value}. Hosts follow within a second.` };
      said.textContent = state.said.text;
      document.activeElement.blur();
      form.reset();
      setTimeout(() => draw(), 700);
    } catch (problem) {
      said.textContent = problem.message;
    }
  });
  return h("section", { class: "card" }, h("h2", {}, "Act"), form, said);
}

function askToken(why) {
  const dialog = document.getElementById("ask"), input = document.getElementById("ask-token");
  if (dialog.open) return;
  document.getElementById("ask-why").textContent = why;
  input.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener("close", async () => {
    if (dialog.returnValue === "use" && input.value.trim()) {
      state.token = input.value.trim();
      sessionStorage.setItem("token", state.token);
    }
    input.value = "";
    await draw(true);
    if (dialog.returnValue === "use" && state.me && state.me.acting && !state.me.operator) notice("That is no operator's token.");
  }, { once: true });
}

// ---- drawing

function notice(text) {
  const box = document.getElementById("notice");
  box.textContent = text || "";
  box.hidden = !text;
}

function page() {
  const [, name = "", rest = ""] = location.hash.match(/^#\/([a-z]*)\/?(.*)$/) || [];
  let value = rest;
  try { value = decodeURIComponent(rest); } catch { /* It is shown as it stands. */ }
  if (name === "blocks") return { name, make: blocks, title: "Blocks" };
  if (name === "subject") return { name, make: () => subject(value), title: bare(value) };
  if (name === "search") return { name, make: () => search(value), title: value };
  return { name: "incidents", make: incidents, title: "Incidents" };
}

/** Draws the page anew, unless nothing changed or somebody is writing in it. */
async function draw(asked) {
  const hash = location.hash;
  const writing = main.contains(document.activeElement) && /^(INPUT|SELECT)$/.test(document.activeElement.tagName);
  if (writing && !asked) return;
  try {
    state.me = await ask("api/me");
    const { name, make, title } = page();
    const content = h("div", {}, await make());
    if (hash !== location.hash) return; // Somebody went on meanwhile.
    if (main.contains(document.activeElement) && /^(INPUT|SELECT)$/.test(document.activeElement.tagName) && !asked) return;
    const drawn = content.outerHTML;
    if (drawn !== state.drawn) {
      const focused = document.activeElement && main.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      const half = unsaid();
      main.replaceChildren(...content.childNodes);
      if (half) half();
      if (focused) main.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
      state.drawn = drawn;
    }
    document.title = `${title} · Postbrake`;
    for (const a of document.querySelectorAll("nav a")) {
      if (a.dataset.page === name) a.setAttribute("aria-current", "page"); else a.removeAttribute("aria-current");
    }
    const token = document.getElementById("token");
    token.hidden = !state.me.acting;
    token.textContent = state.me.operator ? `${state.me.operator} · leave` : "Operator …";
    document.getElementById("fresh").textContent = `As of ${clock(new Date())}, renewed every ${REFRESH_MS / 1000} s`;
    document.getElementById("who").textContent = `instance ${state.me.instance}`;
    notice("");
    state.page = hash;
  } catch (problem) {
    if (problem.status === 401) askToken("This console shows its pages only to those who have a token.");
    if (state.page !== hash || problem.status === 404) {
      main.replaceChildren(h("div", { class: problem.status === 404 ? "card" : "problem" }, problem.message));
      state.drawn = "";
      state.page = hash;
    } else {
      notice(`${problem.message} What stands below is of ${document.getElementById("fresh").textContent.slice(6, 14) || "earlier"}.`);
    }
  } finally {
    main.setAttribute("aria-busy", "false");
  }
}

/** What was half written in the form for acting, so that it outlives a new drawing. */
function unsaid() {
  const reason = document.getElementById("reason");
  if (!reason || !reason.value) return null;
  const values = ["verb", "for", "reason"].map((id) => [id, document.getElementById(id).value]);
  return () => {
    for (const [id, value] of values) {
      const field = document.getElementById(id);
      if (field) { field.value = value; field.dispatchEvent(new Event("change")); }
    }
  };
}

document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = document.getElementById("q").value.trim();
  if (text) location.hash = `#/search/${encodeURIComponent(text)}`;
});
document.getElementById("token").addEventListener("click", () => {
  if (state.me && state.me.operator) {
    state.token = null;
    sessionStorage.removeItem("token");
    draw(true);
  } else {
    askToken("An operator's token lets you block, unblock and allow.");
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(INPUT|SELECT)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    document.getElementById("q").focus();
  }
});
window.addEventListener("hashchange", async () => {
  main.setAttribute("aria-busy", "true");
  await draw(true);
  main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) draw(); });
setInterval(() => { if (!document.hidden) draw(); }, REFRESH_MS);
draw(true);
