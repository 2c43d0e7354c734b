// The timeline: a bar is dragged to other days, its end to make it longer or shorter; with the keyboard Alt and the
// arrows move it, with Shift as well they move its end.
import { shifted } from "./calendar.js";
import { again, change, filled } from "./moving.js";
import { toast } from "./toasts.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
const MEANT = 4;

export function enliven(timeline) {
  showToday(timeline);
  if (!("movable" in timeline.dataset)) return;
  timeline.addEventListener("pointerdown", (event) => hold(timeline, event));
  timeline.addEventListener("keydown", (event) => {
    const bar = event.target.closest("[data-card]");
    const days = event.altKey && STEPS[event.key];
    if (!bar || !days) return;
    event.preventDefault();
    move(timeline, bar, event.shiftKey ? 0 : days, days);
  });
}

// Where today has no room, it stands behind the names, with a day before it.
function showToday(timeline) {
  const today = timeline.querySelector(".timeline-today");
  const names = timeline.querySelector("thead .timeline-who");
  if (!today || today.offsetLeft + today.offsetWidth <= timeline.clientWidth) return;
  timeline.scrollLeft = today.offsetLeft - names.offsetWidth - today.offsetWidth;
}

// The pointer may leave the bar before it has moved far enough to be meant, above all from the grip at its edge:
// so the document is listened to, not the bar.
function hold(timeline, event) {
  const bar = event.target.closest("[data-card]");
  if (!bar || event.button !== 0) return;
  const grip = event.target.closest("[data-grip]");
  const aDay = timeline.querySelector(".timeline-day").getBoundingClientRect().width;
  const width = bar.getBoundingClientRect().width;
  let days = 0;
  let moved = false;
  const drag = (now) => {
    if (now.pointerId !== event.pointerId) return;
    const by = now.clientX - event.clientX;
    if (!moved && Math.abs(by) < MEANT) return;
    if (!moved) {
      moved = true;
      bar.setPointerCapture(event.pointerId);
      bar.classList.add("timeline-held");
      bar.classList.toggle("timeline-resized", Boolean(grip));
    }
    days = Math.round(by / aDay);
    if (grip) days = Math.max(days, 1 - Number(bar.dataset.length));
    if (grip) bar.style.width = `${width + days * aDay}px`;
    else bar.style.transform = `translateX(${days * aDay}px)`;
  };
  const settle = () => {
    bar.style.transform = "";
    bar.style.width = "";
    bar.classList.remove("timeline-held", "timeline-resized");
  };
  const release = (now) => {
    if (now.pointerId !== event.pointerId) return;
    stop();
    if (moved) ignoreClick(bar);
    if (days === 0) settle();
    else move(timeline, bar, grip ? 0 : days, days, settle);
  };
  const cancel = (now) => {
    if (now.pointerId !== event.pointerId) return;
    stop();
    settle();
  };
  const stop = () => {
    document.removeEventListener("pointermove", drag);
    document.removeEventListener("pointerup", release);
    document.removeEventListener("pointercancel", cancel);
  };
  document.addEventListener("pointermove", drag);
  document.addEventListener("pointerup", release);
  document.addEventListener("pointercancel", cancel);
}

// The click that ends a drag opens nothing; the next one does again.
function ignoreClick(bar) {
  const ignore = (click) => click.preventDefault();
  bar.addEventListener("click", ignore, true);
  setTimeout(() => bar.removeEventListener("click", ignore, true));
}

async function move(timeline, bar, begins, ends, settle) {
  const { start, end, api } = timeline.dataset;
  const last = bar.dataset.ends || bar.dataset.begins;
  const values = { [start]: shifted(bar.dataset.begins, begins) };
  if (end && (bar.dataset.ends || begins === 0)) values[end] = shifted(last, ends);
  if (!end && begins === 0) return;
  const answer = await change(`${api}/${bar.dataset.card}`, values, bar.dataset.revision);
  if (!answer.ok) {
    settle?.();
    toast(filled(timeline.dataset.undone, { reason: answer.reason }), true);
    return;
  }
  const title = bar.querySelector("a").firstChild.textContent;
  toast(filled(timeline.dataset.done, { title, to: values[end] ? `${values[start]} – ${values[end]}` : values[start] }));
  await again();
  document.querySelector(`[data-timeline] [data-card="${bar.dataset.card}"] a`)?.focus();
}
