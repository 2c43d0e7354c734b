// The bell of the bar drops down with the latest notifications; they are marked as read there without leaving the
// page. Without scripts, and with a modifier key, it is a link to the page of notifications.
import htmx from "htmx.org";

const bell = () => document.querySelector("[data-bell]");
const panel = () => document.getElementById("bell-panel");
const items = () => [...panel().querySelectorAll(".told-button, .bell-all")];

function close() {
  panel().hidden = true;
  bell().setAttribute("aria-expanded", "false");
}

async function open() {
  const shown = panel();
  await htmx.ajax("GET", bell().dataset.bell, { target: shown, swap: "innerHTML" });
  shown.hidden = false;
  bell().setAttribute("aria-expanded", "true");
  shown.focus();
}

// How many are unread stands in what was loaded, and at the bell.
function count() {
  const unread = Number(panel().querySelector("[data-bell-unread]")?.dataset.bellUnread ?? 0);
  const badge = bell().querySelector("[data-bell-count]");
  const words = bell().querySelector("[data-bell-words]");
  badge.hidden = unread === 0;
  badge.textContent = unread < 100 ? unread : "99+";
  words.textContent = words.dataset.bellWords.replace("{count}", unread);
}

function step(by) {
  const all = items();
  const at = all.indexOf(document.activeElement);
  all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length]?.focus();
}

const KEYS = { ArrowDown: () => step(1), ArrowUp: () => step(-1) };

export function startBell() {
  if (!bell()) return;
  bell().setAttribute("aria-haspopup", "dialog");
  bell().setAttribute("aria-expanded", "false");
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-bell]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      if (panel().hidden) open().catch(() => location.assign(link.href));
      else close();
    } else if (!panel().hidden && document.contains(event.target) && !panel().contains(event.target)) close();
  });
  document.addEventListener("keydown", (event) => {
    if (panel().hidden) return;
    if (event.key === "Escape") {
      close();
      bell().focus();
    } else if (panel().contains(event.target) && KEYS[event.key]) {
      event.preventDefault();
      KEYS[event.key]();
    }
  });
  document.addEventListener("htmx:after:swap", () => {
    if (!panel().querySelector("[data-bell-unread]")) return;
    count();
    if (!panel().hidden && document.activeElement === document.body) panel().focus();
  });
}
