// The calendar: a record is dragged to another day, by mouse, by touch, or with Alt and the arrow keys; what has an
// end keeps its length. A refused move springs back with the reason.
import { again, change, filled } from "./moving.js";
import { toast } from "./toasts.js";

const A_DAY = 86_400_000;
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const dayNumber = (text) => Math.round(Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / A_DAY);

// A day (2026-03-05) or an instant, so many days later.
export function shifted(value, days) {
  if (!value) return null;
  const moved = new Date(Date.parse(value.length === 10 ? `${value}T00:00:00Z` : value) + days * A_DAY);
  return value.length === 10 ? moved.toISOString().slice(0, 10) : moved.toISOString();
}

export const dayText = (number) => new Date(number * A_DAY).toISOString().slice(0, 10);

export async function enliven(calendar) {
  calendar.addEventListener("keydown", (event) => {
    const entry = event.target.closest("[data-card]");
    const days = event.altKey && STEPS[event.key];
    if (!entry || !days) return;
    event.preventDefault();
    move(calendar, entry, days);
  });
  const { default: Sortable } = await import("sortablejs");
  for (const list of calendar.querySelectorAll("[data-day-entries]")) {
    Sortable.create(list, {
      group: "days",
      draggable: ".calendar-entry",
      sort: false,
      delay: 180,
      delayOnTouchOnly: true,
      forceFallback: true,
      fallbackOnBody: true,
      fallbackTolerance: 4,
      animation: 0,
      ghostClass: "board-ghost",
      fallbackClass: "board-carried",
      onMove: (event) => over(calendar, event.to),
      onEnd: (event) => {
        over(calendar, null);
        if (event.to === event.from) return;
        const back = () => event.from.insertBefore(event.item, event.from.children[event.oldIndex] ?? null);
        const from = dayNumber(event.from.closest("[data-day]").dataset.day);
        const to = dayNumber(event.to.closest("[data-day]").dataset.day);
        move(calendar, event.item, to - from, back);
      },
    });
  }
}

function over(calendar, list) {
  for (const day of calendar.querySelectorAll(".calendar-over")) day.classList.remove("calendar-over");
  list?.closest("[data-day]").classList.add("calendar-over");
}

async function move(calendar, entry, days, back) {
  const { start, end, api } = calendar.dataset;
  const begins = shifted(entry.dataset.begins, days);
  const values = { [start]: begins, ...(end && entry.dataset.ends ? { [end]: shifted(entry.dataset.ends, days) } : {}) };
  const answer = await change(`${api}/${entry.dataset.card}`, values, entry.dataset.revision);
  if (!answer.ok) {
    back?.();
    toast(filled(calendar.dataset.undone, { reason: answer.reason }), true);
    return;
  }
  const day = document.querySelector(`[data-day="${begins.slice(0, 10)}"]`);
  toast(filled(calendar.dataset.done, { title: entry.textContent.trim(), to: day?.dataset.words ?? begins.slice(0, 10) }));
  await again();
  document.querySelector(`[data-day="${begins.slice(0, 10)}"] [data-card="${entry.dataset.card}"] a`)?.focus();
}
