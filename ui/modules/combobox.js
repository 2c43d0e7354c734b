// Link fields: a text box that searches while typing (the combobox pattern of WAI-ARIA). Without scripts the
// same box takes the title, and the server finds the record.
import { openDialog } from "./dialogs.js";

const PAUSE = 180;
let lists = 0;

function searching(root, { onChoose, onText }) {
  const box = root.querySelector("[data-combo-text]");
  const holder = box.closest(".combo");
  const list = document.createElement("ul");
  list.className = "combo-list";
  list.id = `choices-${(lists += 1)}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.labels?.[0]?.textContent.trim() ?? box.name);
  list.hidden = true;
  holder.append(list);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  })) {
    box.setAttribute(name, value);
  }
  let timer = 0;
  let request = null;
  let current = -1;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const close = () => {
    list.hidden = true;
    current = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  // Fixed to the window, so that a table that scrolls does not cut the list off.
  const place = () => {
    const { left, bottom, top, width } = box.getBoundingClientRect();
    list.style.minWidth = `${width}px`;
    const below = window.innerHeight - bottom > list.offsetHeight + 8 || top < list.offsetHeight;
    list.style.top = below ? `${bottom + 4}px` : `${top - list.offsetHeight - 4}px`;
    list.style.left = `${Math.max(8, Math.min(left, window.innerWidth - list.offsetWidth - 8))}px`;
  };
  const mark = (index) => {
    const all = options();
    if (all.length === 0) return;
    current = (index + all.length) % all.length;
    all.forEach((option, number) => option.setAttribute("aria-selected", String(number === current)));
    all[current].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", all[current].id);
  };
  const choose = (option) => {
    close();
    if (option.dataset.new) begin(option.dataset.new);
    else onChoose({ id: option.dataset.id, title: option.textContent }, box);
  };
  // What is typed becomes a new record in a dialog, and that is chosen.
  const begin = (address) => {
    const link = Object.assign(document.createElement("a"), { href: address });
    if (box.value.trim() && !root.querySelector("[data-combo-id]")?.value) {
      link.href += `?title=${encodeURIComponent(box.value.trim())}`;
    }
    openDialog(link, async (answer) => {
      const made = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-record-card]");
      if (made) onChoose({ id: made.dataset.id, title: made.dataset.title }, box);
    })
      .then(() => box.focus())
      .catch(() => location.assign(address));
  };
  const fill = (choices, beginning) => {
    list.replaceChildren(
      ...choices.map((choice, number) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${number}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.id = choice.id;
        option.textContent = choice.title;
        return option;
      }),
    );
    if (choices.length === 0) {
      const note = document.createElement("li");
      note.className = "combo-note";
      note.setAttribute("role", "option");
      note.setAttribute("aria-disabled", "true");
      note.setAttribute("aria-selected", "false");
      note.removeAttribute("data-id");
      note.textContent = root.dataset.none;
      list.append(note);
    }
    // A dialog does not begin another one of its kind.
    if (beginning && !box.closest("dialog")) {
      const option = document.createElement("li");
      option.id = `${list.id}-new`;
      option.className = "combo-new";
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.id = "new";
      option.dataset.new = beginning.url;
      option.textContent = beginning.label;
      list.append(option);
    }
    list.hidden = false;
    place();
    box.setAttribute("aria-expanded", "true");
    current = -1;
  };
  const search = async (text) => {
    request?.abort();
    request = new AbortController();
    const body = new FormData(box.form ?? undefined);
    body.set("text", text);
    body.set("path", box.name);
    try {
      const answer = await fetch(root.dataset.choices, {
        method: "POST",
        body,
        signal: request.signal,
        headers: { Accept: "application/json", "X-CSRFToken": body.get("csrf_token") ?? "" },
      });
      if (!answer.ok) return;
      const found = await answer.json();
      if (document.activeElement === box) fill(found.choices, found.new);
    } catch (problem) {
      if (problem.name !== "AbortError") throw problem;
    }
  };
  const later = (text) => {
    clearTimeout(timer);
    timer = setTimeout(() => search(text), PAUSE);
  };

  box.addEventListener("input", () => {
    onText(box.value);
    later(box.value);
  });
  box.addEventListener("click", () => {
    if (list.hidden) search("");
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) search(box.value);
      else mark(current + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !list.hidden && current >= 0) {
      event.preventDefault();
      choose(options()[current]);
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      const records = options().filter((option) => option.dataset.id && !option.dataset.new);
      if (records.length === 1) choose(records[0]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  box.addEventListener("blur", () => setTimeout(close, 120));
  document.addEventListener("scroll", (event) => event.target !== list && close(), { capture: true, passive: true });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[data-id]");
    if (option) choose(option);
  });
  return box;
}

const changed = (element) => element.dispatchEvent(new Event("change", { bubbles: true }));

export function combobox() {
  return {
    init() {
      const identity = this.$el.querySelector("[data-combo-id]");
      const opener = this.$el.querySelector("[data-combo-open]");
      const leadTo = (id) => {
        if (!opener) return;
        opener.hidden = !id;
        opener.href = `${opener.dataset.base}/${id}`;
      };
      searching(this.$el, {
        onChoose(choice, box) {
          identity.value = choice.id;
          box.value = choice.title;
          leadTo(choice.id);
          changed(identity);
        },
        onText(text) {
          identity.value = "";
          leadTo("");
          if (text === "") changed(identity);
        },
      });
    },
  };
}

export function comboboxMany() {
  return {
    init() {
      const root = this.$el;
      const tokens = root.querySelector("[data-tokens]");
      searching(root, {
        onChoose(choice, box) {
          box.value = "";
          if (tokens.querySelector(`input[value="${CSS.escape(choice.id)}"]`)) return;
          const token = document.createElement("label");
          token.className = "choice-pill";
          const tick = document.createElement("input");
          Object.assign(tick, { type: "checkbox", name: root.dataset.name, value: choice.id, checked: true });
          tick.className = "tick";
          token.append(tick, choice.title);
          tokens.append(token);
          changed(tick);
        },
        onText() {},
      });
    },
  };
}
