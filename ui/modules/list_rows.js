// Going through the rows of a list with the keyboard: j, k and the arrows move, Enter opens, x selects, / searches,
// n makes a new record, ? tells all keys.
const TYPING = "input:not([type=checkbox]), select, textarea, [contenteditable], dialog, .menu-panel";

const rows = () => [...document.querySelectorAll("[data-table] tr[data-row]")];
const rowOf = (element) => element?.closest?.("tr[data-row]");

function toRow(step) {
  const all = rows();
  if (all.length === 0) return;
  const at = all.indexOf(rowOf(document.activeElement));
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step));
  const cell = document.activeElement.closest?.("td[data-field]");
  const place = cell ? [...cell.parentElement.children].indexOf(cell) : -1;
  const target = place > 0 ? all[next].children[place] : all[next];
  target.focus();
  target.scrollIntoView({ block: "nearest" });
}

function toCell(step) {
  const row = rowOf(document.activeElement);
  const cells = row ? [...row.querySelectorAll("td[data-field]")] : [];
  if (cells.length === 0) return;
  const at = cells.indexOf(document.activeElement.closest("td[data-field]"));
  const next = at + step;
  if (next < 0) row.focus();
  else if (next < cells.length) cells[next].focus();
}

function pick(row) {
  const box = row?.querySelector("[data-pick]");
  if (box) box.click();
}

const KEYS = {
  j: () => toRow(1),
  ArrowDown: () => rowOf(document.activeElement) && (toRow(1), true),
  k: () => toRow(-1),
  ArrowUp: () => rowOf(document.activeElement) && (toRow(-1), true),
  ArrowRight: () => rowOf(document.activeElement) && (toCell(1), true),
  ArrowLeft: () => rowOf(document.activeElement) && (toCell(-1), true),
  x: () => pick(rowOf(document.activeElement)),
  a: () => document.querySelector("[data-pick-page]")?.click(),
  "/": () => document.querySelector("[data-list-search]")?.focus(),
  n: () => document.querySelector(".page-actions .button-primary")?.click(),
  "?": () => document.querySelector("[data-keys-dialog]")?.showModal(),
  Enter: () => {
    const row = rowOf(document.activeElement);
    if (!row || document.activeElement !== row) return false;
    location.assign(row.dataset.url);
    return true;
  },
};

export function startListRows() {
  document.addEventListener("keydown", (event) => {
    if (!document.querySelector("[data-list]") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.(TYPING) || event.defaultPrevented) return;
    const act = KEYS[event.key];
    if (act && act() !== false && act !== undefined) {
      if (event.key.length === 1 || rowOf(document.activeElement)) event.preventDefault();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-list-keys]")) document.querySelector("[data-keys-dialog]")?.showModal();
    if (event.target.closest?.("[data-keys-close]")) document.querySelector("[data-keys-dialog]")?.close();
    // Shift and a click on a heading adds it to the order.
    const sort = event.target.closest?.("a.sort[data-add-url]");
    if (sort && event.shiftKey) {
      event.preventDefault();
      event.stopPropagation();
      location.assign(sort.dataset.addUrl);
    }
    // An export is of what is seen: filters, columns, order.
    const exported = event.target.closest?.("a[data-export]");
    if (exported) exported.search = location.search;
  }, true);
}
