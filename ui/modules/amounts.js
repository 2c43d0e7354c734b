// Amounts of money show their thousands while nobody types in them: 1,234,567.00. The server reads both.
const PLAIN = /^(-?)(\d{4,})(\.\d*)?$/;

function group(control) {
  const found = PLAIN.exec(control.value);
  if (found) control.value = found[1] + found[2].replace(/\B(?=(\d{3})+$)/g, ",") + (found[3] ?? "");
}

export function startAmounts() {
  for (const control of document.querySelectorAll("[data-amount]")) group(control);
  document.addEventListener("focusout", (event) => {
    if (event.target.matches("[data-amount]")) group(event.target);
  });
}
