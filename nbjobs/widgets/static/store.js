// The jobs as the kernel last told them: one store for each model, shared by its views.

const ENDED = new Set(["succeeded", "failed", "timed out", "killed", "cancelled", "skipped", "lost"]);
const ASK_AFTER = 4; // seconds of silence, while jobs run, before the kernel is asked for a sign
const STALE_AFTER = 10; // and before it is taken to be gone
const ANSWER_WITHIN = 1.2; // seconds; a click that takes longer is said to wait

const stores = new WeakMap(); // by the page's widget manager, then by the model's comm
const seconds = () => performance.now() / 1000;

function storeOf(model) {
  // Not by the model: anywidget makes another object for it for each view.
  const manager = model.widget_manager ?? stores;
  if (!stores.has(manager)) stores.set(manager, new Map());
  const here = stores.get(manager);
  const { comm } = model.get("address") || {};
  if (!here.has(comm)) here.set(comm, new Store(model, () => here.delete(comm)));
  return here.get(comm);
}

/** What `model.send` would send, but to be served in the table's own subshell. */
function addressed(kernel, comm, subshell, content) {
  const header = {
    msg_id: `nbjobs-${Date.now()}-${Math.random().toString(36).slice(2)}`,
    msg_type: "comm_msg",
    session: kernel.clientId,
    username: kernel.username,
    date: new Date().toISOString(),
    version: "5.4",
    subshell_id: subshell,
  };
  const data = { method: "custom", content };
  return {
    channel: "shell", header, parent_header: {}, metadata: {}, content: { comm_id: comm, data }, buffers: [],
  };
}

class Store {
  constructor(model, forget) {
    this.model = model;
    this.forget = forget;
    this.jobs = new Map(); // by number, in the order of the numbers
    this.seq = -1;
    this.skew = 0; // the page's clock minus the kernel's
    this.heard = seconds();
    this.asked = 0; // when a snapshot or a sign of life was asked for; 0 if it has come
    this.waiting = 0; // since when a click has not been answered; 0 if none is waiting
    this.gone = false;
    this.live = false; // whether the kernel has been heard
    this.clicksWait = false;
    this.output = null;
    this.said = { text: "", error: false };
    this.notices = []; // that await the user's permission
    this.views = new Set();
    const first = model.get("snapshot");
    if (first) this.replace(JSON.parse(first));
    model.on("msg:custom", (message) => this.take(message));
    // What the widget manager says when the kernel is restarted. A living kernel answers.
    model.on("comm_live_update", () => this.lose());
    // Messages sent while this module was loading may be lost: the kernel knows by the number.
    this.ask();
    this.watching = setInterval(() => this.watch(), 1000);
  }

  close() {
    clearInterval(this.watching);
    this.forget();
  }

  get stale() {
    return this.gone || (this.running > 0 && seconds() - this.heard > STALE_AFTER);
  }

  get slow() {
    return this.waiting > 0 && seconds() - this.waiting > ANSWER_WITHIN;
  }

  take(message) {
    this.heard = seconds();
    this.gone = false;
    this.live = true;
    if (message.now != null) this.skew = seconds() - message.now;
    if (message.kind === "snapshot") this.replace(message);
    else if (message.kind === "delta") this.change(message);
    else if (message.kind === "beat") this.compare(message);
    else if (message.kind === "output") this.answer(() => (this.output = message));
    else if (message.kind === "say") this.answer(() => (this.said = message));
    else if (message.kind === "notice") this.notify(message);
    this.tell();
  }

  replace(snapshot) {
    this.columns = snapshot.columns;
    this.jobs = new Map();
    for (const row of snapshot.rows) this.put(row);
    this.seq = snapshot.seq;
    this.skew = seconds() - snapshot.now;
    this.clicksWait = snapshot.clicks_wait;
    this.asked = 0;
    this.count();
    this.tell(true);
  }

  change(delta) {
    if (delta.seq <= this.seq) return;
    if (delta.seq !== this.seq + 1) return this.ask();
    this.seq = delta.seq;
    let structure = delta.gone.length > 0;
    for (const num of delta.gone) this.jobs.delete(num);
    for (const row of delta.rows) structure = this.put(row) || structure;
    this.count();
    this.tell(structure);
  }

  compare(beat) {
    this.asked = 0;
    if (beat.seq !== this.seq) this.ask();
  }

  /** Whether the job is new, in another state, or elsewhere in the tree. */
  put(row) {
    const job = {};
    this.columns.forEach((name, place) => (job[name] = row[place]));
    job.ended = ENDED.has(job.state);
    job.line = withoutCodes(job.line);
    const before = this.jobs.get(job.num);
    this.jobs.set(job.num, job);
    return !before || before.state !== job.state || before.under !== job.under;
  }

  count() {
    this.counts = {};
    this.running = 0;
    for (const job of this.jobs.values()) {
      this.counts[job.state] = (this.counts[job.state] || 0) + 1;
      if (job.state === "running" || job.state === "killing") this.running++;
    }
  }

  /** Seconds that a job runs or ran; null if it never started. */
  elapsed(job) {
    if (job.took != null) return job.took;
    if (job.start == null) return null;
    const now = this.stale ? this.heard : seconds();
    return Math.max(0, now - this.skew - job.start);
  }

  ask() {
    if (this.asked && seconds() - this.asked < ASK_AFTER) return;
    this.asked = seconds();
    this.send({ kind: "hello", seq: this.seq });
  }

  /** Send what a click asks for. */
  request(message) {
    if (this.stale) return;
    this.waiting ||= seconds();
    this.send(message);
    setTimeout(() => this.tell(), ANSWER_WITHIN * 1000 + 50);
  }

  send(message) {
    const { comm, subshell } = this.model.get("address") || {};
    const kernel = this.model.widget_manager?.kernel;
    try {
      // A kernel that has not been heard may be another one, without that subshell.
      if (this.live && subshell && kernel?.sendShellMessage) {
        kernel.sendShellMessage(addressed(kernel, comm, subshell, message));
      } else this.model.send(message);
    } catch {
      // The connection to the kernel has been closed for good.
      this.gone = true;
      this.tell(true);
    }
  }

  answer(set) {
    this.waiting = 0;
    set();
  }

  lose() {
    this.gone = true;
    this.live = false;
    this.asked = 0;
    this.ask();
    this.tell(true);
  }

  watch() {
    if (this.running && !this.gone && seconds() - this.heard > ASK_AFTER) this.ask();
    this.tell();
  }

  notify(notice) {
    if (!("Notification" in window) || Notification.permission === "denied") return;
    if (Notification.permission === "granted") {
      new Notification(notice.title, { body: notice.body, tag: notice.tag });
    } else {
      this.notices.push(notice);
    }
  }

  /** To be called in answer to a click: browsers do not let a page ask by itself. */
  async allowNotices() {
    await Notification.requestPermission();
    this.notices.splice(0).forEach((notice) => this.notify(notice));
    this.tell();
  }

  tell(structure = false) {
    for (const view of this.views) view(structure);
  }
}
