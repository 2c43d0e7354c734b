// Short confirmations leave by themselves; a screen reader has read them when they came (role="status").
const STAYS = 4000;
const REASON_STAYS = 9000;
// What was done can be undone from here for a while.
const UNDO_STAYS = 20000;

export function startToasts() {
  for (const toast of document.querySelectorAll("[data-toast]"))
    setTimeout(() => toast.remove(), "lasting" in toast.dataset ? UNDO_STAYS : STAYS);
}

// Says something at the foot of the page. A refusal stays longer, because its reason has to be read.
export function toast(words, refused = false) {
  for (const each of document.querySelectorAll("[data-toast]")) each.remove();
  const element = document.createElement("div");
  element.className = refused ? "toast toast-bad" : "toast";
  element.dataset.toast = "";
  element.setAttribute("role", refused ? "alert" : "status");
  element.textContent = words;
  document.body.append(element);
  setTimeout(() => element.remove(), refused ? REASON_STAYS : STAYS);
}
