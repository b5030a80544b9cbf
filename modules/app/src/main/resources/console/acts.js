// What an operator says of one subject or of many. What lets mail through or removes it, or concerns many, is asked for again.
import { Problem, ask, bare, clock, h, pill, state, when } from "./pieces.js";

const LENGTHS = [["PT1H", "1 hour"], ["PT8H", "8 hours"], ["P1D", "1 day"], ["P7D", "7 days"], ["P30D", "30 days"]];
const BLOCKS = ["hold", "defer", "reject", "disconnect"];
const IN_CHARGE = "looks after it";
const FINAL = ["unblock", "allow", "release", "delete"];
const NOTES = ["acknowledge", "note"];
const LIMITED = [...BLOCKS, "allow"];
const SAYINGS = {
  acknowledge: "acknowledge: I look after it; mail goes on as it does",
  note: "note: only written down",
  hold: "hold: mail waits on the hosts",
  defer: "defer: mail is refused for now",
  reject: "block: mail is refused",
  disconnect: "disconnect: mail is refused and the session ended",
  unblock: "unblock: let in, earlier evidence is spent",
  allow: "allow: never block",
  release: "release waiting mail",
  delete: "delete waiting mail",
};
let redraw = () => {};

/** `draw` draws the page anew once something was said. */
export function onSaid(draw) { redraw = draw; }

function who(keys) { return keys.length === 1 ? bare(keys[0]) : `${keys.length} subjects`; }

function consequence(verb, keys, length) {
  const of = who(keys);
  return {
    unblock: `Mail of ${of} is accepted again within a second, and what was found so far never counts again. A thief who still has the password is let in.`,
    allow: `Nothing blocks ${of} for ${length}, whatever is sent.`,
    release: `What hosts hold of the mail of ${of} goes on its way. Nothing calls it back.`,
    delete: `What hosts hold of the mail of ${of} is deleted on every host. Nothing brings it back.`,
    hold: `Mail of ${of} is held for ${length}.`,
    defer: `Mail of ${of} is refused for now, for ${length}.`,
    reject: `Mail of ${of} is refused for ${length}.`,
    disconnect: `Mail of ${of} is refused and its sessions are ended for ${length}.`,
  }[verb];
}

const ASKED = { unblock: "Unblock", allow: "Allow", release: "Release", delete: "Delete", hold: "Hold", defer: "Defer", reject: "Block", disconnect: "Disconnect" };

/** Whether somebody means it; nothing happens at Enter alone. */
function meant(verb, keys, length) {
  const no = h("button", { value: "cancel", id: "sure-no" }, "Cancel");
  const dialog = h("dialog", { id: "sure", "aria-labelledby": "sure-title" }, h("form", { method: "dialog" },
    h("h2", { id: "sure-title" }, `${ASKED[verb]} ${who(keys)}?`), h("p", {}, consequence(verb, keys, length)),
    keys.length > 1 && h("p", { class: "quiet small names" }, `${keys.slice(0, 8).map(bare).join(", ")}${keys.length > 8 ? ` and ${keys.length - 8} more` : ""}`),
    h("menu", {}, h("button", { value: "yes", id: "sure-yes", class: "grave" }, `${ASKED[verb]} ${keys.length === 1 ? "it" : `all ${keys.length}`}`), no)));
  document.body.append(dialog);
  dialog.showModal();
  no.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "yes"); }, { once: true });
  });
}

/** The fields of an act; `prefix` parts those of the page from those of a dialog. */
function fields(prefix, verbs, preselected) {
  const verb = h("select", { id: `${prefix}verb` }, verbs.map((one) => h("option", { value: one, selected: one === preselected ? "" : null }, SAYINGS[one])));
  const length = h("select", { id: `${prefix}for` }, LENGTHS.map(([value, text]) => h("option", { value }, text)));
  const part = h("div", {}, h("label", { for: `${prefix}for` }, "For"), length);
  const reason = h("input", { id: `${prefix}reason`, maxlength: "500", autocomplete: "off" });
  const fit = () => {
    part.hidden = !LIMITED.includes(verb.value);
    reason.required = verb.value !== "acknowledge"; // Who and when is enough of that.
  };
  verb.addEventListener("change", fit);
  fit();
  return { verb, length, reason, all: [
    h("div", {}, h("label", { for: `${prefix}verb` }, "Say"), verb), part,
    h("div", { class: "reason" }, h("label", { for: `${prefix}reason` }, `Why, or the note (kept with your name, ${state.me.operator})`), reason)] };
}

/** Says it, once it is meant; what was said as text, or null when it was not. */
async function say(keys, verb, length, reason) {
  const lengthText = LENGTHS.find(([value]) => value === length)[1];
  if ((FINAL.includes(verb) || keys.length > 1 && !NOTES.includes(verb)) && !await meant(verb, keys, lengthText)) return null;
  const order = { keys, verb: BLOCKS.includes(verb) ? "block" : verb, reason };
  if (LIMITED.includes(verb)) order.for = length;
  if (BLOCKS.includes(verb)) order.action = verb;
  await ask("api/override", order);
  const done = keys.length === 1 ? verb : `${verb} of ${keys.length} subjects`;
  return `Said at ${clock(new Date())}: ${done}.${NOTES.includes(verb) ? "" : " Hosts follow within a second."}`;
}

/** What may be said of a subject, the safe thing first. */
function verbs(keys, open) {
  const mail = keys.every((key) => /^(sasl_user|relay_sender):/.test(key));
  const net = keys.some((key) => key.startsWith("client_net:"));
  const acted = keys.every((key) => /^(sasl_user|client_ip|client_net|local_user|relay_sender):/.test(key));
  return [open && "acknowledge", "note", ...(acted ? [...BLOCKS, "unblock", !net && "allow", mail && "release", mail && "delete"] : [])].filter(Boolean);
}

/** The form of a subject's own page. */
export function acting(s) {
  if (!state.me || !state.me.acting) return null;
  if (!state.me.operator) return h("section", { class: "card" }, h("p", {}, "To block, unblock or allow, or to note something, give your operator's token (button at the top)."));
  const given = fields("", verbs([s.key], Boolean(s.incident)), s.incident && !s.acknowledged ? "acknowledge" : "note");
  const form = h("form", { class: "act", id: "act" }, given.all, h("button", { class: "chief" }, "Say it"));
  const said = h("p", { class: "said", role: "status", id: "said" }, state.said && state.said.key === s.key ? state.said.text : "");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const reason = given.reason.value.trim() || (given.verb.value === "acknowledge" ? IN_CHARGE : "");
    if (!reason) return;
    said.textContent = "Saying it …";
    try {
      const text = await say([s.key], given.verb.value, given.length.value, reason);
      state.said = text && { key: s.key, text };
      said.textContent = text || "Nothing was said.";
      if (!text) return;
      document.activeElement.blur();
      form.reset();
      given.verb.dispatchEvent(new Event("change"));
      setTimeout(() => redraw(), 700);
    } catch (problem) {
      said.textContent = problem.message;
    }
  });
  return h("section", { class: "card" }, h("h2", {}, "Act"), form, said);
}

/** What operators noted, newest first. */
export function noted(s) {
  if (s.notes.length === 0) return null;
  return h("section", { class: "card" }, h("h2", {}, s.notes.length === 1 ? "A note" : `${s.notes.length} notes`),
    s.acknowledged && h("p", {}, pill(`${s.acknowledged.actor} looks after it`, "good"), h("span", { class: "quiet small" }, " since ", when(s.acknowledged.at))),
    h("ul", { class: "notes" }, s.notes.map((note) => h("li", {}, when(note.at), " ", h("strong", {}, note.actor), note.verb === "acknowledge" ? " acknowledged: " : ": ", note.reason))));
}

/** A dialog for an act on many. */
export function actOnMany(keys) {
  if (keys.length === 0) return;
  const given = fields("many-", verbs(keys, true), "acknowledge");
  const said = h("p", { class: "said", role: "status" });
  const cancel = h("button", { type: "button" }, "Cancel");
  const form = h("form", {}, h("h2", { id: "many-title" }, `Say of ${who(keys)}`),
    h("p", { class: "quiet small names" }, `${keys.slice(0, 8).map(bare).join(", ")}${keys.length > 8 ? ` and ${keys.length - 8} more` : ""}`),
    h("div", { class: "act" }, given.all), said,
    h("menu", {}, h("button", { class: "chief", id: "many-say" }, "Say it"), cancel));
  const dialog = h("dialog", { id: "many", "aria-labelledby": "many-title" }, form);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove(), { once: true });
  cancel.addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const reason = given.reason.value.trim() || (given.verb.value === "acknowledge" ? IN_CHARGE : "");
    if (!reason) return;
    try {
      const text = await say(keys, given.verb.value, given.length.value, reason);
      if (!text) return;
      state.selected.clear();
      dialog.close();
      const box = document.getElementById("told");
      box.textContent = text;
      setTimeout(() => redraw(), 700);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      said.textContent = problem.message;
    }
  });
  dialog.showModal();
}
