// One view of the table: its rows, what the mouse and the keys do to them, and all around them.

const HELP =
  "Arrow keys move, space selects, Enter shows the output, Delete kills, R runs again, " +
  "left and right fold a group.";
let ids = 0;

class TableView {
  constructor(store, root) {
    this.store = store;
    this.filter = { text: "", state: null, sort: "num", down: true, folds: new Set() };
    this.list = [];
    this.places = new Map(); // of the numbers in the list
    this.selection = new Set();
    this.active = null; // the number of the row that the keys act on
    this.rows = new Map(); // the rows in sight, by number
    this.spare = [];
    this.stale = true; // whether the list has to be made anew
    this.listedAt = 0;
    this.frame = 0;
    this.build(root);
    this.onNews = (structure) => this.refresh(structure);
    store.views.add(this.onNews);
    this.paint();
  }

  close() {
    this.store.views.delete(this.onNews);
    cancelAnimationFrame(this.frame);
    this.watcher.disconnect();
  }

  build(root) {
    const help = `nbj-help-${++ids}`;
    this.box = element("div", "nbj-table");
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", "Background jobs");
    this.toolbar = new Toolbar(this);
    this.notes = new Notes(this.store);
    this.drawer = new Drawer(this.store, (num) => (this.focus(num), this.refresh()));
    const hint = element("div", "nbj-unseen", HELP);
    hint.id = help;
    const { banner, empty, status } = this.notes;
    this.box.append(this.toolbar.root, banner, this.grid(help), empty, this.drawer.root, status, hint);
    root.append(this.box);
    this.watcher = new ResizeObserver(() => this.refresh());
    this.watcher.observe(this.body);
  }

  grid(help) {
    this.table = element("div", "nbj-grid");
    this.table.setAttribute("role", "treegrid");
    this.table.setAttribute("aria-multiselectable", "true");
    this.table.setAttribute("aria-label", "Jobs");
    this.table.setAttribute("aria-describedby", help);
    this.head = new Head(this);
    const heads = element("div");
    heads.setAttribute("role", "rowgroup");
    heads.append(this.head.root);
    this.body = element("div", "nbj-body");
    this.body.setAttribute("role", "rowgroup");
    this.space = element("div", "nbj-space");
    this.space.setAttribute("role", "presentation");
    this.body.append(this.space);
    this.body.addEventListener("scroll", () => this.refresh());
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.table.append(heads, this.body);
    return this.table;
  }

  // What the user does.

  only(state) {
    this.filter.state = this.filter.state === state ? null : state;
    this.refresh(true);
  }

  search(text) {
    this.filter.text = text;
    this.refresh(true);
  }

  sortBy(name) {
    const { filter } = this;
    filter.down = filter.sort === name ? !filter.down : name !== "label" && name !== "state";
    filter.sort = name;
    this.refresh(true);
  }

  select(num, event) {
    const from = this.places.get(this.picked);
    const to = this.places.get(num);
    const on = !this.selection.has(num);
    const span = event?.shiftKey && from != null ? [Math.min(from, to), Math.max(from, to)] : [to, to];
    for (let place = span[0]; place <= span[1]; place++) this.mark(this.list[place].job.num, on);
    this.picked = this.active = num;
    this.refresh();
  }

  mark(num, on) {
    if (on) this.selection.add(num);
    else this.selection.delete(num);
  }

  selectAll() {
    const on = this.list.some(({ job }) => !this.selection.has(job.num));
    for (const { job } of this.list) this.mark(job.num, on);
    this.refresh();
  }

  chosen(wanted) {
    // Only of what is listed: nobody means to kill what a filter or a fold hides.
    return [...this.selection].filter((num) => this.places.has(num) && wanted(this.store.jobs.get(num)));
  }

  kill(nums) {
    if (nums.length) this.store.request({ kind: "kill", nums });
  }

  rerun(nums) {
    if (nums.length) this.store.request({ kind: "rerun", nums });
  }

  show(num) {
    if (!this.store.stale) this.drawer.open(num);
    this.refresh();
  }

  fold(num) {
    const { folds } = this.filter;
    if (!folds.delete(num)) folds.add(num);
    this.refresh(true);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.tagName === "BUTTON" && (event.key === "Enter" || event.key === " ")) {
      event.stopPropagation();
      return;
    }
    const job = this.store.jobs.get(this.active);
    const page = Math.max(1, Math.floor(this.body.clientHeight / HEIGHT) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) this.move(steps[event.key]);
    else if (!job) return;
    else if (event.key === " ") this.select(job.num, event);
    else if (event.key === "Enter") this.show(job.num);
    else if (event.key === "Delete") this.kill(job.ended ? [] : [job.num]);
    else if (event.key === "r" || event.key === "R") this.rerun(job.ended ? [job.num] : []);
    else if (event.key === "ArrowLeft") this.unfold(job.num, false);
    else if (event.key === "ArrowRight") this.unfold(job.num, true);
    else if (event.key === "Escape" && this.drawer.num != null) this.drawer.close();
    else if (event.key === "Tab") return;
    event.stopPropagation();
    event.preventDefault();
  }

  unfold(num, open) {
    const { parts } = this.list[this.places.get(num)] || {};
    if (parts && this.filter.folds.has(num) === open) this.fold(num);
  }

  move(step) {
    const from = this.places.get(this.active) ?? 0;
    const to = Math.max(0, Math.min(this.list.length - 1, from + step));
    this.focus(this.list[to]?.job.num);
  }

  /** Have the job's row in sight, and the keys act on it. */
  focus(num) {
    const place = this.places.get(num);
    if (place == null) return;
    this.active = num;
    const { body } = this;
    const top = place * HEIGHT;
    if (top < body.scrollTop) body.scrollTop = top;
    else if (top + HEIGHT > body.scrollTop + body.clientHeight) body.scrollTop = top + HEIGHT - body.clientHeight;
    this.paint();
    this.rows.get(num)?.root.focus({ preventScroll: true });
  }

  // What is shown.

  refresh(structure = false) {
    if (structure) this.stale = true;
    this.frame ||= requestAnimationFrame(() => this.paint());
  }

  paint() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const moving = this.filter.sort !== "num" || this.filter.text;
    if (this.stale || (moving && seconds() - this.listedAt > 1)) this.relist();
    this.paintRows();
    this.head.paint();
    this.toolbar.paint();
    this.notes.paint(this.list.length);
    const [stale, flat] = [this.store.stale ? " nbj-stale" : "", this.flat ? " nbj-flat" : ""];
    put(this.box, "className", `nbj-table${stale}${flat}`);
    this.drawer.update();
  }

  relist() {
    this.stale = false;
    this.listedAt = seconds();
    const { body } = this;
    // What the user looks at stays where it is when rows come and go above it.
    const anchor = body.scrollTop > 0 ? this.list[Math.floor(body.scrollTop / HEIGHT)]?.job.num : null;
    const before = this.places.get(anchor);
    const place = this.places.get(this.active) ?? 0;
    this.list = listed(this.store, this.filter);
    // Only where something can be folded, room is kept for the sign for it.
    this.flat = !this.list.some(({ parts }) => parts);
    this.places = new Map(this.list.map(({ job }, index) => [job.num, index]));
    for (const num of this.selection) if (!this.store.jobs.has(num)) this.selection.delete(num);
    if (!this.places.has(this.active)) {
      this.active = this.list[Math.min(place, this.list.length - 1)]?.job.num ?? null;
    }
    put(this.space.style, "height", `${this.list.length * HEIGHT}px`);
    attribute(this.table, "aria-rowcount", this.list.length + 1);
    const after = this.places.get(anchor);
    if (after != null && after !== before) body.scrollTop += (after - before) * HEIGHT;
  }

  paintRows() {
    const { body, list, rows } = this;
    const first = Math.max(0, Math.floor(body.scrollTop / HEIGHT) - LOOKAHEAD);
    const last = Math.min(list.length, Math.ceil((body.scrollTop + body.clientHeight) / HEIGHT) + LOOKAHEAD);
    const wanted = new Map();
    for (let place = first; place < last; place++) wanted.set(list[place].job.num, place);
    // The row with the focus keeps its element wherever it is, or the focus would be lost.
    const held = [...rows].find(([, row]) => row.root.contains(document.activeElement))?.[0];
    if (this.places.has(held)) wanted.set(held, this.places.get(held));
    for (const [num, row] of rows) {
      if (wanted.has(num)) continue;
      rows.delete(num);
      const hadFocus = num === held;
      row.root.style.display = "none";
      row.root.removeAttribute("data-num");
      this.spare.push(row);
      if (hadFocus) queueMicrotask(() => this.focus(this.active));
    }
    for (const [num, place] of wanted) {
      const entry = list[place];
      entry.job = this.store.jobs.get(num) ?? entry.job;
      if (!rows.has(num)) rows.set(num, this.spare.pop() ?? this.newRow());
      rows.get(num).fill_in(entry, place, {
        store: this.store,
        selected: this.selection.has(num),
        active: num === this.active,
        folds: this.filter.folds,
        opened: num === this.drawer.num,
      });
    }
  }

  newRow() {
    const row = new RowView({
      select: (num, event) => this.select(num, event),
      fold: (num) => this.fold(num),
      kill: (nums) => this.kill(nums),
      rerun: (num) => this.rerun([num]),
      show: (num) => this.show(num),
      pick: (num) => (this.focus(num), this.show(num)),
    });
    this.space.append(row.root);
    return row;
  }
}

export default {
  initialize({ model }) {
    const store = storeOf(model);
    return () => store.close();
  },
  render({ model, el }) {
    const view = new TableView(storeOf(model), el);
    return () => view.close();
  },
};
