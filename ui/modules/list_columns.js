// The panels for columns and order, and the widths of columns, which this device keeps for each view.
const SMALLEST = 64;

const holder = () => document.querySelector("[data-list]");
const keyOf = () => `widths:${holder().dataset.list}:${holder().dataset.view}`;

function kept() {
  try {
    return JSON.parse(localStorage.getItem(keyOf()) ?? "{}");
  } catch {
    return {};
  }
}

function setWidth(head, width) {
  head.style.width = width ? `${width}px` : "";
  head.style.minWidth = head.style.maxWidth = head.style.width;
}

function applyWidths() {
  if (!holder()) return;
  const widths = kept();
  for (const head of document.querySelectorAll("[data-table] th[data-column]")) {
    if (widths[head.dataset.column]) setWidth(head, widths[head.dataset.column]);
  }
}

function remember(head) {
  localStorage.setItem(keyOf(), JSON.stringify({ ...kept(), [head.dataset.column]: Math.round(head.offsetWidth) }));
}

function drag(event, head) {
  event.preventDefault();
  const [from, width] = [event.clientX, head.offsetWidth];
  const move = (next) => setWidth(head, Math.max(SMALLEST, width + next.clientX - from));
  const end = () => {
    document.removeEventListener("pointermove", move);
    remember(head);
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end, { once: true });
}

function moveRow(row, step) {
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (step < 0) other.before(row);
  else other.after(row);
}

function dragRow(event, row) {
  event.preventDefault();
  row.classList.add("dragged");
  const move = (next) => {
    const over = document.elementFromPoint(next.clientX, next.clientY)?.closest?.("[data-column-rows] > li");
    if (!over || over === row || over.parentElement !== row.parentElement) return;
    const { top, height } = over.getBoundingClientRect();
    if (next.clientY < top + height / 2) over.before(row);
    else over.after(row);
  };
  document.addEventListener("pointermove", move);
  document.addEventListener(
    "pointerup",
    () => {
      document.removeEventListener("pointermove", move);
      row.classList.remove("dragged");
    },
    { once: true },
  );
}

export function startListColumns() {
  applyWidths();
  document.addEventListener("htmx:after:swap", applyWidths);
  document.addEventListener("pointerdown", (event) => {
    const edge = event.target.closest?.("[data-widen]");
    if (edge) drag(event, edge.closest("th"));
    const grip = event.target.closest?.("[data-column-rows] [data-grip]");
    if (grip) dragRow(event, grip.closest("li"));
  });
  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("button");
    if (!target) return;
    const row = target.closest("li");
    if (target.matches("[data-column-up], [data-column-down]")) {
      moveRow(row, target.matches("[data-column-up]") ? -1 : 1);
      target.focus();
    } else if (target.matches("[data-widths-forget]")) {
      localStorage.removeItem(keyOf());
      for (const head of document.querySelectorAll("[data-table] th[data-column]")) setWidth(head, 0);
    } else if (target.matches("[data-sort-remove]")) {
      if (row.parentElement.children.length > 1) row.remove();
      else row.querySelector("select").value = "";
    } else if (target.matches("[data-sort-add]")) {
      const rows = target.closest("form").querySelector("[data-sort-rows]");
      const more = rows.lastElementChild.cloneNode(true);
      more.querySelector("select").value = "";
      rows.append(more);
      more.querySelector("select").focus();
    }
  });
}
