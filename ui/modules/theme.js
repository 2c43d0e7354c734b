// The theme switch works as a plain form; here it takes effect at once and is kept in the background.
export function startTheme() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (!form.matches?.("[data-theme-switch]:has(.segments)") || !button) return;
    event.preventDefault();
    document.documentElement.dataset.bsTheme = button.value;
    for (const each of form.querySelectorAll("button")) each.setAttribute("aria-pressed", String(each === button));
    fetch(form.action, { method: "POST", body: new FormData(form, button), redirect: "manual" });
  });
}
