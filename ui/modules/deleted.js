// The page of what was deleted lately: one box ticks all of the page.
export function enliven(table) {
  const whole = table.querySelector("[data-gone-all]");
  const boxes = [...table.querySelectorAll("[name=gone]")];
  const show = () => {
    const some = boxes.filter((box) => box.checked).length;
    whole.checked = some > 0 && some === boxes.length;
    whole.indeterminate = some > 0 && some < boxes.length;
  };
  whole.disabled = boxes.length === 0;
  table.addEventListener("change", (event) => {
    if (event.target === whole) for (const box of boxes) box.checked = whole.checked;
    show();
  });
  show();
}
