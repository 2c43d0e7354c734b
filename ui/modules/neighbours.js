// From one record to the next of the list that one came from: a list leaves its addresses in this tab.
const KEY = "dougong-list";

export function startNeighbours() {
  const rows = [...document.querySelectorAll("a.row-title")].map((link) => link.pathname);
  if (rows.length) sessionStorage.setItem(KEY, JSON.stringify(rows));
  const place = document.querySelector("[data-neighbours]");
  if (!place) return;
  const known = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  const here = known.indexOf(location.pathname);
  if (here < 0 || known.length < 2) return;
  for (const [name, address] of [["prev", known[here - 1]], ["next", known[here + 1]]]) {
    const link = place.querySelector(`[rel=${name}]`);
    if (address) link.href = address;
    else link.setAttribute("aria-disabled", "true");
  }
  place.hidden = false;
}
