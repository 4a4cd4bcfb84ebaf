#!/usr/bin/env python3
"""The reward of ganrm in TRL's GRPO, on the videos of a toy generator: trl_reward.py [STEPS]

With TRL installed, its `GRPOTrainer` takes some steps on the processor, with a language model of random
weights, whose completions say how strong the flaws of a video are: five digits, in tenths. Without, the
reward is called as the trainer does.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from typing import Any

import numpy as np

from ganrm.integrations import trl as ganrm_trl
from toy import FLAWS, RATE, STRENGTHS, Video, render, report

PROMPT = "a scene"


def video(completion: str) -> Video:
    """What a completion describes; flaws that it does not mention are as strong as can be."""
    digits = [int(word) for word in completion.split() if word.isdigit()][: len(FLAWS)]
    strengths = np.array(digits + [9] * (len(FLAWS) - len(digits))) / 10
    return render(PROMPT, strengths, seed=0)


def language_model() -> tuple[Any, Any]:
    """A model of one layer and a tokenizer that knows ten digits."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    words = [str(digit) for digit in range(10)] + ["scene", "<end>"]
    vocabulary = {word: index for index, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="scene"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<end>", pad_token="<end>", padding_side="left"
    )
    end = vocabulary["<end>"]
    config = GPT2Config(
        vocab_size=len(words), n_positions=32, n_embd=32, n_layer=1, n_head=2,
        bos_token_id=end, eos_token_id=end, pad_token_id=end,
    )  # fmt: skip
    return GPT2LMHeadModel(config), fast


def train(reward: Any, steps: int) -> None:
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    model, tokenizer = language_model()
    with tempfile.TemporaryDirectory() as folder:
        arguments = GRPOConfig(
            folder, max_steps=steps, per_device_train_batch_size=8, num_generations=8,
            max_completion_length=len(FLAWS), learning_rate=3e-3, logging_steps=1, use_cpu=True,
            bf16=False, report_to="none", save_strategy="no", seed=0,
        )  # fmt: skip
        data = Dataset.from_dict({"prompt": ["scene"] * 64})
        trainer = GRPOTrainer(
            model, reward, args=arguments, train_dataset=data, processing_class=tokenizer
        )
        trainer.train()
        print(
            "reward",
            [round(row["reward"], 2) for row in trainer.state.log_history if "reward" in row],
        )


def main(steps: int) -> None:
    reward = ganrm_trl.reward(video, fps=RATE)
    completions = [" ".join([str(round(10 * strength))] * len(FLAWS)) for strength in STRENGTHS]
    report(reward(prompts=["scene"] * len(completions), completions=completions))
    if importlib.util.find_spec("trl") is not None:
        train(reward, steps)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
