// Tabs of a form: the server says which one is open; here they change by click and arrows, and a link to a field
// opens the tab in which it stands. A tab whose sections are all hidden is hidden as well.
export function enliven(root) {
  const tabs = [...root.querySelectorAll("[role=tab]")];
  const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
  const open = (tab) => {
    for (const each of tabs) {
      const chosen = each === tab;
      each.setAttribute("aria-selected", String(chosen));
      each.tabIndex = chosen ? 0 : -1;
      panelOf(each).toggleAttribute("data-open", chosen);
    }
  };
  const settle = () => {
    for (const tab of tabs) tab.hidden = !panelOf(tab).querySelector("[data-section]:not([hidden])");
    const chosen = tabs.find((tab) => tab.getAttribute("aria-selected") === "true");
    if (chosen?.hidden) open(tabs.find((tab) => !tab.hidden) ?? chosen);
  };
  root.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) open(tab);
  });
  root.addEventListener("keydown", (event) => {
    const seen = tabs.filter((tab) => !tab.hidden);
    const at = seen.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: seen.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const tab = seen[(to + seen.length) % seen.length];
    open(tab);
    tab.focus();
  });
  document.addEventListener("click", (event) => {
    const target = event.target.closest?.('a[href^="#"]')?.hash;
    const panel = target && document.getElementById(target.slice(1))?.closest("[role=tabpanel]");
    const tab = tabs.find((each) => panelOf(each) === panel);
    if (tab) open(tab);
  });
  new MutationObserver(settle).observe(root.parentElement, {
    attributes: true,
    attributeFilter: ["hidden"],
    subtree: true,
  });
  settle();
}
