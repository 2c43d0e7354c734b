// Menus are <details data-menu>: open without scripts. Here: keeping their panel on the screen, and closing by
// Escape, by a click elsewhere, or when the keyboard leaves them.
const open = () => document.querySelectorAll("details[data-menu][open]");
const EDGE = 12;

// Moves the panel by as much as it stands out of the screen.
function keepInside(menu) {
  const panel = menu.querySelector(".menu-panel");
  if (!panel) return;
  panel.style.translate = "";
  const { left, right } = panel.getBoundingClientRect();
  const out = Math.max(0, right - (document.documentElement.clientWidth - EDGE));
  const move = left - out < EDGE ? EDGE - left : -out;
  if (out > 0 || left < EDGE) panel.style.translate = `${move}px`;
}

export function startMenus() {
  document.addEventListener(
    "toggle",
    (event) => {
      if (event.target.matches("details[data-menu][open]")) keepInside(event.target);
    },
    true,
  );
  window.addEventListener("resize", () => open().forEach(keepInside));
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}
