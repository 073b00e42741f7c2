// Lets readers choose, point and mark. It looks values up and counts them; every number is one of the results.
const parsed = (id) => JSON.parse(document.getElementById(id).textContent);
const place = (id) => document.getElementById(id);
const held = parsed("held");
const charts = parsed("charts");

// --- How values are written, as in the report ---

const MINUS = "\u2212";
const MISSING = "\u2013";
const decimals = (value, digits) => {
  if (value === null || value === undefined) return MISSING;
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", MINUS);
};
const points = (share) => decimals(share === null ? null : 100 * share, 1);
const count = (value) => value.toLocaleString("en");
const pValue = (p) => (p === null ? MISSING : p < 0.001 ? "< .001" : p.toFixed(3).replace(/^0/, ""));
const interval = (low, high, write) => (low === null ? MISSING : `${write(low)} to ${write(high)}`);

// --- What is held ---

function rowsOf(columns) {
  const names = Object.keys(columns);
  return columns[names[0]].map((_, row) => Object.fromEntries(names.map((name) => [name, columns[name][row]])));
}

const CHOICES = ["focal", "controls", "tiers"];
const TIER = held.variables.variable[0];
const grid = rowsOf(held.grid);
const years = [...new Set(held.grid.year)];
const variables = rowsOf(held.variables);
const names = new Map(rowsOf(held.countries).map((row) => [row.iso3, row.name]));
const editions = rowsOf(held.editions);
const options = rowsOf(held.options);
const specifications = rowsOf(held.curve).map((row, at) => ({ ...row, place: at + 1 }));

const chosen = () => Object.fromEntries(CHOICES.map((name) => [name, place(name).value]));
const year = () => Number(place("year").value);
const alike = (row, choice) => CHOICES.every((name) => row[name] === choice[name]);
const broughtBy = (choice, option) => variables.filter((row) => row.choice === choice && row.option === option);

function figure(variable, iso3) {
  const found = held.figures[variable]?.[year()]?.[iso3];
  if (!found) return null;
  const [value, source, line, confirmed, status = "observed"] = found;
  return { value, edition: editions[source], source: editions[source].source, line, confirmed, status };
}
const observed = (variable, iso3) => {
  const found = figure(variable, iso3);
  return found !== null && ["observed", "corrected"].includes(found.status);
};

// Of a measure with two lives the one that has figures in this year.
function measure() {
  const lives = broughtBy("focal", place("focal").value);
  return lives.find((row) => held.figures[row.variable]?.[year()]) ?? lives.at(-1);
}

// --- Small makers of elements ---

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== null) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
function tableRow(cells, kinds) {
  const row = element("tr", null);
  row.append(...cells.map((cell, at) => element("td", cell, kinds[at] === "n" ? { class: "number" } : {})));
  return row;
}
const fill = (id, rows) => place(id).tBodies[0].replaceChildren(...rows);

// --- Charts ---

const views = {};
async function draw(name, data, signals = {}) {
  if (!views[name]) {
    // The interpreter of expressions, because the page's policy forbids compiling them.
    const how = { mode: "vega-lite", ast: true, renderer: "svg", actions: false, tooltip: false, defaultStyle: false };
    views[name] = (await vegaEmbed(place(name), { ...charts[name], datasets: data }, how)).view;
  }
  for (const [signal, value] of Object.entries(signals)) views[name].signal(signal, value);
  for (const [set, rows] of Object.entries(data)) views[name].data(set, rows);
  return views[name].runAsync();
}

// --- One estimate ---

const percentages = (row) => ({ year: row.year, effect: 100 * row.effect, low: 100 * row.effect_low, high: 100 * row.effect_high });

function spoken(row) {
  if (row.reason) return `${row.year}: no estimate, ${row.reason}`;
  return `${row.year}: ${points(row.effect)} percentage points, ${interval(row.effect_low, row.effect_high, points)}`;
}

function sayEstimate(row) {
  const { focal, controls, tiers } = chosen();
  const start = `Report of ${row.year}; measure: ${focal}; held fixed: ${controls}; tiers: ${tiers}.`;
  if (row.reason) return `${start} No estimate: ${row.reason}.`;
  const turn = row.effect < 0 ? "lower" : "higher";
  const thin = row.thin ? ` Fewer than five countries in a level (${row.thin}).` : "";
  return (
    `${start} One standard deviation more corruption goes with a probability of a placement below tier 1 that is ` +
    `${points(Math.abs(row.effect))} percentage points ${turn}.${thin}`
  );
}

function numbersOf(row) {
  const two = (value) => decimals(value, 2);
  return [
    ["Probability of a placement below tier 1, percentage points", points(row.effect), interval(row.effect_low, row.effect_high, points)],
    [`Log odds of a worse tier (p ${pValue(row.p_value).replace(/^\./, "= .")})`, two(row.estimate), interval(row.conf_low, row.conf_high, two)],
    ["Countries in the estimate", row.n === null ? MISSING : count(row.n), ""],
  ].map((cells) => tableRow(cells, ["w", "n", "n"]));
}

function reasons() {
  const taken = chosen();
  const rows = CHOICES.map((choice) => options.find((row) => row.choice === choice && row.option === taken[choice]));
  place("reasons").replaceChildren(...rows.flatMap((row) => [element("dt", row.option), element("dd", row.why)]));
}

async function showEstimate() {
  const taken = chosen();
  const own = grid.filter((row) => alike(row, taken));
  const row = own.find((item) => item.year === year());
  place("estimate").textContent = sayEstimate(row);
  fill("numbers", numbersOf(row));
  reasons();
  const others = grid.filter((item) => !item.reason && !alike(item, taken)).map(percentages);
  const drawn = own.map((item) => ({ ...(item.reason ? { year: item.year, effect: null } : percentages(item)), words: spoken(item) }));
  const view = await draw("years", { own: drawn, others }, { picked: year() });
  place("years").setAttribute("aria-label", `Estimates by year. ${own.map(spoken).join("; ")}.`);
  return view;
}

// --- Countries ---

const becomes = () => new Map(rowsOf(held.levels).filter((row) => row.option === place("tiers").value).map((row) => [row.level, row.becomes]));

// "Tier 2|Tier 2 watch list": one label of what a coding joins, a line for each.
function label(level, coding) {
  if (level === held.special) return "Special case";
  return [...coding].filter(([, to]) => to === coding.get(level)).map(([from]) => held.tiers[from]).join("|");
}

function countriesDrawn() {
  const coding = becomes();
  const focal = measure().variable;
  const needed = broughtBy("controls", place("controls").value).map((row) => row.variable);
  const found = Object.entries(held.figures[TIER][year()]).flatMap(([iso3, [printed, , , , status = "observed"]]) => {
    const level = status === "special_case" ? held.special : printed;
    if (status === "not_listed" || !observed(focal, iso3)) return [];
    const inside = level !== held.special && needed.every((variable) => observed(variable, iso3));
    return [{ iso3, name: names.get(iso3), level, row: label(level, coding), value: figure(focal, iso3).value, inside }];
  });
  const order = [...coding.keys(), held.special];
  return found.sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level) || a.value - b.value || (a.iso3 < b.iso3 ? -1 : 1));
}

let drawnCountries = [];

async function showCountries() {
  drawnCountries = countriesDrawn();
  const focal = measure();
  const reversed = focal.better === "high";
  const inside = drawnCountries.filter((row) => row.inside).length;
  place("placements-title").textContent = `${focal.label}, ${year()} (${focal.direction}; more corrupt to the right)`;
  place("placements").setAttribute("aria-label",
    `${count(drawnCountries.length)} countries of the report of ${year()} by tier and corruption, ${count(inside)} of them in the estimate.`);
  await draw("placements", { countries: drawnCountries }, { picked: place("country").value, reversed });
  showFigures();
}

const STATUS = { not_listed: "not listed", special_case: "special case", corrected: "corrected" };

function written(variable, found) {
  if (found === null) return MISSING;
  if (STATUS[found.status] && found.value === null) return STATUS[found.status];
  const text = variable.variable === TIER ? held.tiers[found.value] : String(found.value).replace("-", MINUS);
  return found.status === "corrected" ? `${text} (corrected)` : text;
}

function whence(found) {
  if (found === null) return "no figure held";
  const where = found.line ? `data/raw/${found.source}.csv, line ${found.line}` : `no line in data/raw/${found.source}.csv`;
  const confirmed = found.confirmed ? `; independent sources: ${found.confirmed}` : "";
  return `${found.edition.publisher}, ${where}${confirmed}`;
}

function showFigures() {
  const iso3 = place("country").value;
  const inModel = new Set([TIER, measure().variable, ...broughtBy("controls", place("controls").value).map((row) => row.variable)]);
  const shown = [...new Map(variables.map((row) => [row.variable, row])).values()].filter((row) => held.figures[row.variable][year()]);
  const rows = shown.flatMap((variable) => {
    const found = figure(variable.variable, iso3);
    const head = element("th", null, { scope: "row" });
    head.append(element(inModel.has(variable.variable) ? "b" : "span", variable.label));
    const line = element("tr", null);
    line.append(head, element("td", written(variable, found)));
    const from = element("tr", null, { class: "place" });
    from.append(element("td", `${variable.variable === TIER ? "" : `${variable.unit}; `}${whence(found)}`, { colspan: "2" }));
    return [line, from];
  });
  const table = element("table", null);
  const body = element("tbody", null);
  body.append(...rows);
  table.append(element("caption", `${names.get(iso3)}, ${year()} (bold: in the model)`), body);
  place("figures").replaceChildren(table);
}

function pickCountry(iso3) {
  if (!names.has(iso3) || place("country").value === iso3) return;
  place("country").value = iso3;
  views.placements.signal("picked", iso3).runAsync();
  showFigures();
}

// --- The curve ---

const ANSWERS = ["n", "thin", "effect", "effect_low", "effect_high", "p_value"];
const decisions = Object.keys(held.curve).filter((name) => !ANSWERS.includes(name));

function leads(row) {
  const side = row.effect < 0 ? "better" : "worse";
  return held.classes[row.p_value < 0.05 ? side : `${side}-open`];
}

const median = (sorted) => (sorted.length % 2 ? sorted[(sorted.length - 1) / 2] : (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2);

const marked = () => {
  const ends = [Number(place("from").value), Number(place("to").value)].sort((a, b) => a - b);
  return specifications.slice(ends[0] - 1, ends[1]);
};

function showMarked() {
  const part = marked();
  const expected = part.filter((row) => row.effect > 0).length;
  const apart = part.filter((row) => row.effect > 0 && row.p_value < 0.05).length;
  place("from-place").textContent = count(part[0].place);
  place("to-place").textContent = count(part.at(-1).place);
  place("marked").textContent =
    `Marked: ${count(part.length)} of ${count(specifications.length)} specifications, effects from ` +
    `${points(part[0].effect)} to ${points(part.at(-1).effect)} percentage points, median ` +
    `${points(median(part.map((row) => row.effect)))}. In ${count(expected)} more corruption goes with a worse tier, in ` +
    `${count(apart)} of them with p < .05.`;
  fill("shares", decisions.flatMap((choice) => sharesOf(choice, part)));
  fill("single", part.slice(0, 20).map(singleRow));
}

function sharesOf(choice, part) {
  const taken = options.filter((row) => row.choice === choice).map((row) => row.option);
  return taken.map((option) => {
    const inside = part.filter((row) => row[choice] === option);
    const all = specifications.filter((row) => row[choice] === option).length;
    const middle = inside.length ? points(median(inside.map((row) => row.effect))) : MISSING;
    return tableRow([choice, option, count(inside.length), `${Math.round((100 * inside.length) / all)} %`, middle], ["w", "w", "n", "n", "n"]);
  });
}

function singleRow(row) {
  const cells = [count(row.place), points(row.effect), interval(row.effect_low, row.effect_high, points), pValue(row.p_value), count(row.n)];
  return tableRow([...cells, ...decisions.map((choice) => row[choice])], ["n", "n", "n", "n", "n"]);
}

// From the sliders to the brush, which is in pixels: it may change the sliders only where a pointer drew it.
let byHand = false;

async function brushTo(view) {
  const ends = [Number(place("from").value), Number(place("to").value)].sort((a, b) => a - b);
  const whole = ends[0] === 1 && ends[1] === specifications.length;
  byHand = false;
  await view.runAsync();
  await view.signal("brush_x", whole ? [0, 0] : ends.map(view.scale("x"))).runAsync();
}

function brushed(ends) {
  if (!byHand) return;
  const [low, high] = ends ?? [1, specifications.length];
  place("from").value = Math.max(1, Math.ceil(Math.min(low, high)));
  place("to").value = Math.min(specifications.length, Math.floor(Math.max(low, high)));
  showMarked();
}

async function showCurve() {
  const head = element("tr", null);
  head.append(...["Place", "Effect", "95 % interval", "p", "n", ...decisions].map((name, at) => element("th", name, at < 5 ? { scope: "col", class: "number" } : { scope: "col" })));
  place("single").tHead.append(head);
  for (const [id, value] of [["from", 1], ["to", specifications.length]]) {
    Object.assign(place(id), { min: 1, max: specifications.length, step: 1, value });
    place(id).addEventListener("input", () => { showMarked(); brushTo(views.curve); });
  }
  showMarked();
  const drawn = specifications.map((row) => ({
    place: row.place, effect: 100 * row.effect, low: 100 * row.effect_low, high: 100 * row.effect_high, leads: leads(row),
  }));
  const view = await draw("curve", { specifications: drawn });
  place("curve").setAttribute("aria-label", `${count(specifications.length)} specifications by effect. ${place("marked").textContent}`);
  view.addSignalListener("brush", (_, value) => brushed(value.place));
  place("curve").addEventListener("pointerdown", () => { byHand = true; }, { capture: true });
  place("whole").addEventListener("click", () => { byHand = true; brushed(null); brushTo(view); });
  window.addEventListener("resize", () => brushTo(view));
}

// --- Start ---

function offer(id, values, texts = values) {
  place(id).replaceChildren(...values.map((value, at) => element("option", texts[at], { value })));
  if (place(id).dataset.start) place(id).value = place(id).dataset.start;
}

function offerCountries() {
  const before = place("country").value;
  const placed = Object.keys(held.figures[TIER][year()]).sort((a, b) => names.get(a).localeCompare(names.get(b), "en"));
  offer("country", placed, placed.map((iso3) => names.get(iso3)));
  place("country").value = placed.includes(before) ? before : placed[0];
}

async function showAll() {
  offerCountries();
  await Promise.all([showEstimate(), showCountries()]);
}

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
function onArrows(id, act) {
  place(id).addEventListener("keydown", (event) => {
    if (!STEPS[event.key]) return;
    event.preventDefault();
    act(STEPS[event.key]);
  });
}

function goToYear(to) {
  if (!years.includes(to)) return;
  place("year").value = to;
  showAll();
}

async function start() {
  place("unscripted").hidden = true;
  place("content").hidden = false;
  offer("year", years);
  for (const choice of CHOICES) offer(choice, [...new Set(held.grid[choice])]);
  await showAll();
  await showCurve();
  for (const id of ["year", ...CHOICES]) place(id).addEventListener("change", showAll);
  place("country").addEventListener("change", () => { views.placements.signal("picked", place("country").value).runAsync(); showFigures(); });
  views.years.addEventListener("click", (_, item) => goToYear(item?.datum?.year));
  for (const kind of ["pointerover", "click"]) views.placements.addEventListener(kind, (_, item) => pickCountry(item?.datum?.iso3));
  onArrows("years-keys", (step) => goToYear(year() + step));
  onArrows("placements-keys", (step) => {
    const order = [...drawnCountries].sort((a, b) => (measure().better === "high" ? b.value - a.value : a.value - b.value));
    const at = order.findIndex((row) => row.iso3 === place("country").value);
    pickCountry(order.at((at + step) % order.length).iso3);
  });
  document.documentElement.dataset.ready = "";
}

start();
