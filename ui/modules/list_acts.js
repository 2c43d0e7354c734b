// Acting on many records: what is selected stays known while the page is open; a request carries a part of it,
// one after the other, and the dialog shows how far it is and which records were refused, with the reason.
const TOGETHER = 100;
const REFUSALS_SHOWN = 50;

const state = { ids: new Set(), titles: new Map(), list: "", changed: false, undo: new Map(), stays: new Map() };
const bar = () => document.querySelector("[data-acts]");
const words = (name, values = {}) =>
  (bar().querySelector("[data-words]").dataset[name] ?? "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
const number = (value) => new Intl.NumberFormat(document.documentElement.lang).format(value);

function show() {
  const holder = bar();
  if (!holder) return;
  holder.hidden = state.ids.size === 0;
  const boxes = [...document.querySelectorAll("[data-pick]")];
  for (const box of boxes) {
    box.checked = state.ids.has(box.value);
    box.closest("tr").classList.toggle("picked", box.checked);
  }
  const whole = document.querySelector("[data-pick-page]");
  if (whole) {
    const some = boxes.filter((box) => box.checked).length;
    whole.checked = some > 0 && some === boxes.length;
    whole.indeterminate = some > 0 && some < boxes.length;
  }
  holder.querySelector("[data-acts-count]").textContent = words("selected", { count: number(state.ids.size) });
  const pager = document.querySelector(".pager[data-count]");
  const all = holder.querySelector("[data-acts-all]");
  const count = Number(pager?.dataset.count ?? 0);
  const capped = pager && "capped" in pager.dataset;
  all.hidden = !whole?.checked || (count <= state.ids.size && !capped);
  all.textContent = words("all", { count: number(count) + (capped ? "+" : "") });
}

function pick(box, on) {
  if (on) {
    state.ids.add(box.value);
    state.titles.set(box.value, box.closest("tr").querySelector(".row-title")?.textContent.trim());
  } else state.ids.delete(box.value);
}

async function pickAll() {
  const { url } = document.querySelector("[data-list]").dataset;
  const answer = await fetch(`${url}/matching${location.search}`, { credentials: "same-origin" });
  const found = await answer.json();
  for (const id of found.ids) state.ids.add(String(id));
  show();
  if (found.more) bar().querySelector("[data-acts-count]").textContent += ` · ${words("most")}`;
}

const dialog = () => bar().querySelector("[data-act-dialog]");

async function fetchControl() {
  const { url } = document.querySelector("[data-list]").dataset;
  const chosen = dialog().querySelector("[data-act-field]");
  const field = chosen.value;
  const answer = await fetch(`${url}/edit-many?field=${encodeURIComponent(field)}`, { credentials: "same-origin" });
  const control = answer.ok ? await answer.text() : "";
  // Another field may have been chosen meanwhile, whose answer was quicker.
  if (chosen.value === field) dialog().querySelector("[data-act-control]").innerHTML = control;
}

function open(act) {
  const box = dialog();
  for (const part of box.querySelectorAll("[data-act-part]")) {
    part.hidden = part.disabled = part.dataset.actPart !== act;
    if (!part.hidden) box.querySelector("[data-act-title]").textContent = part.dataset.title;
  }
  box.querySelector("[name=act]").value = act;
  const go = box.querySelector("[data-act-go]");
  go.hidden = false;
  go.disabled = false;
  go.classList.toggle("button-danger", act === "delete");
  go.classList.toggle("button-primary", act !== "delete");
  for (const name of ["progress", "problem", "refusals"]) box.querySelector(`[data-act-${name}]`).hidden = true;
  box.querySelector("[data-act-refusals]").replaceChildren();
  forget(box);
  if (act === "update") fetchControl();
  box.showModal();
}

function forget(box) {
  state.undo.clear();
  state.stays.clear();
  box.querySelector("[data-act-undo]").hidden = true;
}

function refuse(list, id, reason) {
  if (list.children.length >= REFUSALS_SHOWN) return;
  const item = document.createElement("li");
  const title = document.createElement("strong");
  title.textContent = state.titles.get(id) ?? `#${id}`;
  item.append(title, ` ${reason}`);
  list.append(item);
  list.hidden = false;
}

async function send(form) {
  const box = dialog();
  const [go, said, problem] = ["go", "said", "problem"].map((name) => box.querySelector(`[data-act-${name}]`));
  const progress = box.querySelector("[data-act-progress]");
  const list = box.querySelector("[data-act-refusals]");
  const fields = new FormData(form);
  const undoing = fields.get("act") === "undo";
  // What was done last is undone first: a record that was deleted before another may lead to it.
  const ids = undoing ? [...state.undo.keys()].reverse() : [...state.ids];
  const [events, stays] = [new Map(state.undo), new Map(undoing ? state.stays : [])];
  forget(box);
  go.disabled = true;
  problem.hidden = true;
  progress.hidden = false;
  list.replaceChildren();
  let [done, refused] = [0, stays.size];
  for (const [id, reason] of stays) refuse(list, id, reason);
  for (let start = 0; start < ids.length; start += TOGETHER) {
    const part = ids.slice(start, start + TOGETHER);
    const body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    for (const id of part) {
      body.append("id", id);
      if (undoing) body.append("event", events.get(id));
    }
    const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" }).catch(() => null);
    const found = await answer?.json().catch(() => null);
    if (!answer?.ok || !found?.results) {
      problem.textContent = found?.problem ?? found?.detail ?? words("failed");
      problem.hidden = false;
      progress.hidden = start === 0;
      go.disabled = false;
      return;
    }
    for (const each of found.results) {
      if (each.reason) {
        refused += 1;
        refuse(list, String(each.id), each.reason);
      } else {
        done += 1;
        state.ids.delete(String(each.id));
        if (each.stays) state.stays.set(String(each.id), each.stays);
        if (each.undo) state.undo.set(String(each.id), each.undo);
      }
    }
    progress.querySelector("progress").value = (start + part.length) / ids.length;
    said.textContent = words("progress", { done: number(start + part.length), count: number(ids.length) });
  }
  said.textContent = words("done", { done: number(done), refused: number(refused) });
  go.hidden = true;
  box.querySelector("[data-act-undo]").hidden = state.undo.size === 0;
  state.changed ||= done > 0;
  box.querySelector("[data-act-close]").focus();
}

export function listen() {
  // What was ticked before this module had arrived.
  for (const box of document.querySelectorAll("[data-pick]:checked")) pick(box, true);
  show();
  document.addEventListener("change", (event) => {
    const target = event.target;
    if (target.matches?.("[data-pick]")) {
      pick(target, target.checked);
      show();
    } else if (target.matches?.("[data-pick-page]")) {
      for (const box of document.querySelectorAll("[data-pick]")) pick(box, target.checked);
      show();
    } else if (target.matches?.("[data-act-field]")) fetchControl();
  });
  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("[data-acts] *");
    if (!target) return;
    const opener = target.closest("[data-act-open]");
    if (opener) open(opener.dataset.actOpen);
    if (target.closest("[data-acts-all]")) pickAll();
    if (target.closest("[data-acts-none]")) {
      state.ids.clear();
      show();
    }
    if (target.closest("[data-act-close]")) dialog().close();
    if (target.closest("[data-act-undo]")) {
      dialog().querySelector("[name=act]").value = "undo";
      send(dialog().querySelector("[data-act-form]"));
    }
    const exported = target.closest("[data-acts-export]");
    if (exported) {
      // By a form: so many ids do not fit into an address.
      event.preventDefault();
      const form = Object.assign(document.createElement("form"), {
        method: "post",
        action: exported.pathname + location.search,
        hidden: true,
      });
      const add = (name, value) => {
        const input = Object.assign(document.createElement("input"), { type: "hidden", name, value });
        form.append(input);
      };
      add("csrf_token", dialog().querySelector("[name=csrf_token]").value);
      for (const id of state.ids) add("only", id);
      document.body.append(form);
      form.submit();
      form.remove();
    }
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches?.("[data-act-form]")) return;
    event.preventDefault();
    send(event.target);
  });
  document.addEventListener(
    "close",
    (event) => {
      if (!event.target.matches?.("[data-act-dialog]") || !state.changed) return;
      state.changed = false;
      location.reload();
    },
    true,
  );
  // Rows that arrive later, by search, sorting or groups, show what is selected among them.
  document.addEventListener("htmx:after:swap", show);
}
