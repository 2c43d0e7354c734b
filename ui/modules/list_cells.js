// Editing a value where it stands: a double click or Enter brings the field's own control, Tab saves and goes to
// the next one, Escape leaves everything as it was. What is refused says why at its cell.
const EDITABLE = "td[data-edit]";

const addressOf = (cell) => {
  const row = cell.closest("tr[data-row]");
  return `${row.dataset.url}/cell/${encodeURIComponent(cell.dataset.field)}`;
};

const columns = () =>
  [...document.querySelectorAll("[data-table] thead th[data-column]")].map((each) => each.dataset.column).join(",");

function put(cell, html) {
  cell.classList.add("cell-open");
  cell.innerHTML = html;
  const control = cell.querySelector(".input:not([type=hidden]), select, textarea, input[type=checkbox]");
  control?.focus();
  control?.select?.();
}

function close(cell) {
  cell.classList.remove("cell-open");
  cell.innerHTML = cell.kept;
  delete cell.kept;
}

function say(sentence) {
  const note = document.createElement("div");
  note.className = "toast";
  note.setAttribute("role", "status");
  note.dataset.toast = "";
  note.textContent = sentence;
  document.body.append(note);
  setTimeout(() => note.remove(), 5000);
}

// The sentence of a refusal stands in the answer's page.
async function sentenceOf(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector("main p, .problem, main h1")?.textContent.trim() ?? String(answer.status);
}

async function open(cell) {
  if (cell.kept !== undefined) return;
  cell.kept = cell.innerHTML;
  const answer = await fetch(addressOf(cell), { credentials: "same-origin" });
  const html = answer.ok ? await answer.text() : null;
  // Escape may have come first.
  if (cell.kept === undefined) return;
  if (html !== null) {
    put(cell, html);
    return;
  }
  say(await sentenceOf(answer));
  close(cell);
  cell.focus();
}

const changed = (form) =>
  [...form.elements].some((each) =>
    each.type === "checkbox"
      ? each.checked !== each.defaultChecked
      : each.tagName === "SELECT"
        ? [...each.options].some((option) => option.selected !== option.defaultSelected)
        : each.type !== "submit" && each.value !== each.defaultValue,
  );

// Saves, and gives the row that stands there then; null when something is wrong, which the cell says.
async function save(cell) {
  const form = cell.querySelector("[data-cell-form]");
  const row = cell.closest("tr[data-row]");
  if (!form || cell.saving) return null;
  if (!changed(form)) {
    close(cell);
    return row;
  }
  cell.saving = true;
  const query = `?columns=${encodeURIComponent(columns())}`;
  const answer = await fetch(form.action + query, {
    method: "POST",
    body: new FormData(form),
    credentials: "same-origin",
  }).catch(() => null);
  cell.saving = false;
  if (!answer) return null;
  const holder = document.createElement("template");
  holder.innerHTML = (await answer.text()).trim();
  if (!answer.ok && holder.content.querySelector("[data-cell-form]")) {
    put(cell, holder.innerHTML);
    return null;
  }
  if (!answer.ok) {
    // It can no longer be edited, or is no longer there.
    say(holder.content.querySelector("main p, main h1")?.textContent.trim() ?? String(answer.status));
    close(cell);
    return null;
  }
  const fresh = holder.content.firstElementChild;
  const box = fresh.querySelector("[data-pick]");
  if (box) box.checked = row.querySelector("[data-pick]")?.checked ?? false;
  row.replaceWith(fresh);
  return fresh;
}

const same = (row, name) => row.querySelector(`td[data-field="${CSS.escape(name)}"]`);

async function leave(cell, step) {
  const name = cell.dataset.field;
  const row = await save(cell);
  if (!row) return;
  const here = same(row, name);
  const all = [...document.querySelectorAll(`[data-table] ${EDITABLE}`)];
  const next = step === 0 ? null : all[all.indexOf(here) + step];
  if (next) await open(next);
  else here.focus();
}

export function listen() {
  document.addEventListener("dblclick", (event) => {
    const cell = event.target.closest?.(EDITABLE);
    if (!cell || cell.kept !== undefined) return;
    event.preventDefault();
    getSelection()?.removeAllRanges();
    open(cell);
  });
  document.addEventListener("keydown", (event) => {
    const cell = event.target.closest?.(EDITABLE);
    if (!cell) return;
    if (cell.kept === undefined) {
      if ((event.key === "Enter" || event.key === "F2") && event.target === cell) {
        event.preventDefault();
        open(cell);
      }
      return;
    }
    const choosing = event.target.getAttribute("aria-expanded") === "true";
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close(cell);
      cell.focus();
    } else if (event.key === "Tab") {
      event.preventDefault();
      leave(cell, event.shiftKey ? -1 : 1);
    } else if (event.key === "Enter" && !choosing && event.target.tagName !== "TEXTAREA") {
      event.preventDefault();
      leave(cell, 0);
    }
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches?.("[data-cell-form]")) return;
    event.preventDefault();
    leave(event.target.closest("td"), 0);
  });
  // A click elsewhere saves, as people expect of a sheet.
  document.addEventListener("pointerdown", (event) => {
    const cell = document.querySelector(".cell-open");
    if (cell && !cell.contains(event.target) && !event.target.closest(".combo-list")) save(cell);
  });
}
