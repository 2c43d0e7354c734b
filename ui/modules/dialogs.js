// A link with data-dialog leads to a page with a small form or an explanation (#dialog-content). Here that
// opens in a dialog over the page. For a transition, its answers travel together with what is typed in the
// record's own form, so that nothing typed is lost and all of it is one transaction.
const recordFormOf = () => document.getElementById("record-form");

// What a transition asks, and who will be asked, depends on what is typed and not saved yet.
async function content(link) {
  const headers = { Accept: "text/html" };
  const form = link.dataset?.dialog === "transition" && recordFormOf();
  const sent = form ? { method: "POST", body: new FormData(form) } : {};
  const address = form ? `${link.href}/ask` : link.href;
  const answer = await fetch(address, { headers, credentials: "same-origin", ...sent });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.getElementById("dialog-content");
}

function joinToRecordForm(dialog) {
  const form = dialog.querySelector("form");
  const target = recordFormOf();
  if (!target) return;
  for (const control of [...form.elements]) {
    if (["csrf_token", "revision", "alone"].includes(control.name)) control.disabled = true;
    else control.setAttribute("form", target.id);
    if (control.getAttribute("aria-required") === "true") control.required = true;
  }
  const submit = form.querySelector("[type=submit]");
  submit.setAttribute("formaction", form.getAttribute("action"));
  // The record's form leaves checking to the server; what a move asks for is checked before it is sent.
  submit.addEventListener("click", (event) => {
    const missing = [...dialog.querySelectorAll("[required]")].find((control) => !control.checkValidity());
    if (!missing) return;
    event.preventDefault();
    missing.reportValidity();
  });
}

// Opens what a link leads to. With `done` its form is sent from here: `done` is called when it was accepted, and
// the answer tells whether it was.
export async function openDialog(link, done) {
  const found = await content(link);
  if (!found) {
    location.assign(link.href);
    return false;
  }
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.append(document.adoptNode(found));
  const heading = dialog.querySelector("h1");
  // A dialog can be opened from another one, over it.
  heading.id = `dialog-title-${document.querySelectorAll("dialog").length}`;
  dialog.setAttribute("aria-labelledby", heading.id);
  document.body.append(dialog);
  if (link.dataset?.dialog === "transition") joinToRecordForm(dialog);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) {
      event.preventDefault();
      dialog.close();
    }
  });
  const accepted = done ? sendingHere(dialog, done) : null;
  dialog.showModal();
  (dialog.querySelector(".input:not([type=hidden])") ?? dialog.querySelector("[type=submit]") ?? heading).focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      link.focus?.();
      resolve(accepted ? accepted.yes : false);
    });
  });
}

// The form of a dialog is sent without leaving the page; a refusal is shown in it.
function sendingHere(dialog, done) {
  const accepted = { yes: false };
  dialog.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" });
    if (answer.ok && answer.redirected) {
      accepted.yes = true;
      dialog.close();
      done(answer);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const again = page.getElementById("dialog-content");
    if (!again) {
      location.assign(form.action);
      return;
    }
    dialog.replaceChildren(document.adoptNode(again));
    dialog.querySelector("h1").id = dialog.getAttribute("aria-labelledby");
    dialog.querySelector("[aria-invalid=true], .input")?.focus();
  });
  return accepted;
}

export function startDialogs() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openDialog(link).catch(() => location.assign(link.href));
  });
}
