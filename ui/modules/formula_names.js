// What can be named in a formula, fetched once a page: the fields of an entity and the functions.
const known = new Map();

function fetched(address) {
  if (!known.has(address)) {
    const answer = fetch(address, { headers: { Accept: "application/json" } }).then((response) =>
      response.ok ? response.json() : null,
    );
    known.set(address, answer.catch(() => null));
  }
  return known.get(address);
}

const namesOf = (entity) => fetched(`/api/v1/formula/names?entity=${encodeURIComponent(entity)}`);
const functions = () => fetched("/api/v1/formula/functions");

const WORDS = ["and", "or", "not", "in", "blank", "true", "false", "user"];
const AT_MOST = 8;

// What is being written before the caret: `{ from, path, word }` for `owner.na`, `{ from, field, word }` within
// the quotes after `stage == "`.
export function written(text, caret) {
  const before = text.slice(0, caret);
  const quoted = before.match(/([\p{L}_][\w.]*)\s*(?:==|!=|<>|=|in\s*\[[^\]]*)\s*"(\w*)$/u);
  if (quoted) return { from: caret - quoted[2].length, field: quoted[1], word: quoted[2] };
  if ((before.match(/"/g)?.length ?? 0) % 2 === 1) return null;
  const [whole] = before.match(/[\p{L}_][\w.]*$/u) ?? [""];
  const path = whole.split(".");
  const word = path.pop();
  return { from: caret - word.length, path, word };
}

// The names of the record that a path leads to; null when it leads to none.
async function reached(entity, path) {
  let names = await namesOf(entity);
  let field = null;
  for (const step of path) {
    field = names?.fields.find((each) => each.name === step);
    if (!field) return { names: null, field: null };
    names = field.entity ? await namesOf(field.entity) : null;
  }
  return { names, field };
}

const fits = (word) => {
  const wanted = word.toLowerCase();
  return (each) => {
    const name = each.insert.toLowerCase();
    if (name.startsWith(wanted)) return 0;
    if (each.words.toLowerCase().includes(wanted) || name.includes(wanted)) return 1;
    return 2;
  };
};

function best(offers, word) {
  const rank = fits(word);
  return offers
    .map((each) => ({ ...each, rank: rank(each) }))
    .filter((each) => each.rank < 2)
    .sort((one, other) => one.rank - other.rank)
    .slice(0, AT_MOST);
}

// Suggestions for what is being written: `{ insert, shown, words, call }`.
export async function suggestions(entity, place, language) {
  if (place.field !== undefined) {
    const { field } = await reached(entity, place.field.split("."));
    const options = field?.options ?? [];
    return best(options.map((insert) => ({ insert, shown: insert, words: "" })), place.word);
  }
  const { names, field } = await reached(entity, place.path);
  const offers = (names?.fields ?? []).map(({ name, label }) => ({ insert: name, shown: name, words: label }));
  if (field && !names) {
    offers.push(...field.attributes.map((insert) => ({ insert, shown: insert, words: "" })));
  }
  if (place.path.length > 0) {
    const own = (await namesOf(entity))?.entities ?? [];
    const app = `${place.path.join(".")}.`;
    const of = own.filter((each) => each.name.startsWith(app));
    offers.push(...of.map(({ name, label }) => ({ insert: name.slice(app.length), shown: name, words: label })));
    return best(offers, place.word);
  }
  for (const each of (await functions())?.functions ?? []) {
    const words = each.sentence[language] ?? each.sentence.en;
    offers.push({ insert: each.name, shown: each.signatures[0], words, call: true });
  }
  offers.push(...WORDS.map((insert) => ({ insert, shown: insert, words: "" })));
  return best(offers, place.word);
}
