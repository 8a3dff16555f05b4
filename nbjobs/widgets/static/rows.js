// The list to be shown, its order, its headings, and the rows that are in sight.

const HEIGHT = 30; // of a row in pixels, as in the style sheet
const LOOKAHEAD = 4; // rows beyond the edges

const COLUMNS = [
  ["num", "#"],
  ["label", "Job"],
  ["state", "State"],
  ["elapsed", "Time"],
  ["progress", "Progress"],
  ["line", "Output or result"],
];

const BY = {
  label: (job) => job.label.toLowerCase(),
  state: (job) => job.state,
  elapsed: (job, store) => store.elapsed(job) ?? -1,
  progress: (job) => (job.total ? job.done / job.total : (job.done ?? -1)),
  line: (job) => job.line.toLowerCase(),
};

/** The jobs that pass the filter, in order; parts and dependents below what they belong to. */
function listed(store, { text, state, sort, down, folds }) {
  const wanted = text.trim().toLowerCase();
  const found = [];
  for (const job of store.jobs.values()) {
    if (state && job.state !== state) continue;
    const where = wanted && `#${job.num} ${job.label} ${job.line} ${job.state}`.toLowerCase();
    if (wanted && !where.includes(wanted)) continue;
    found.push(job);
  }
  if (sort === "num") {
    found.sort((a, b) => (down ? b.num - a.num : a.num - b.num));
    return asTree(found, folds);
  }
  const key = BY[sort];
  const keys = new Map(found.map((job) => [job, key(job, store)]));
  const order = (a, b) => {
    const [x, y] = [keys.get(a), keys.get(b)];
    return (x < y ? -1 : x > y ? 1 : a.num - b.num) * (down ? -1 : 1);
  };
  found.sort(order);
  return found.map((job) => ({ job, level: 1, parts: 0 }));
}

function asTree(jobs, folds) {
  const here = new Set(jobs.map((job) => job.num));
  const below = new Map();
  const tops = [];
  for (const job of jobs) {
    if (job.under != null && here.has(job.under) && job.under !== job.num) {
      if (!below.has(job.under)) below.set(job.under, []);
      below.get(job.under).push(job);
    } else tops.push(job);
  }
  const list = [];
  // No recursion: a chain of dependent jobs may be thousands long. What is to come, last first.
  const ahead = tops.reverse().map((job) => [job, 1]);
  while (ahead.length) {
    const [job, level] = ahead.pop();
    const parts = below.get(job.num) || [];
    list.push({ job, level, parts: parts.length });
    if (folds.has(job.num)) continue;
    parts.sort((a, b) => b.num - a.num);
    for (const part of parts) ahead.push([part, level + 1]);
  }
  return list;
}

function duration(value) {
  if (value == null) return "";
  if (value < 0.0995) return `${Math.round(value * 1000)} ms`;
  if (value < 9.95) return `${value.toFixed(1)} s`;
  const all = Math.round(value);
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  if (hours) return `${hours}:${two(minutes)}:${two(rest)}`;
  return minutes ? `${minutes}:${two(rest)}` : `${rest} s`;
}

const amount = (value) => (Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4))));

/** One row's elements, filled with one job after another; only what differs is written. */
class RowView {
  constructor(acts) {
    this.num = null;
    this.root = focusable(element("div", "nbj-row"));
    this.root.setAttribute("role", "row");
    const cell = (className) => {
      const made = element("div", `nbj-cell ${className}`);
      made.setAttribute("role", "gridcell");
      this.root.append(made);
      return made;
    };
    this.check = focusable(element("input"));
    this.check.type = "checkbox";
    this.check.addEventListener("click", (event) => (event.stopPropagation(), acts.select(this.num, event)));
    cell("nbj-check").append(this.check);
    this.number = cell("nbj-num");
    const label = cell("nbj-label");
    this.fold = element("span", "nbj-fold");
    this.fold.addEventListener("click", (event) => (event.stopPropagation(), acts.fold(this.num)));
    this.label = element("span", "nbj-name");
    label.append(this.fold, this.label);
    const state = cell("nbj-state");
    this.state = element("span");
    state.append(element("i", "nbj-dot"), this.state);
    this.elapsed = cell("nbj-elapsed");
    this.progress = cell("nbj-progress");
    this.bar = element("div", "nbj-bar");
    this.fill = element("i");
    this.bar.append(this.fill);
    this.bar.setAttribute("role", "progressbar");
    this.bar.setAttribute("aria-valuemin", "0");
    this.bar.setAttribute("aria-valuemax", "100");
    this.units = element("span", "nbj-units");
    this.progress.append(this.bar, this.units);
    this.line = cell("nbj-line");
    const buttons = cell("nbj-acts");
    this.show = button("nbj-act", "Show", "", () => acts.show(this.num));
    this.rerun = button("nbj-act", "Rerun", "", () => acts.rerun(this.num));
    this.kill = button("nbj-act nbj-kill", "Kill", "", () => acts.kill([this.num]));
    buttons.append(this.show, this.rerun, this.kill);
    this.root.addEventListener("click", () => acts.pick(this.num));
  }

  fill_in({ job, level, parts }, index, { store, selected, active, folds, opened }) {
    const { num } = job;
    const [stale, tab] = [store.stale, active ? "0" : "-1"];
    this.num = num;
    attribute(this.root, "data-num", num);
    put(this.root, "className", `nbj-row nbj-${job.state.replace(" ", "-")}${opened ? " nbj-open" : ""}`);
    put(this.root.style, "transform", `translateY(${index * HEIGHT}px)`);
    put(this.root.style, "display", "");
    attribute(this.root, "aria-rowindex", index + 2);
    attribute(this.root, "aria-level", level);
    attribute(this.root, "aria-selected", selected);
    attribute(this.root, "aria-expanded", parts ? !folds.has(num) : null);
    attribute(this.root, "tabindex", tab);
    put(this.check, "checked", selected);
    attribute(this.check, "aria-label", `Select job ${num}`);
    put(this.number, "textContent", String(num));
    put(this.fold, "textContent", parts ? (folds.has(num) ? "▸" : "▾") : "");
    put(this.fold.parentNode.style, "paddingLeft", level > 1 ? `${6 + Math.min(level - 1, 6) * 18}px` : "");
    put(this.label, "textContent", job.label);
    put(this.label, "title", job.label);
    put(this.state, "textContent", job.state);
    put(this.elapsed, "textContent", duration(store.elapsed(job)));
    this.fillProgress(job);
    put(this.line, "textContent", job.line);
    put(this.line, "title", job.line);
    for (const [each, word] of [[this.show, "Show"], [this.rerun, "Rerun"], [this.kill, "Kill"], [this.check]]) {
      attribute(each, "tabindex", tab);
      if (word) attribute(each, "aria-label", `${word} job ${num}, ${job.label}`);
    }
    put(this.show, "disabled", stale);
    // Each keeps its place, so that a second click on Kill can never be one on Rerun.
    put(this.rerun.style, "visibility", job.ended ? "" : "hidden");
    put(this.kill.style, "visibility", job.ended ? "hidden" : "");
    put(this.rerun, "disabled", stale || !job.ended);
    put(this.kill, "disabled", stale || job.ended);
  }

  fillProgress({ num, done, total }) {
    const known = done != null && total > 0;
    const percent = known ? Math.max(0, Math.min(100, Math.round((100 * done) / total))) : 0;
    put(this.bar, "hidden", !known);
    put(this.fill.style, "width", `${percent}%`);
    attribute(this.bar, "aria-valuenow", percent);
    attribute(this.bar, "aria-label", `Progress of job ${num}`);
    const units = total != null ? `${amount(done)}/${amount(total)}` : amount(done ?? 0);
    put(this.units, "textContent", done == null ? "" : units);
    put(this.progress, "title", this.units.textContent);
  }
}

/** The row of headings, by which the list is sorted, and the box that selects all of it. */
class Head {
  constructor(view) {
    this.view = view;
    this.root = element("div", "nbj-head");
    this.root.setAttribute("role", "row");
    this.root.setAttribute("aria-rowindex", "1");
    this.all = focusable(element("input"));
    this.all.type = "checkbox";
    this.all.setAttribute("aria-label", "Select all jobs shown");
    this.all.addEventListener("click", () => view.selectAll());
    this.heading("nbj-check").append(this.all);
    this.headings = COLUMNS.map(([name, title]) => {
      const made = this.heading(`nbj-${name}`);
      made.append(button("nbj-sort", title, "", () => view.sortBy(name)));
      return made;
    });
    this.heading("nbj-acts").append(element("span", "nbj-unseen", "Actions"));
  }

  heading(className) {
    const made = element("div", `nbj-cell ${className}`);
    made.setAttribute("role", "columnheader");
    this.root.append(made);
    return made;
  }

  paint() {
    const { filter, list, selection } = this.view;
    const order = filter.down ? "descending" : "ascending";
    COLUMNS.forEach(([name], place) => {
      attribute(this.headings[place], "aria-sort", filter.sort === name ? order : "none");
    });
    const all = list.length > 0 && list.every(({ job }) => selection.has(job.num));
    put(this.all, "checked", all);
    put(this.all, "disabled", !list.length);
  }
}

const put = (holder, name, value) => {
  if (holder[name] !== value) holder[name] = value;
};

const attribute = (holder, name, value) => {
  if (value == null) holder.removeAttribute(name);
  else if (holder.getAttribute(name) !== String(value)) holder.setAttribute(name, String(value));
};
