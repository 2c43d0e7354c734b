// A document is printed by the browser; everything else is the style sheet's work.
export function startPrint() {
  document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
}
