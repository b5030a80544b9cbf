// Lists of what is open: filtered, sorted, grouped and cut into pages by the detector, chosen from for an act on many.
import { actOnMany } from "./acts.js";
import { ACTIONS, KINDS, ago, ask, bare, called, chips, ending, h, illness, inMaps, kind, left, link, partial, pill, plain, route, span, state, table, untitled, when } from "./pieces.js";

const PAGE = 50;
const MOST_ENDED = 15;
const MASS = 10;
const MASS_SHARE = 0.2;
const FILTERS = ["severity", "state", "kind", "domain", "detector", "network", "hour", "text"];
const STATES = { fresh: "nobody looks after it", acknowledged: "acknowledged", blocked: "blocked", unblocked: "not blocked", word: "with an operator's word" };
const SORTS = { severity: "most severe first", newest: "newest first", oldest: "oldest first", risk: "highest risk first", name: "by name" };
const GROUPS = { "": "not grouped", network: "by network", domain: "by domain", detector: "by detector", hour: "by hour of their begin", kind: "by kind",
  "network,hour": "by network and hour", "domain,detector": "by domain and detector", "network,domain,detector,hour": "mass event: network, domain, detector and hour" };
const NAMES = { severity: "Severity", state: "State", kind: "Kind", domain: "Domain", detector: "Detector", network: "Network", hour: "Began in the hour" };

/** A value of a filter as people read it. */
function shown(filter, value) {
  if (filter === "kind") return KINDS[value] || value;
  if (filter === "state") return STATES[value] || value;
  if (filter === "hour") {
    const from = new Date(value);
    return Number.isNaN(from.getTime()) ? value : when(value).textContent.replace(/:00$/, "");
  }
  return value;
}

/** The address of this list with some of its questions changed; what is null is asked no more. */
function address(changes) {
  const { name, query } = route(), next = new URLSearchParams(query);
  if (!("page" in changes)) next.delete("page");
  for (const [key, value] of Object.entries(changes)) if (value) next.set(key, value); else next.delete(key);
  const text = next.toString();
  return `#/${name}${text ? `?${text}` : ""}`;
}

/** What the page asks the detector for. */
function question(what) {
  const { query } = route(), asked = new URLSearchParams({ what });
  for (const key of [...FILTERS, "sort", "by", "page"]) if (query.get(key)) asked.set(key, query.get(key));
  asked.set("size", query.get("by") ? "1" : String(PAGE));
  return asked;
}

export async function incidents() {
  const asked = question("incidents"), first = route().query.toString() === "";
  const [answer, fleet, past] = await Promise.all([ask(`api/open?${asked}`), ask("api/hosts?brief=1"), first ? ask("api/ended") : { incidents: [] }]);
  const ill = first ? fleet.hosts.filter((host) => host.incident) : [];
  const number = answer.total + ill.length, calm = number === 0 && first;
  return [
    h("h1", {}, calm ? "Incidents" : `${number} open ${number === 1 ? "incident" : "incidents"}${filtered() ? " that match" : ""}`),
    partial(answer),
    !calm && inCommon(answer),
    !calm && (number > 1 || !first) && filters(answer, true),
    ill.map(illness),
    calm && h("div", { class: "card calm" }, h("strong", {}, "Nothing is open."), h("span", { class: "quiet" }, "No account and no address gives reason for alarm.")),
    answer.groups.length > 0 ? groups(answer) : answer.total > 0 && [choice(answer, asked), h("ul", { class: "cases" }, answer.subjects.map((one) => h("li", {}, incident(one)))), pages(answer)],
    past.incidents.length > 0 && h("section", { class: "card wide" }, h("h2", {}, "Ended lately"),
      table(["Ended", "Subject", "Severity", "What it was", "How it ended"], past.incidents.slice(0, MOST_ENDED).map((i) => [
        when(i.endedAt), h("a", { href: link(i.key) }, bare(i.key)), pill(i.severity), untitled(i, i.key), ending(i)]), ["time", "who"])),
  ];
}

function incident(subject) {
  const i = subject.incident, block = subject.block;
  return h("article", { class: `card case ${i.severity}` },
    h("div", { class: "first" }, tick(subject.key), pill(i.severity)),
    h("div", {},
      h("h2", {}, h("a", { href: link(subject.key) }, called(subject.key))),
      h("p", {}, plain(i.because)),
      h("p", { class: "quiet small" }, [kind(subject.key), i.detectors.join(", "), `risk ${Math.round(i.score * 100)} %`].filter(Boolean).join(" · ")),
      said(subject)),
    h("div", { class: "right" },
      block ? h("p", {}, pill(`mail ${ACTIONS[block.action] || block.action}`, block.action), " ", h("span", { class: "small" }, left(block.endsAt))) : h("p", {}, pill("not blocked", "info")),
      block && h("p", { class: "quiet small" }, i.refusedHosts === 0 ? "no host has refused yet" : `refused on ${i.refusedOn.join(", ")}${i.refusedHosts > i.refusedOn.length ? ` and ${i.refusedHosts - i.refusedOn.length} more` : ""}`),
      i.held > 0 && h("p", { class: "small" }, `${i.held} ${i.held === 1 ? "message waits" : "messages wait"}, held`),
      subject.word && h("p", { class: "small" }, `${subject.word.verb} by ${subject.word.actor}`),
      h("p", { class: "quiet small" }, "since ", when(i.startedAt), `, ${ago(i.startedAt)}`)));
}

/** Who looks after it, and the newest note. */
function said(subject) {
  const charge = subject.acknowledged, note = subject.note;
  if (!charge && !note) return null;
  return h("p", { class: "small noted" }, charge && [pill(`${charge.actor} looks after it`, "good"), " "],
    note && [`${note.actor}: ${note.text}`, note.count > 1 && h("span", { class: "quiet" }, ` (${note.count} notes)`)]);
}

export async function blocks() {
  const words = route().query.get("what") === "words";
  const answer = await ask(`api/open?${question(words ? "words" : "blocks")}`);
  const keys = answer.subjects.map((s) => s.key).join("\n");
  const [maps, fleet] = await Promise.all([keys && route().query.get("by") === null ? ask(`api/blocks?keys=${encodeURIComponent(keys)}`) : { blocks: [] }, ask("api/hosts?brief=1")]);
  const tab = (text, what, here) => h("a", { href: what ? `#/blocks?what=${what}` : "#/blocks", "aria-current": here ? "true" : null }, text);
  return [
    h("h1", {}, words ? `${answer.total} operators' ${answer.total === 1 ? "word" : "words"}` : answer.total === 1 ? "1 block in force" : `${answer.total} blocks in force`, filtered() && " that match"),
    partial(answer),
    h("div", { class: "tabs" }, tab("The detector's blocks", null, !words), tab("Operators' words", "words", words)),
    (answer.total > 1 || filtered()) && filters(answer, false),
    answer.groups.length > 0 ? groups(answer) : [answer.total > 0 && choice(answer, question(words ? "words" : "blocks")), h("section", { class: "card wide" }, answer.total === 0 ? h("p", { class: "quiet" }, "None.")
      : words ? wordTable(answer, maps, fleet) : blockTable(answer, maps, fleet)), pages(answer)],
  ];
}

function blockTable(answer, maps, fleet) {
  return table(["Subject", "Mail is", "Until", "Why", "Hosts"], answer.subjects.map((s) => [
    [tick(s.key), h("a", { href: link(s.key) }, bare(s.key))], pill(ACTIONS[s.block.action] || s.block.action, s.block.action),
    h("span", {}, when(s.block.endsAt), h("br"), h("span", { class: "quiet small" }, left(s.block.endsAt))),
    h("span", {}, plain(s.block.reason), h("br"), h("code", { class: "quiet" }, `pb:${s.block.reference}`)),
    chips(inMaps(maps, s.key, s.block.blockId), fleet)]), ["who"]);
}

function wordTable(answer, maps, fleet) {
  return table(["Subject", "Word", "By", "Until", "Why", "Hosts"], answer.subjects.map((s) => [
    [tick(s.key), h("a", { href: link(s.key) }, bare(s.key))], pill(s.word.verb, s.word.verb === "allow" ? "good" : "reject"), s.word.actor,
    s.word.endsAt ? when(s.word.endsAt) : "changed", s.word.reason,
    s.word.verb === "block" ? chips(inMaps(maps, s.key, null), fleet) : ""]), ["who"]);
}

// ---- filters, groups and pages

function filtered() {
  const { query } = route();
  return FILTERS.some((filter) => query.get(filter));
}

/** Values and how many have them, the commonest first: an object has names that are numbers before all others. */
function counted(counts) { return Object.entries(counts || {}).sort((a, b) => b[1] - a[1]); }

/** What many of them have in common, so that a mass event is seen as one. */
function inCommon(answer) {
  const { query } = route();
  if (answer.total < MASS) return null;
  const common = ["network", "domain", "detector", "hour"].filter((one) => !query.get(one)).map((one) => {
    const [value, count] = counted(answer.counts[one])[0] || [null, 0];
    return count >= MASS && count >= answer.total * MASS_SHARE
      ? h("li", {}, h("a", { href: address({ [one]: value, by: null }) }, `${NAMES[one]} ${shown(one, value)}`), ` ${count}`) : null;
  }).filter(Boolean);
  return common.length > 0 && h("section", { class: "card common", "aria-label": "What they have in common" }, h("strong", {}, `What the ${answer.total} have in common`), h("ul", {}, common),
    h("a", { href: address({ by: "network,domain,detector,hour" }) }, "As mass events"));
}

function choose(name, label, options, value) {
  const select = h("select", { id: `f-${name}` }, Object.entries(options).map(([key, text]) => h("option", { value: key, selected: key === value ? "" : null }, text)));
  select.addEventListener("change", () => { location.hash = address({ [name]: select.value }); });
  return h("div", {}, h("label", { for: `f-${name}` }, label), select);
}

function filters(answer, ofIncidents) {
  const { query } = route();
  const set = FILTERS.filter((filter) => query.get(filter));
  const options = (filter) => {
    const all = { "": "any" }, value = query.get(filter);
    for (const [one, count] of counted(answer.counts[filter])) all[one] = `${shown(filter, one)} (${count})`;
    if (value && !(value in all)) all[value] = shown(filter, value);
    return all;
  };
  const text = h("input", { id: "f-text", type: "search", maxlength: "200", autocomplete: "off", spellcheck: "false", value: query.get("text") || "" });
  const form = h("form", { class: "filters", "aria-label": "Filter" },
    Object.keys(NAMES).filter((filter) => ofIncidents || !["severity", "state", "hour"].includes(filter)).map((filter) => choose(filter, NAMES[filter], options(filter), query.get(filter) || "")),
    h("div", {}, h("label", { for: "f-text" }, "Name has"), text),
    choose("sort", "Sorted", SORTS, query.get("sort") || "severity"),
    choose("by", "Grouped", GROUPS, query.get("by") || ""),
    h("button", {}, "Apply"));
  form.addEventListener("submit", (event) => { event.preventDefault(); location.hash = address({ text: text.value.trim() }); });
  const details = h("details", { class: "card", id: "filter", open: state.filters ?? window.innerWidth > 700 ? "" : null },
    h("summary", { id: "f-summary" }, set.length === 0 ? "Filter, sort and group" : `Filter, sort and group: ${set.length} set`), form);
  details.addEventListener("toggle", () => { state.filters = details.open; });
  return [details, set.length > 0 && h("p", { class: "chips set" }, set.map((filter) => h("a", { class: "pill info", href: address({ [filter]: null }), "aria-label": `Without ${NAMES[filter] || "name"} ${shown(filter, query.get(filter))}` },
    `${NAMES[filter] || "Name has"}: ${shown(filter, query.get(filter))} ✕`)), h("a", { href: `#/${route().name}${query.get("what") ? `?what=${query.get("what")}` : ""}` }, "Show all"))];
}

function groups(answer) {
  const of = Object.keys(answer.groups[0].of);
  return h("section", { class: "card wide" }, h("h2", {}, `${answer.groups.length}${answer.groups.length === 100 ? " largest" : ""} ${answer.groups.length === 1 ? "group" : "groups"}`),
    table([...of.map((one) => NAMES[one]), "All", "Critical", "Fresh", "Not blocked", "Together"], answer.groups.map((group) => [
      ...of.map((one) => shown(one, group.of[one])), String(group.total), String(group.critical), String(group.fresh), String(group.unblocked),
      h("a", { href: address({ ...group.of, by: null }) }, "Show these", h("span", { class: "unseen" }, `: ${of.map((one) => shown(one, group.of[one])).join(", ")}`))]), of.map(() => "who")),
    h("p", { class: "quiet small" }, "One with two detectors is in the groups of both. Fresh: nobody looks after it yet."));
}

function pages(answer) {
  const { query } = route(), page = Number(query.get("page") || 1), last = Math.ceil(answer.total / PAGE);
  if (last <= 1) return null;
  const to = (n, text, id) => (n < 1 || n > last ? h("span", { class: "quiet" }, text) : h("a", { href: address({ page: n === 1 ? null : String(n) }), id }, text));
  return h("nav", { class: "pages", "aria-label": "Pages of the list" }, to(page - 1, "‹ Before", "p-before"),
    h("span", {}, `${(page - 1) * PAGE + 1} to ${Math.min(page * PAGE, answer.total)} of ${answer.total}`), to(page + 1, "Next ›", "p-next"));
}

// ---- choosing many

function tick(key) {
  if (!state.me || !state.me.operator) return null;
  const box = h("input", { type: "checkbox", id: `c-${key}`, "aria-label": `Choose ${bare(key)}`, checked: state.selected.has(key) ? "" : null });
  box.addEventListener("change", () => {
    if (box.checked) state.selected.add(key); else state.selected.delete(key);
    chosen();
  });
  return box;
}

/** Above the list: what is chosen, and the act on it. */
function choice(answer, asked) {
  if (!state.me || !state.me.operator) return null;
  const all = h("button", { type: "button", id: "b-all" }, answer.total > 500 ? "Choose the first 500" : `Choose all ${answer.total}`);
  all.addEventListener("click", async () => {
    const { keys } = await ask(`api/keys?${asked}`);
    keys.slice(0, 500).forEach((key) => state.selected.add(key));
    chosen();
  });
  const none = h("button", { type: "button", id: "b-none", class: "some" }, "Choose none");
  none.addEventListener("click", () => { state.selected.clear(); chosen(); });
  const act = h("button", { type: "button", id: "b-act", class: "chief some" }, "Act on them …");
  act.addEventListener("click", () => actOnMany([...state.selected]));
  return h("div", { class: "choice", role: "group", "aria-label": "Act on several" }, all, none, h("span", { id: "b-count", role: "status" }), act);
}

/** Shows what is chosen, without drawing the page anew. */
export function chosen() {
  for (const box of document.querySelectorAll("input[type=checkbox][id^='c-']")) box.checked = state.selected.has(box.id.slice(2));
  const count = document.getElementById("b-count");
  if (!count) return;
  count.textContent = state.selected.size === 0 ? "" : `${state.selected.size} chosen`;
  for (const button of document.querySelectorAll(".choice .some")) button.hidden = state.selected.size === 0;
}
