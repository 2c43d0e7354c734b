// What a browser says of a box that has to be filled is in its own language; here it is in the person's.
export function startNeeded() {
  document.addEventListener("invalid", ({ target }) => target.validity.valueMissing && target.setCustomValidity(document.body.dataset.wordsNeeded), true);
  for (const name of ["input", "change"]) document.addEventListener(name, ({ target }) => target.setCustomValidity?.(""), true);
}
