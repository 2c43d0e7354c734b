// More tabs, or stages, than there is room for: the one that is open is never out of sight.
import { whenever } from "./moving.js";

function show(list) {
  const open = list.querySelector("[aria-current]");
  if (!open || list.scrollWidth <= list.clientWidth) return;
  list.scrollLeft = open.offsetLeft - list.clientWidth / 2 + open.offsetWidth / 2;
}

export function startTabs() {
  const seen = new ResizeObserver((entries) => entries.forEach((entry) => show(entry.target)));
  whenever(".tabs, .stages", (list) => {
    show(list);
    seen.observe(list);
  });
}
