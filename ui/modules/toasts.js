// Short confirmations leave by themselves; a screen reader has read them when they came (role="status").
const STAYS = 4000;

export function startToasts() {
  for (const toast of document.querySelectorAll("[data-toast]")) setTimeout(() => toast.remove(), STAYS);
}
