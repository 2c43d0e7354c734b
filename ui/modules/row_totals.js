// The last line of child rows: sums of what is a number, exact, as whole numbers of the smallest unit.
const PLAIN = /^-?[\d,，\s]*\.?\d+$/;

function number(cell) {
  const shown = cell.querySelector("input.input-number")?.value ?? cell.querySelector("[data-value]")?.textContent ?? "";
  const text = shown.replace(/[^\d.,\-−]/g, "").replace("−", "-").replaceAll(",", "");
  if (!PLAIN.test(text)) return null;
  const [whole, part = ""] = text.replace("-", "").split(".");
  return { sign: text.startsWith("-") ? -1n : 1n, digits: BigInt((whole || "0") + part), places: part.length };
}

export function total(numbers) {
  const places = Math.max(0, ...numbers.map((each) => each.places));
  const sum = numbers.reduce((all, each) => all + each.sign * each.digits * 10n ** BigInt(places - each.places), 0n);
  const digits = String(sum < 0n ? -sum : sum).padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${sum < 0n ? "-" : ""}${whole}${places ? `.${digits.slice(-places)}` : ""}`;
}

export function showTotals(root) {
  const foot = root.querySelector("[data-totals]");
  if (!foot) return;
  const rows = [...root.querySelectorAll("[data-rows] > [data-row]:not(.row-extra)")];
  foot.hidden = rows.length < 2;
  for (const cell of foot.querySelectorAll("[data-total]")) {
    const numbers = rows.map((row) => row.children[cell.cellIndex] && number(row.children[cell.cellIndex])).filter(Boolean);
    cell.textContent = numbers.length ? total(numbers) : "";
  }
}
