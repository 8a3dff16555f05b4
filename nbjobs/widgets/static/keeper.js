// Puts a job's still picture in place of its live panel, in the notebook itself, so that it is saved.
// A page that was loaded after the panel was shown does not know the panel's display_id any more: it
// cannot be told to update it, but it can be looked for by the model that it is a view of.

const VIEW = "application/vnd.jupyter.widget-view+json";

function replace(cells, panel, still) {
  for (const cell of cells) {
    const outputs = cell.outputs;
    for (let place = 0; place < (outputs?.length ?? 0); place++) {
      if (outputs.get(place).data?.[VIEW]?.model_id === panel) {
        outputs.set(place, { output_type: "display_data", data: still, metadata: {} });
      }
    }
  }
}

export default {
  async initialize({ model }) {
    // JupyterLab's and Notebook's; elsewhere the panel stays live for as long as its kernel.
    const context = model.widget_manager?.context;
    await context?.ready;
    if (context?.model?.cells) {
      replace(context.model.cells, model.get("panel"), model.get("still"));
    }
  },
};
