// Date boxes say their value as the rest of the page does, in the person's language: a browser writes it in its own.
// The box stays the browser's. What it says instead stands in data-shown, and a style shows that until the box has
// the focus; where a browser knows no such style (Firefox), its own words stay.
const BOXES = "input:is([type=date], [type=datetime-local], [type=month], [type=time])";
const FORM = /^(?:(\d{4,})-(\d\d)(?:-(\d\d))?)?T?(\d\d:\d\d)?(?::(\d\d))?/;
const NO_TIME = "--:--";
const own = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
const taken = new WeakSet();
const writers = {
  day: { year: "numeric", month: "short", day: "numeric" },
  month: { year: "numeric", month: "long" },
};

for (const [name, parts] of Object.entries(writers)) {
  writers[name] = new Intl.DateTimeFormat(document.documentElement.lang, { ...parts, timeZone: "UTC" });
}

// The words for what a box holds, as the server writes them; for an empty one, what belongs into it.
function words(type, value) {
  const { blankDay, blankMonth } = document.body.dataset;
  const [, year, month, day, clock = NO_TIME, seconds] = FORM.exec(value);
  const time = Number(seconds) ? `${clock}:${seconds}` : clock;
  if (type === "time") return time;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day ?? 1);
  if (type === "month") return year ? writers.month.format(date) : blankMonth;
  const written = year ? writers.day.format(date) : blankDay;
  return type === "date" ? written : `${written} ${time}`;
}

function show(box) {
  const value = own.get.call(box);
  box.setAttribute("data-shown", words(box.type, value));
  box.toggleAttribute("data-nothing", value === "");
}

// Scripts write into boxes, too, and tell nobody. A copy of a box brings its attributes along, but not this.
function take(box) {
  if (taken.has(box)) return;
  taken.add(box);
  Object.defineProperty(box, "value", {
    configurable: true,
    get: () => own.get.call(box),
    set: (value) => {
      own.set.call(box, value);
      show(box);
    },
  });
  show(box);
}

// A box may become one for days, and a text box again.
function turned(box) {
  if (box.matches(BOXES)) take(box);
  else if (taken.delete(box)) {
    delete box.value;
    box.removeAttribute("data-shown");
  }
}

function takeAll(root) {
  if (root.matches?.(BOXES)) take(root);
  for (const box of root.querySelectorAll?.(BOXES) ?? []) take(box);
}

export function startDateBoxes() {
  takeAll(document);
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") turned(change.target);
      for (const node of change.addedNodes) takeAll(node);
    }
  }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["type"] });
  for (const name of ["input", "change", "focusout"]) {
    document.addEventListener(name, (event) => event.target.matches?.(BOXES) && show(event.target), true);
  }
  // A form is put back after its event.
  document.addEventListener("reset", (event) => setTimeout(() => event.target.querySelectorAll(BOXES).forEach(show)));
}
