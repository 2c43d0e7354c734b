// A button that copies what a field shows: links and tokens, which are shown once.
export function startCopying() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // Without TLS browsers keep the clipboard closed; what is selected can be copied by hand.
      return;
    }
    button.dataset.copied = "yes";
  });
}
