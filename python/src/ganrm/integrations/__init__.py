"""The reward of ganrm as trainers of generators call it; one module for each of them.

    from ganrm.integrations import flow_grpo

A module imports its trainer when it is used, not when it is imported. In all of them:

- The reward is the logit, which does not saturate, as the score does near 1, where a group of
  GRPO has no variance left; `value="score"` is the other.
- Prompts are not judged, which a warning of the logger "ganrm" says once.
- A failure raises, or is reported as the trainer has it. It is never a number.
- `model` is a `ganrm.Model`, or what `ganrm.load` takes, with `encoder`, `weights`, `precision`,
  `threads`, `workers` and `download`; the same arguments give the same model in a process.
- `fps` is the rate of the videos. Without it, a model that takes consecutive frames takes neighbours.

Pipelines of data have modules of their own, whose scores are columns, stats or attributes: `ray`,
`data_juicer`, and `nemo_curator`, which needs NeMo Curator to be imported.
"""
