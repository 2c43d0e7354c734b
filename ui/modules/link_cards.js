// Who rests on a link to a record, or comes to it by keyboard, sees the record in a few facts.
const PAUSE = 350;
const known = new Map();
let shown = null;
let timer = 0;

async function cardOf(link) {
  const address = `${link.pathname}/card`;
  if (!known.has(address)) {
    const answer = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" } });
    // What may not be seen, or is gone, has no card.
    known.set(address, answer.ok && !answer.redirected ? await answer.text() : "");
  }
  return known.get(address);
}

function hide() {
  clearTimeout(timer);
  shown?.card.remove();
  shown?.link.removeAttribute("aria-describedby");
  shown = null;
}

function place(card, link) {
  const { left, bottom, top } = link.getBoundingClientRect();
  const below = window.innerHeight - bottom > card.offsetHeight + 12 || top < card.offsetHeight + 12;
  card.style.top = `${below ? bottom + 8 : top - card.offsetHeight - 8}px`;
  card.style.left = `${Math.max(8, Math.min(left, window.innerWidth - card.offsetWidth - 8))}px`;
}

async function show(link) {
  const text = await cardOf(link);
  if (!text || !link.isConnected || !link.matches(":hover, :focus-visible")) return;
  hide();
  const card = document.createElement("div");
  card.className = "card-over";
  card.id = "card-over";
  card.setAttribute("role", "tooltip");
  card.innerHTML = text;
  // A card is looked at, not entered: links in it are words.
  for (const inner of card.querySelectorAll("a")) inner.replaceWith(...inner.childNodes);
  // Inside the landmark, or the dialog, that the link is in.
  (link.closest("dialog, main") ?? document.body).append(card);
  link.setAttribute("aria-describedby", card.id);
  place(card, link);
  shown = { card, link };
}

function later(link) {
  if (shown?.link === link) return;
  hide();
  timer = setTimeout(() => show(link).catch(() => {}), PAUSE);
}

export function listen() {
  const linkOf = (event) => event.target.closest?.("a[data-peek]");
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const link = linkOf(event);
    if (link) later(link);
    else if (!event.target.closest?.(".card-over")) hide();
  });
  document.addEventListener("focusin", (event) => {
    const link = linkOf(event);
    if (link?.matches(":focus-visible")) later(link);
    else hide();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  document.addEventListener("scroll", hide, { capture: true, passive: true });
}
