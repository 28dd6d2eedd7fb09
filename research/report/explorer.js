"use strict";
// Searching and filtering of the passages of a report, from the data that the page itself holds. Text is only ever set as text.
(async () => {
  const root = document.getElementById("explorer");
  const at = (id) => document.getElementById(id);
  const status = root.querySelector(".count");
  if (typeof DecompressionStream === "undefined") {
    status.hidden = true;
    root.querySelector(".unsupported").hidden = false;
    return;
  }
  const bytes = Uint8Array.from(atob(at("x-data").textContent.trim()), (char) => char.charCodeAt(0));
  const data = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  const said = data.said;
  const form = root.querySelector("form");
  const list = root.querySelector("ol");
  const more = root.querySelector(".more");
  const dialog = root.querySelector("dialog");
  const PAGE = 20;
  const passages = data.passages.map(([article, number, start, end, text, states, marks]) => ({
    article, number, start, end, text, states: states.map(([name, score, given]) => ({ name, score, given })), marks,
  }));

  const made = (tag, options = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(options)) {
      if (name === "class") node.className = value;
      else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  };
  const filled = (text, values) => text.replace(/%(n|all|start|end)/g, (_, name) => values[name]);

  // -- words ----------------------------------------------------------------------------------------------------------
  // The same words as `research.text.tokens`, of a text that is normalised as `research.text.normalize` does it: what Python
  // grouped is what is found here. `place` says where a character of the normalised text comes from.
  const JOINED = /[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08e1\u08e3-\u08ff]/;
  const WORD = /\p{Nd}+(?:[.,]\p{Nd}+)*|[A-Za-z]+-\p{Nd}+[A-Za-z]*|(?:[\p{L}\p{N}][\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u0640]*)+(?:['’](?=[A-Za-z])[A-Za-z]+)?/gu;
  const fold = new Map(Object.entries(data.fold));
  const normalized = (text) => {
    const place = [];
    let plain = "";
    for (let start = 0, end; start < text.length; start = end) {
      end = start + (text.codePointAt(start) > 0xffff ? 2 : 1);
      while (end < text.length && JOINED.test(text[end])) end++;
      const whole = text.slice(start, end);
      for (const char of whole.length > 1 ? whole.normalize("NFC") : whole) {
        const made = fold.get(char) ?? char;
        for (let unit = 0; unit < made.length; unit++) place.push(start);
        plain += made;
      }
    }
    place.push(text.length);
    return { plain, place };
  };
  const folded = (text) => normalized(text).plain;
  const wordsOf = (text) => {
    const { plain, place } = normalized(text);
    return Array.from(plain.matchAll(WORD), (found) => {
      let after = found.index + found[0].length;
      const last = place[after - 1];
      while (place[after] === last) after++;
      return { form: found[0], start: place[found.index], end: place[after] };
    });
  };
  const numberOf = new Map(data.forms.map((form, number) => [form, number]));
  // For words that no passage holds as they were typed: Larkey, Ballesteros and Connell's light stemming (2007).
  const light = (form) => {
    let word = form;
    for (const prefix of ["وال", "بال", "كال", "فال", "لل", "ال"]) {
      if (word.startsWith(prefix) && word.length >= prefix.length + 3) { word = word.slice(prefix.length); break; }
    }
    if (word.length >= 4 && word.startsWith("و")) word = word.slice(1);
    return ended(word);
  };
  const ended = (form) => {
    let word = form;
    for (const suffix of ["ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي", "ا", "s"]) {
      if (word.endsWith(suffix) && word.length >= suffix.length + 3) word = word.slice(0, -suffix.length);
    }
    return word;
  };
  const plurals = data.plurals.map(([shape, made]) => [new RegExp(shape, "u"), made]);
  const pluralsOf = (typed) => {
    const word = Array.from(typed.normalize("NFC"), (char) => (fold.get(char) === "" ? "" : char)).join("").replace(/^ال(?=.{3})/u, "");
    return plurals.flatMap(([shape, made]) => (shape.test(word) ? made.map((plural) => folded(word.replace(shape, plural))) : []));
  };
  let stems = null;
  const meant = (form, typed) => {
    const direct = numberOf.get(form);
    if (direct !== undefined) return new Set([direct, ...data.members[data.keys[direct]]]);
    if (stems === null) {
      stems = new Map();
      data.forms.forEach((one, number) => { const stem = light(one); stems.set(stem, [...(stems.get(stem) ?? []), number]); });
    }
    // What looks like a preposition may be the word's own: باليستي.
    const alike = [light(form), ended(form), ...pluralsOf(typed)].flatMap((stem) => stems.get(stem) ?? []);
    if (alike.length) return new Set(alike.flatMap((number) => [number, ...data.members[data.keys[number]]]));
    const begun = form.length > 2 ? data.forms.flatMap((one, number) => (one.startsWith(form) ? [number] : [])) : [];
    return new Set(begun);
  };
  const tokens = (passage) => (passage.tokens ??= wordsOf(passage.text).map((word) => ({ ...word, number: numberOf.get(word.form) ?? -1 })));

  // A query is a list of phrases; a word alone is a phrase of one.
  const queryOf = (typed) =>
    Array.from(typed.matchAll(/["«“”»]([^"«“”»]+)["«“”»]|([^\s"«“”»]+)/g), (found) => found[1] ?? found[2])
      .map((part) => wordsOf(part).map((word) => meant(word.form, part.slice(word.start, word.end))))
      .filter((phrase) => phrase.length);
  const hits = (passage, query) => {
    const words = tokens(passage);
    const spans = [];
    for (const phrase of query) {
      let found = false;
      for (let first = 0; first + phrase.length <= words.length; first++) {
        if (phrase.every((meaning, step) => meaning.has(words[first + step].number))) {
          found = true;
          spans.push([words[first].start, words[first + phrase.length - 1].end]);
        }
      }
      if (!found) return null;
    }
    return spans;
  };

  // -- showing --------------------------------------------------------------------------------------------------------
  const written = (passage, spans) => {
    const paragraph = made("p", { dir: "auto" });
    const cuts = [...new Set([0, passage.text.length, ...spans.flat(), ...passage.marks.flatMap(([start, end]) => [start, end])])].sort((a, b) => a - b);
    for (let step = 0; step + 1 < cuts.length; step++) {
      const [start, end] = [cuts[step], cuts[step + 1]];
      const over = passage.marks.filter(([from, to]) => from <= start && end <= to);
      const text = passage.text.slice(start, end);
      let node = document.createTextNode(text);
      if (spans.some(([from, to]) => from <= start && end <= to)) node = made("mark", {}, node);
      if (over.length) {
        node = made("span", { class: `evidence ${data.colours[over[0][2]]}`, title: over.map((mark) => `${data.names[mark[2]]}: ${mark[3]}`).join("; ") }, node);
      }
      paragraph.append(node);
    }
    return paragraph;
  };
  const label = (state) => {
    const score = state.score === null ? "" : ` ${state.score.toFixed(2)}`;
    return made("li", { class: `tag ${data.colours[state.name]}${state.given ? "" : " open"}` }, made("bdi", {}, data.names[state.name]), score, state.given ? "" : ` (${said.open})`);
  };
  const shown = (passage, spans, inArticle) => {
    const given = passage.states.find((state) => state.given);
    const box = made(inArticle ? "div" : "li", { class: `passage ${given ? data.colours[given.name] : "plain"}`, dir: "auto" });
    box.append(written(passage, spans));
    const foot = made("div", { class: "foot", dir: document.documentElement.dir });
    if (passage.states.length) foot.append(made("ul", { class: "tags" }, ...passage.states.map(label)));
    if (passage.marks.some((mark) => mark[3])) {
      const reasons = passage.marks.map((mark) => made("li", {}, made("bdi", {}, data.names[mark[2]]), ": ", made("bdi", {}, mark[3])));
      foot.append(made("details", {}, made("summary", {}, said.why), made("ul", {}, ...reasons)));
    }
    if (!inArticle) {
      const [id, title, outlet, date] = data.articles[passage.article];
      const source = made("div", { class: "source" });
      for (const part of [outlet, date, title || id, filled(said.characters, passage)]) {
        if (part) source.append(source.childNodes.length ? " · " : "", made("bdi", {}, part));
      }
      foot.append(source, made("button", { type: "button", onclick: () => open(passage) }, said.article));
    }
    box.append(foot);
    return box;
  };
  const open = (passage) => {
    const [id, title, outlet, date] = data.articles[passage.article];
    at("x-title").replaceChildren(made("bdi", {}, title || id));
    dialog.querySelector(".source").replaceChildren(...[outlet, date, id].filter(Boolean).flatMap((part, step) => [step ? " · " : "", made("bdi", {}, part)]));
    const whole = dialog.querySelector(".whole");
    whole.replaceChildren();
    let here = null;
    for (const one of passages.filter((other) => other.article === passage.article)) {
      const box = shown(one, one === passage ? hits(one, query) ?? [] : [], true);
      if (one === passage) { box.classList.add("here"); here = box; }
      whole.append(box);
    }
    dialog.showModal();
    here.scrollIntoView({ block: "center" });
  };
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  // -- filtering ------------------------------------------------------------------------------------------------------
  const NONE = data.names.length;
  const used = data.names.map((_, name) => passages.filter((one) => one.states.some((state) => state.name === name && state.given)).length);
  const without = passages.filter((one) => !one.states.length).length;
  const chips = [...data.names.entries(), ...(without ? [[NONE, said.none]] : [])].filter(([name]) => name === NONE || used[name] || passages.some((one) => one.states.some((state) => state.name === name)));
  for (const [name, text] of chips) {
    const chip = made("button", { type: "button", class: data.colours[name] ?? "", "aria-pressed": "false", "data-name": name }, made("bdi", {}, text), ` ${(name === NONE ? without : used[name]).toLocaleString("en")}`);
    chip.addEventListener("click", () => { chip.setAttribute("aria-pressed", chip.getAttribute("aria-pressed") !== "true"); refresh(); });
    at("x-names").append(chip);
  }
  at("x-decision").hidden = !passages.some((one) => one.states.some((state) => !state.given));
  let query = [], chosen = [], until = 0;
  const value = (id) => at(id)?.value ?? "";
  const refresh = () => {
    const names = new Set(Array.from(at("x-names").querySelectorAll('[aria-pressed="true"]'), (chip) => Number(chip.dataset.name)));
    const [outlet, from, to, certainty, least] = ["x-outlet", "x-from", "x-to", "x-certainty", "x-least"].map(value);
    at("x-value").textContent = Number(least).toFixed(2);
    query = queryOf(value("x-search"));
    const wanted = (state) =>
      (!names.size || names.has(state.name)) && (!certainty || state.given === (certainty === "given" ? 1 : 0)) && (Number(least) === 0 || state.score >= Number(least));
    const filtered = names.size || certainty || Number(least) > 0;
    chosen = [];
    for (const passage of passages) {
      const [, , source, date] = data.articles[passage.article];
      if (outlet && source !== outlet) continue;
      if ((from && !(date >= from)) || (to && !(date && date <= to))) continue;
      const none = names.has(NONE) && !passage.states.length && !certainty && Number(least) === 0;
      if (filtered && !none && !passage.states.some(wanted)) continue;
      const spans = hits(passage, query);
      if (spans !== null) chosen.push([passage, spans]);
    }
    status.textContent = chosen.length ? filled(said.count, { n: chosen.length.toLocaleString("en"), all: passages.length.toLocaleString("en") }) : said.nothing;
    list.replaceChildren();
    until = 0;
    add();
  };
  const add = () => {
    const first = until;
    until = Math.min(until + PAGE, chosen.length);
    list.append(...chosen.slice(first, until).map(([passage, spans]) => shown(passage, spans, false)));
    more.hidden = until >= chosen.length;
    return first;
  };
  more.addEventListener("click", () => { const first = add(); list.children[first].querySelector("button")?.focus(); });
  let waiting = 0;
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(refresh, 120); });
  form.addEventListener("submit", (event) => { event.preventDefault(); refresh(); });
  form.addEventListener("reset", () => {
    for (const chip of at("x-names").children) chip.setAttribute("aria-pressed", "false");
    setTimeout(refresh, 0);
  });
  form.hidden = false;
  refresh();
  root.dataset.ready = "yes";
})();
