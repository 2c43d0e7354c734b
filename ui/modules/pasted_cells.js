// What spreadsheets put on the clipboard: rows by line ends, cells by tabs, quotation marks around what holds either.
export function readCells(text) {
  const rows = [[]];
  let cell = "";
  let quoted = false;
  const normal = text.replaceAll("\r\n", "\n").replaceAll("\r", "\n").replace(/\n$/, "");
  for (let place = 0; place < normal.length; place += 1) {
    const letter = normal[place];
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (normal[place + 1] === '"') {
        cell += '"';
        place += 1;
      } else quoted = false;
    } else if (letter === '"' && cell === "") quoted = true;
    else if (letter === "\t" || letter === "\n") {
      rows.at(-1).push(cell);
      cell = "";
      if (letter === "\n") rows.push([]);
    } else cell += letter;
  }
  rows.at(-1).push(cell);
  return rows;
}

const YES = new Set(["yes", "true", "1", "x", "✓", "√", "是", "对"]);
const DAY = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/;

function fillSelect(select, value) {
  const wanted = value.toLowerCase();
  const options = [...select.options];
  const found = options.find((each) => each.text.trim().toLowerCase() === wanted || each.value.toLowerCase() === wanted);
  if (found) select.value = found.value;
  return Boolean(found);
}

// Puts a text into the control of a cell; what the server cannot read it says when the form is saved.
export function fillCell(cell, raw) {
  const value = raw.trim();
  const title = cell.querySelector("[data-combo-text]");
  const control = title ?? cell.querySelector("select, textarea, input:not([type=hidden], [type=file])");
  if (title) {
    title.value = value;
    const identity = cell.querySelector("[data-combo-id]");
    if (identity) identity.value = "";
  } else if (control.type === "checkbox") control.checked = YES.has(value.toLowerCase());
  else if (control.matches("select")) fillSelect(control, value);
  else if (control.type === "date") {
    const day = DAY.exec(value);
    control.value = day ? `${day[1]}-${day[2].padStart(2, "0")}-${day[3].padStart(2, "0")}` : "";
  } else control.value = control.matches("textarea") ? raw : value.replaceAll("\n", " ");
  control.classList.remove("cell-fresh");
  void control.offsetWidth;
  control.classList.add("cell-fresh");
}
