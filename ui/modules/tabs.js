// Many views make more tabs than there is room for: the one that is open is never out of sight.
export function startTabs() {
  const tab = document.querySelector(".tabs .tab[aria-current]");
  const tabs = tab?.parentElement;
  if (tabs && tabs.scrollWidth > tabs.clientWidth) tabs.scrollLeft = tab.offsetLeft - tabs.clientWidth / 2 + tab.offsetWidth / 2;
}
