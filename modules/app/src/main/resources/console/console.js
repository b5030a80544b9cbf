// The console's pages. Whatever comes from a log is put in as text, never as markup: no innerHTML anywhere.
import { acting, noted, onSaid } from "./acts.js";
import { bars, map } from "./charts.js";
import { blocks, chosen, incidents } from "./lists.js";
import { ACTIONS, PHASES, REFRESH_MS, SILENT_MS, MOST_ROWS, ago, ask, bare, because, called, clock, ending, forget, h, inMaps, kind, left, link, partial, pill, place, plain, route,
  runbook, span, state, table, two, untitled, waitingMail, when, zone } from "./pieces.js";

const main = document.getElementById("main");

// ---- hosts and what is in their maps

async function hostsPage() {
  const fleet = await ask("api/hosts");
  const ill = fleet.hosts.filter((host) => look(host)[1] !== "good").length;
  const list = [...fleet.hosts].sort((a, b) => (look(a)[1] === "good") - (look(b)[1] === "good") || a.hostId.localeCompare(b.hostId));
  return [
    h("h1", {}, list.length === 0 ? "Hosts" : ill === 0 ? `Blocks hold on ${list.length === 1 ? "the host" : `all ${list.length} hosts`}` : `${ill} of ${list.length} hosts need a look`),
    partial(fleet),
    !fleet.watched && h("p", { class: "quiet small" }, "Whether hosts confirm in time cannot be told right now: the watch over them does not answer."),
    h("section", { class: "card wide" }, list.length === 0
      ? h("p", { class: "quiet" }, "No mail host has told of its enforcement yet.")
      : table(["Host", "State", "Entries in its map", "Map last written", "Newest answer by a block", "Waiting mail", "Heard"], list.map((host) => [
        h("strong", {}, host.hostId), howItIs(host), host.at ? entries(host) : "",
        host.lastWriteAt ? [when(host.lastWriteAt), h("br"), h("span", { class: "quiet small" }, ago(host.lastWriteAt))] : h("span", { class: "quiet" }, host.at ? "not since its start" : ""),
        host.refusal ? [when(host.refusal.at), h("br"), h("a", { class: "small", href: link(host.refusal.key) }, bare(host.refusal.key))] : h("span", { class: "quiet" }, "none"),
        h("span", { class: "small" }, host.at ? (host.queue === "on" ? "is held" : host.queue) : ""), host.at ? ago(host.at) : ""]), ["tight", "", "", "tight", "", "", "tight"])),
  ];
}

/** How a host is, and the look of that. */
function look(host) {
  if (host.incident) return ["blocks may not hold", "critical"];
  if (!host.at) return ["nothing told", "warning"];
  if (host.problem) return ["map not written", "critical"];
  if (Date.now() - new Date(host.at) > SILENT_MS) return ["silent", "warning"];
  return host.caughtUp ? ["blocks hold", "good"] : ["catching up", "warning"];
}

function howItIs(host) {
  const [text, colour] = look(host);
  const why = host.incident ? host.incident.description : host.problem;
  return [pill(text, colour), why && [h("br"), h("span", { class: "small" }, plain(why))]];
}

function entries(host) {
  return [String(host.blocksInForce), host.told > 0 && [h("br"), h("span", { class: "quiet small" }, `${host.confirmed} of ${host.told} confirmed by its log`)]];
}

/** A subject's block host by host. */
function enforcement(s, maps, fleet) {
  const blockId = s.block ? s.block.blockId : null;
  if (!s.block && !(s.word && s.word.verb === "block")) return null;
  const block = inMaps(maps, s.key, blockId);
  const said = block ? block.hosts : [];
  const waiting = fleet.hosts.filter((host) => !said.some((one) => one.hostId === host.hostId));
  const held = new Map((s.incident ? s.incident.heldMail : []).map((one) => [one.hostId, one]));
  if (said.length + waiting.length === 0) return h("section", { class: "card" }, h("h2", {}, "On the hosts"), h("p", { class: "quiet" }, "No mail host has told of its enforcement yet."));
  return h("section", { class: "card wide" }, h("h2", {}, "On the hosts"),
    table(["Host", "State", "In its map since", "First refused or held by it", "Waiting mail"], [
      ...said.slice(0, MOST_ROWS).map((one) => [h("strong", {}, one.hostId), one.problem ? pill("kept out", "warning") : one.refusedAt ? pill("confirmed by its log", "good") : pill("in its map", "info"),
        one.problem ? h("span", { class: "small" }, plain(one.problem)) : [when(one.writtenAt), one.restored ? h("span", { class: "quiet small" }, " restored") : one.decidedAt && h("span", { class: "quiet small" }, ` ${delay(one.decidedAt, one.writtenAt)} after the decision`)],
        one.refusedAt ? when(one.refusedAt) : h("span", { class: "quiet" }, "not tried since"), waitingMail(held.get(one.hostId))]),
      ...waiting.map((host) => [h("strong", {}, host.hostId), pill("not in its map yet", "warning"), "", "", waitingMail(held.get(host.hostId))])]),
    block && block.written > MOST_ROWS && h("p", { class: "quiet small" }, `${MOST_ROWS} of ${block.written} hosts; ${block.refused} have refused or held.`));
}

function delay(from, to) {
  const ms = Math.max(0, new Date(to) - new Date(from));
  return ms < 10000 ? `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s` : span(ms);
}

async function search(text) {
  const answer = await ask(`api/search?q=${encodeURIComponent(text)}`);
  return [
    h("h1", {}, `Found for “${text}”`),
    partial(answer),
    h("section", { class: "card wide" }, answer.subjects.length === 0
      ? h("p", { class: "quiet" }, "Nothing. Logins and addresses are found by their beginning; those with an incident, a block or a word by any part, and by the incident's id or the block's reference.")
      : table(["Subject", "Kind", "Incident", "Block", "Seen"], answer.subjects.map((s) => [
        h("a", { href: link(s.key) }, bare(s.key)), kind(s.key),
        s.incident ? pill(s.incident.severity) : s.ended.map((i) => h("span", { class: "quiet small" }, i.severity, ", ended ", when(i.endedAt))), s.block ? pill(ACTIONS[s.block.action], s.block.action) : "",
        s.lastSeenAt ? ago(s.lastSeenAt) : ""]))),
  ];
}

/** The page of somebody of whom the detector never heard. */
function unknown(key) {
  return [h("p", { class: "quiet small" }, h("a", { href: "#/" }, "Incidents"), ` › ${kind(key)}`), h("h1", {}, bare(key)),
    h("section", { class: "card" }, h("p", {}, `Nothing is known of this ${kind(key).toLowerCase()}: no mail, no login, no operator's word. A mistyped name is the likeliest reason.`),
      h("p", {}, h("a", { href: `#/search/${encodeURIComponent(bare(key).split("@")[0])}` }, "Search for names that begin so")))];
}

async function subject(key) {
  let answers;
  try {
    answers = await Promise.all([ask(`api/subject?key=${encodeURIComponent(key)}`), ask(`api/blocks?keys=${encodeURIComponent(key)}`), ask("api/hosts?brief=1")]);
  } catch (problem) {
    if (problem.status === 404) return unknown(key);
    throw problem;
  }
  const [s, maps, fleet] = answers;
  const account = key.startsWith("sasl_user:") ? bare(key) : null;
  if (account) await readTimeline(account, s.lastSeenAt);
  const timeline = account && state.timeline;
  const i = s.incident, block = s.block;
  const usual = new Set(s.usual.map((u) => u.code));
  return [
    h("p", { class: "quiet small" }, h("a", { href: "#/" }, "Incidents"), ` › ${kind(key)}`),
    h("h1", {}, called(key), " ", i ? pill(i.severity) : pill("no open incident", "good"), " ", block && pill(`mail ${ACTIONS[block.action]}`, block.action)),
    i && h("section", { class: "card" }, h("h2", {}, because(s)), i.description && h("p", { class: "quiet small" }, `Newest: ${plain(i.description)}`), facts(s)),
    !i && h("section", { class: "card" }, facts(s)),
    noted(s),
    acting(s),
    enforcement(s, maps, fleet),
    account && h("div", { class: "pair" },
      h("section", { class: "card" }, h("h2", {}, "Where it logged in"), logins(timeline, usual)),
      h("section", { class: "card" }, h("h2", {}, "Messages an hour, and what is usual"), rate(s, timeline))),
    i && i.evidence.length > 0 && h("section", { class: "card wide" }, h("h2", {}, "Evidence"), evidence(i.evidence, usual)),
    s.ended.length > 0 && h("section", { class: "card wide" }, h("h2", {}, s.ended.length === 1 ? "An earlier incident" : `${s.ended.length} earlier incidents`), s.ended.map((one) => earlier(one, key, usual))),
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
    s.word && fact("Operator's word", `${s.word.verb} by ${s.word.actor}`, [s.word.reason, s.word.endsAt ? [" until ", when(s.word.endsAt)] : ""].flat(2).reduce((all, part) => { all.append(part); return all; }, h("span"))),
    fact("Last seen", s.lastSeenAt && when(s.lastSeenAt), s.lastSeenAt && ago(s.lastSeenAt)),
    fact("Known since", s.firstSeenAt && when(s.firstSeenAt), s.messages > 0 ? `${s.messages} messages on ${s.activeDays} days` : "no accepted mail yet"),
    s.usual.length > 0 && fact("Usual countries", s.usual.map((u) => u.code).join(", ")),
    i && i.technique && fact("Technique", i.technique, "MITRE ATT&CK"),
    i && i.runbook && fact("Runbook", runbook(i)));
}

/** An incident that ended; its evidence is unfolded by whoever wants it. */
function earlier(i, key, usual) {
  const details = h("details", state.unfolded.has(i.incidentId) ? { open: "" } : {},
    h("summary", {}, pill(i.severity), " ", when(i.startedAt), ` · ${untitled(i, key)} · ${ending(i)}`),
    h("p", { class: "quiet small" }, `risk ${Math.round(i.score * 100)} %`, i.reference && [" · ", h("code", {}, `pb:${i.reference}`)],
      i.confirmedHosts.length > 0 && ` · refused or held on ${i.confirmedHosts.map((c) => c.hostId).join(", ")}`, " · ", plain(i.description)),
    evidence(i.evidence, usual));
  details.addEventListener("toggle", () => { if (details.open) state.unfolded.add(i.incidentId); else state.unfolded.delete(i.incidentId); });
  return details;
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
    if (e.phase !== "ATTEMPT" && e.phase !== "LOGIN") continue;
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
    h("span", { class: "legend" }, places.map((p) => h("span", {}, h("span", { class: p.usual ? "dot" : "mark" }, p.usual ? "●" : "◆"), ` ${p.name}: ${p.count}`)),
      unknown > 0 && h("span", {}, `${unknown} from unknown places`)),
    places.some((p) => !p.usual) && "◆ is no country that this account usually sends from."));
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

function rate(s, timeline) {
  // What an operator released the detector counts no more, but it was sent all the same.
  const counts = recent(s.messageHours, 3600000, 24), newest = Math.floor(Date.now() / 3600000), sent = counts.map(() => 0);
  for (const e of timeline.entries) {
    const hour = counts.length - 1 - (newest - Math.floor(new Date(e.occurredAt) / 3600000));
    if (e.phase === "ACCEPTED" && hour >= 0 && hour < counts.length) sent[hour]++;
  }
  sent.forEach((n, hour) => { counts[hour] = Math.max(counts[hour], n); });
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
  if (row.first.phase.startsWith("AUTH_")) return row.first.reason || "";
  const counts = new Map();
  for (const e of row.outcomes) counts.set(e.status, (counts.get(e.status) || 0) + 1);
  const to = [...new Set(row.outcomes.map((e) => e.to).filter(Boolean))];
  const many = row.accepted && (row.accepted.recipients || 1);
  return [many && `${many} recipient${many > 1 ? "s" : ""}`, [...counts].map(([status, n]) => `${n} ${status}`).join(", "),
    to.length > 0 && (to.length === 1 ? to[0] : `${to[0]} and ${to.length - 1} more`)].filter(Boolean).join(" · ");
}

const reach = (timeline) => timeline.complete ? "All that the topic mail.submissions.v1 still has."
  : timeline.reaches ? `Read back to ${new Date(timeline.reaches).toLocaleString()} (${timeline.scanned} records of all accounts).` : "Nothing was found.";

/** `postbrake console` prints an address with the token behind #, which no browser sends anywhere; it does not stay there. */
function takeToken() {
  const given = location.hash.match(/^#token=([\w-]+)$/);
  if (!given) return;
  state.token = given[1];
  sessionStorage.setItem("token", state.token);
  history.replaceState(null, "", location.pathname);
  const dialog = document.getElementById("ask");
  if (dialog.open) dialog.close();
}

function askToken(why) {
  const dialog = document.getElementById("ask"), input = document.getElementById("ask-token");
  if (dialog.open) return;
  document.getElementById("ask-why").textContent = why;
  input.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener("close", async () => {
    const before = state.token;
    if (dialog.returnValue === "use" && input.value.trim()) {
      state.token = input.value.trim();
      forget();
      try {
        await ask("api/me");
        sessionStorage.setItem("token", state.token);
      } catch (problem) {
        if (problem.status === 401) state.token = before; // Nobody's: what could be seen is seen on.
      }
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
  const { name, value } = route();
  if (name === "blocks") return { name, make: blocks, title: "Blocks" };
  if (name === "hosts") return { name, make: hostsPage, title: "Hosts" };
  if (name === "subject") return { name, make: () => subject(value), title: bare(value) };
  if (name === "search") return { name, make: () => search(value), title: value };
  return { name: "incidents", make: incidents, title: "Incidents" };
}

/** Whether somebody is writing or choosing in the page, so that it must not be drawn anew under his hands. */
function writing() {
  const at = document.activeElement;
  return main.contains(at) && (at.tagName === "SELECT" || at.tagName === "INPUT" && at.type !== "checkbox");
}

/** Finds what had the focus in what was drawn anew. */
function focus(before) {
  if (!before || !main.contains(before)) return () => {};
  const id = before.id, href = before.getAttribute("href");
  return () => {
    const again = id ? document.getElementById(id) : href ? main.querySelector(`a[href="${CSS.escape(href)}"]`) : null;
    if (again) again.focus({ preventScroll: true });
  };
}

/** Draws the page anew, unless nothing changed or somebody is writing in it. */
async function draw(asked) {
  const hash = location.hash;
  if (writing() && !asked || document.querySelector("#many[open], #sure[open]") && !asked) return;
  try {
    state.me = await ask("api/me");
    const { name, make, title } = page();
    const content = h("div", {}, await make());
    if (hash !== location.hash) return; // Somebody went on meanwhile.
    if (writing() && !asked) return;
    const drawn = content.outerHTML;
    if (drawn !== state.drawn) {
      const refocus = focus(document.activeElement);
      const half = unsaid();
      main.replaceChildren(...content.childNodes);
      if (half) half();
      refocus();
      state.drawn = drawn;
    }
    chosen();
    document.title = `${title} · Postbrake`;
    for (const a of document.querySelectorAll("nav a")) {
      if (a.dataset.page === name) a.setAttribute("aria-current", "page"); else a.removeAttribute("aria-current");
    }
    const token = document.getElementById("token");
    token.hidden = !state.me.acting;
    token.textContent = state.me.operator ? `${state.me.operator} · leave` : "Operator …";
    document.getElementById("fresh").textContent = `As of ${clock(new Date())}, renewed every ${REFRESH_MS / 1000} s; times are of ${zone()}`;
    document.getElementById("who").textContent = `instance ${state.me.instance}`;
    notice("");
    state.page = hash;
  } catch (problem) {
    if (problem.status === 401) askToken("This console shows its pages only to those who have a token. `postbrake console` on its machine prints an address with one.");
    if (state.page !== hash) {
      main.replaceChildren(h("div", { class: "problem" }, problem.message));
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
  const field = document.getElementById("q"), text = field.value.trim();
  if (text) location.hash = `#/search/${encodeURIComponent(text)}`;
  field.value = "";
});
document.getElementById("token").addEventListener("click", () => {
  if (state.me && state.me.operator) {
    state.token = null;
    forget();
    sessionStorage.removeItem("token");
    draw(true);
  } else {
    askToken("An operator's token lets you act: acknowledge, note, block, unblock, allow, and say what becomes of waiting mail.");
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(INPUT|SELECT)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    document.getElementById("q").focus();
  }
});
window.addEventListener("hashchange", async (event) => {
  takeToken();
  const path = (url) => (url.split("#")[1] || "/").split("?")[0], paging = /[?&]page=/;
  const same = path(event.oldURL) === path(event.newURL);
  document.getElementById("told").textContent = "";
  if (!same) state.selected.clear();
  main.setAttribute("aria-busy", "true");
  await draw(true);
  if (!same) main.focus({ preventScroll: true });
  if (!same || paging.test(event.newURL) || paging.test(event.oldURL)) window.scrollTo(0, 0);
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) draw(); });
onSaid(draw);
setInterval(() => { if (!document.hidden) draw(); }, REFRESH_MS);
takeToken();
draw(true);
