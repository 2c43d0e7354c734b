// The search for everything as a dialog: what is typed is looked for by the server; arrows choose, Enter opens.
const PAUSE = 120;

// Which records were looked at here lately; the server tells which of them may still be seen.
export const seenKey = (link) => `dougong-seen-${link.dataset.person}`;
const seen = (link) => JSON.parse(localStorage.getItem(seenKey(link)) ?? "[]");

async function part(link, name, words) {
  const address = new URL(link.href);
  address.searchParams.set("part", name);
  if (words) address.searchParams.set("q", words);
  else for (const each of seen(link)) address.searchParams.append("seen", each);
  const answer = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Error(`The search answered ${answer.status}.`);
  return answer.text();
}

function choose(dialog, option) {
  for (const each of dialog.querySelectorAll("[aria-selected=true]")) each.setAttribute("aria-selected", "false");
  const input = dialog.querySelector("input");
  if (!option) {
    input.removeAttribute("aria-activedescendant");
    return;
  }
  option.setAttribute("aria-selected", "true");
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

const options = (dialog) => [...dialog.querySelectorAll("a[role=option]")];
const chosen = (dialog) => dialog.querySelector("[aria-selected=true]");

function step(dialog, by) {
  const all = options(dialog);
  if (all.length === 0) return;
  const at = all.indexOf(chosen(dialog));
  choose(dialog, all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length]);
}

const KEYS = {
  ArrowDown: (dialog) => step(dialog, 1),
  ArrowUp: (dialog) => step(dialog, -1),
  Enter: (dialog, event) => {
    const option = chosen(dialog);
    if (!option) return;
    if (event.ctrlKey || event.metaKey) window.open(option.href, "_blank", "noopener");
    else option.click();
  },
};

function said(dialog) {
  dialog.querySelector("[data-palette-said]").textContent =
    dialog.querySelector("[data-palette-count]")?.textContent ?? "";
}

export async function openPalette(link) {
  if (document.querySelector("dialog.palette")) return;
  const dialog = document.createElement("dialog");
  dialog.className = "dialog palette";
  dialog.setAttribute("aria-label", link.dataset.label);
  dialog.innerHTML = await part(link, "palette", "");
  if (document.querySelector("dialog[open]")) return;
  document.body.append(dialog);
  const input = dialog.querySelector("input");
  const results = dialog.querySelector("[role=listbox]");
  let timer = 0;
  let asked = 0;
  const look = async () => {
    const number = ++asked;
    const found = await part(link, "results", input.value.trim());
    // An earlier question may be answered after a later one.
    if (number !== asked || !dialog.isConnected) return;
    results.innerHTML = found;
    choose(dialog, options(dialog)[0]);
    said(dialog);
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => look().catch(() => location.assign(link.href)), PAUSE);
  });
  dialog.addEventListener("keydown", (event) => {
    if (!KEYS[event.key] || event.isComposing || event.target !== input) return;
    event.preventDefault();
    KEYS[event.key](dialog, event);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  dialog.addEventListener("close", () => {
    asked++;
    dialog.remove();
    link.focus();
  });
  dialog.showModal();
  choose(dialog, options(dialog)[0]);
  input.focus();
}

// On the home page: what was looked at lately.
export async function enliven(place) {
  const link = document.querySelector("a[data-palette]");
  if (seen(link).length) place.innerHTML = await part(link, "recent", "");
}
