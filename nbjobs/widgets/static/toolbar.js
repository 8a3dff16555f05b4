// What stands around the rows: the toolbar above, and what the table has to say.

const STATES = ["running", "killing", "queued", "waiting", "succeeded", "failed", "timed out"];
STATES.push("killed", "cancelled", "skipped", "lost");

const GONE =
  "The kernel was restarted or has ended, and its jobs with it. Run %jobs in the new one for its jobs.";
const BUSY = "The kernel is busy: your click is served as soon as the running cell yields.";
const WAITS =
  "With this kernel, clicks are served between cells; ipykernel 7.1 or newer serves them at once.";

/** Counts that filter, the search, and what is done to many jobs at once. */
class Toolbar {
  constructor(view) {
    this.view = view;
    this.root = element("div", "nbj-toolbar");
    this.search = this.makeSearch();
    this.allow = button("", "Allow notifications", "", () => view.store.allowNotices());
    this.rerun = button("", "", "", () => view.rerun(view.chosen((job) => job.ended)));
    this.kill = button("nbj-kill", "", "", () => view.kill(view.chosen((job) => !job.ended)));
    this.flush = button("", "Flush finished", "", () => view.store.request({ kind: "flush" }));
    const actions = element("div", "nbj-actions");
    actions.append(this.allow, this.rerun, this.kill, this.search, this.flush);
    this.root.append(element("b", "", "Jobs"), this.makeChips(), actions);
  }

  makeChips() {
    const chips = element("div", "nbj-chips");
    chips.setAttribute("role", "group");
    chips.setAttribute("aria-label", "Show only jobs in one state");
    this.chips = new Map();
    for (const state of STATES) {
      const name = `nbj-chip nbj-${state.replace(" ", "-")}`;
      const chip = button(name, "", "", () => this.view.only(state));
      chip.append(element("i", "nbj-dot"), element("span"));
      chips.append(chip);
      this.chips.set(state, chip);
    }
    return chips;
  }

  makeSearch() {
    const search = focusable(element("input", "nbj-search"));
    search.type = "search";
    search.placeholder = "Filter";
    search.setAttribute("aria-label", "Filter by name, number, state or output");
    search.addEventListener("input", () => this.view.search(search.value));
    search.addEventListener("keydown", (event) => event.stopPropagation());
    return search;
  }

  paint() {
    const { store, filter } = this.view;
    const counts = store.counts || {};
    for (const [state, chip] of this.chips) {
      const count = counts[state] || 0;
      put(chip, "hidden", !count && filter.state !== state);
      put(chip.lastChild, "textContent", `${count.toLocaleString("en")} ${state}`);
      attribute(chip, "aria-pressed", filter.state === state);
    }
    this.paintMany(this.kill, "Kill", this.view.chosen((job) => !job.ended).length);
    this.paintMany(this.rerun, "Rerun", this.view.chosen((job) => job.ended).length);
    const ended = Object.keys(counts).some((state) => ENDED.has(state));
    put(this.flush, "disabled", store.stale || !ended);
    put(this.allow, "hidden", !store.notices.length);
  }

  paintMany(made, verb, count) {
    put(made, "textContent", `${verb} ${count.toLocaleString("en")} selected`);
    put(made, "hidden", !count);
    put(made, "disabled", this.view.store.stale);
  }
}

/** The banner when the kernel is gone, the words for an empty list, and the line of answers. */
class Notes {
  constructor(store) {
    this.store = store;
    this.banner = element("div", "nbj-banner");
    this.banner.setAttribute("role", "alert");
    this.empty = element("div", "nbj-empty");
    this.status = element("div", "nbj-status");
    this.status.setAttribute("role", "status");
    this.nothing = this.invitation();
  }

  invitation() {
    const made = element("span");
    const code = (text) => element("code", "", text);
    made.append("No jobs yet. Start one with ", code("%job fetch(urls)"));
    made.append(", or with ", code("%%job"), " on the first line of a cell.");
    return made;
  }

  paint(shown) {
    const { store } = this;
    const silence = Math.round(seconds() - store.heard);
    const silent = `No word from the kernel for ${silence} s: this is how the jobs were then.`;
    this.say(this.banner, store.gone ? GONE : store.stale ? silent : "");
    put(this.empty, "hidden", shown > 0);
    if (!shown) {
      if (store.jobs.size) put(this.empty, "textContent", "No job matches.");
      else if (this.empty.firstChild !== this.nothing) this.empty.replaceChildren(this.nothing);
    }
    const answer = store.said.text || (store.clicksWait ? WAITS : "");
    this.say(this.status, store.slow ? BUSY : answer);
    put(this.status, "className", `nbj-status${!store.slow && store.said.error ? " nbj-wrong" : ""}`);
  }

  say(place, text) {
    put(place, "textContent", text);
    put(place, "hidden", !text);
  }
}
