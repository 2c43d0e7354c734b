// While the answer to a publish is awaited, the page shows how far it is. The form is sent as it is without scripts:
// its answer is a page like any other, whether it was published or refused.
import htmx from "htmx.org";

const EVERY = 1000;

export function enliven(form) {
  const panel = document.getElementById("publishing");
  if (!panel) return;
  const button = form.querySelector("[type=submit]");
  const before = panel.innerHTML;
  let timer;
  let asked = false;
  // A server that is busy is not asked again before it has answered.
  const look = async () => {
    if (asked) return;
    asked = true;
    await htmx.ajax("GET", form.dataset.publishing, { target: panel, swap: "innerHTML" }).catch(() => {});
    asked = false;
  };
  form.addEventListener("submit", () => {
    button.disabled = true;
    panel.hidden = false;
    panel.focus();
    timer = setInterval(look, EVERY);
  });
  // Who comes back to this page finds it as it was.
  addEventListener("pagehide", () => {
    clearInterval(timer);
    button.disabled = false;
    panel.hidden = true;
    panel.innerHTML = before;
  });
}
