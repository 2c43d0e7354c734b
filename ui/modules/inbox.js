// The inbox: a task opens beside the list where there is room; j and k go through the list, x chooses, a and r
// decide, ? shows the keys. Without scripts every title is a link and the boxes and buttons are a plain form.
import htmx from "htmx.org";

const WIDE = "(min-width: 1180px)";
const inbox = () => document.querySelector("[data-inbox]");
const rows = () => [...document.querySelectorAll("[data-inbox-row]")];
const current = () => document.activeElement?.closest?.("[data-inbox-row]") ?? document.querySelector(".inbox-open");
const ticks = () => [...document.querySelectorAll("[data-inbox-form] :is(input[name=task], input[name=approval])")];

function mark(row) {
  for (const each of rows()) each.classList.toggle("inbox-open", each === row);
}

function open(link) {
  mark(link.closest("[data-inbox-row]"));
  const shown = htmx.ajax("GET", link.href, { target: "#inbox-pane", select: "#task", swap: "innerHTML" });
  shown.then(() => document.getElementById("task-title")?.focus({ preventScroll: true }));
}

function count() {
  const place = document.querySelector("[data-inbox-count]");
  if (!place) return;
  const chosen = ticks().filter((each) => each.checked).length;
  place.textContent = chosen ? place.dataset.words.replace("{count}", chosen) : "";
  document.querySelector("[data-inbox-all]").checked = chosen > 0 && chosen === ticks().length;
  document.querySelector("[data-inbox-bulk]").classList.toggle("is-dirty", chosen > 0);
}

function step(by) {
  const all = rows();
  if (all.length === 0) return;
  const at = all.indexOf(current());
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))];
  next.querySelector(".inbox-title").focus();
  next.scrollIntoView({ block: "nearest" });
}

function decide(name) {
  const button = document.querySelector(`[data-inbox-bulk] [value=${name}]`);
  if (button && ticks().some((each) => each.checked)) button.focus();
  else current()?.querySelector(`[data-inbox-${name}]`)?.click();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  x: () => current()?.querySelector("input[name=task]")?.click(),
  a: () => decide("approve"),
  r: () => decide("reject"),
  "?": () => document.querySelector("[data-inbox-dialog]").showModal(),
};

const typing = (element) =>
  element.closest("dialog[open]") || (element.matches("input:not([type=checkbox]), textarea, select") && !element.readOnly);

export function listen() {
  document.addEventListener("keydown", (event) => {
    if (!inbox() || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-inbox-open]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && matchMedia(WIDE).matches) {
      event.preventDefault();
      open(link);
    }
    const dialog = document.querySelector("[data-inbox-dialog]");
    if (event.target.closest?.("[data-inbox-help]")) dialog.showModal();
    if (event.target.closest?.("[data-inbox-close]") || event.target === dialog) dialog.close();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-inbox-all]")) for (const each of ticks()) each.checked = event.target.checked;
    if (event.target.closest?.("[data-inbox-form]")) count();
  });
  document.addEventListener("htmx:after:swap", count);
  count();
}
