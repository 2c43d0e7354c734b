// Mentions in comments: after an @ people are offered, and the one who is chosen stands there as @username.
const PAUSE = 150;
const BEGUN = /(?:^|[^\w.@])@([\w.-]*)$/;
let number = 0;

function offer(box) {
  const list = document.createElement("ul");
  list.className = "combo-list mention-list";
  list.id = `mentions-${(number += 1)}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "@");
  list.hidden = true;
  box.after(list);
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  let timer = 0;
  let at = -1;

  const options = () => [...list.children];
  const close = () => {
    list.hidden = true;
    at = -1;
    box.removeAttribute("aria-activedescendant");
  };
  const begun = () => BEGUN.exec(box.value.slice(0, box.selectionStart));
  const choose = (option) => {
    const place = box.selectionStart - begun()[1].length;
    box.setRangeText(`${option.dataset.username} `, place, box.selectionStart, "end");
    close();
    box.focus();
  };
  const mark = (index) => {
    const all = options();
    at = (index + all.length) % all.length;
    all.forEach((each, position) => each.setAttribute("aria-selected", String(position === at)));
    box.setAttribute("aria-activedescendant", all[at].id);
  };
  const search = async () => {
    const found = begun();
    if (!found) return close();
    const address = new URL(box.dataset.mentions, location.href);
    address.searchParams.set("text", found[1]);
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    const people = answer.ok ? (await answer.json()).people : [];
    // More may have been typed by now: then another answer is on its way.
    if (begun()?.[1] !== found[1]) return;
    list.replaceChildren(
      ...people.map((person, position) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${position}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.username = person.username;
        option.textContent = `${person.name} @${person.username}`;
        return option;
      }),
    );
    if (people.length === 0) return close();
    const { left, bottom, top } = box.getBoundingClientRect();
    list.hidden = false;
    const below = window.innerHeight - bottom > list.offsetHeight + 8;
    list.style.top = below ? `${bottom + 4}px` : `${top - list.offsetHeight - 4}px`;
    list.style.left = `${left}px`;
    mark(0);
  };
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  });
  box.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") mark(at + (event.key === "ArrowDown" ? 1 : -1));
    else if (event.key === "Enter" || event.key === "Tab") choose(options()[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  box.addEventListener("blur", () => setTimeout(close, 120));
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[data-username]");
    if (option) choose(option);
  });
}

export function listen() {
  // A comment box may arrive later, in a dialog or beside the inbox.
  document.addEventListener("focusin", (event) => {
    const box = event.target;
    if (!box.matches?.("textarea[data-mentions]") || box.dataset.offering) return;
    box.dataset.offering = "yes";
    offer(box);
  });
}
