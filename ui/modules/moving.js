// What board, calendar, timeline and tree share: a change is sent to the API, and a refusal comes back with its
// reason, so that what was moved can spring back.
import htmx from "htmx.org";

const token = () => document.querySelector("input[name=csrf_token]")?.value ?? "";

async function send(method, address, body, revision) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": token() };
  if (revision) headers["If-Match"] = `"${revision}"`;
  const answer = await fetch(address, { method, headers, credentials: "same-origin", body: JSON.stringify(body) });
  const found = await answer.json().catch(() => ({}));
  return { ok: answer.ok, status: answer.status, body: found, reason: reasonOf(found) };
}

function reasonOf(body) {
  const sentences = (body.problems ?? []).map((each) => each.message).filter(Boolean);
  return sentences.length ? sentences.join(" ") : (body.detail ?? body.title ?? "");
}

export const change = (address, values, revision) => send("PATCH", address, values, revision);
export const act = (address, body) => send("POST", address, body);

export async function read(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  return answer.ok ? answer.json() : null;
}

// The view once more, as it is now: counts and totals change with every move.
export const again = () =>
  htmx.ajax("GET", location.href, { target: "#sheet", select: "#sheet", swap: "outerHTML" });

export async function fragment(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...page.body.children];
}

export const filled = (words, values) => words.replace(/{(\w+)}/g, (whole, name) => values[name] ?? whole);

// A module that brings a view to life begins again whenever the view has been put in anew. While something comes,
// the page says so: <html data-coming>.
export function whenever(selector, start) {
  const begun = new WeakSet();
  const begin = () => {
    for (const element of document.querySelectorAll(selector)) {
      if (begun.has(element)) continue;
      begun.add(element);
      count(start(element));
    }
  };
  document.addEventListener("htmx:after:swap", begin);
  document.addEventListener("htmx:afterSettle", begin);
  begin();
}

let coming = 0;

async function count(part) {
  coming += 1;
  document.documentElement.toggleAttribute("data-coming", true);
  try {
    await part;
  } finally {
    coming -= 1;
    document.documentElement.toggleAttribute("data-coming", coming > 0);
  }
}
