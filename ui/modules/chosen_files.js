// Boxes for files with a button and words of ours: the browser's are in the browser's language.
const BOXES = "[data-file-pick]";

function show(box) {
  const said = box.parentElement.querySelector("[data-file-chosen]");
  said.dataset.nothing ??= said.textContent;
  const names = [...box.files].map((file) => file.name);
  said.textContent = names.join(", ") || said.dataset.nothing;
  said.classList.toggle("faint", names.length === 0);
}

export function startChosenFiles() {
  // What a browser kept when it came back to the page.
  for (const box of document.querySelectorAll(BOXES)) show(box);
  document.addEventListener("change", (event) => event.target.matches?.(BOXES) && show(event.target));
  document.addEventListener("reset", (event) => setTimeout(() => event.target.querySelectorAll(BOXES).forEach(show)));
}
