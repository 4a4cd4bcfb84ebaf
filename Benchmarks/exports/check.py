"""Loads data sets exported by `ganrm` with the trainers' own loaders. Called by scripts/check-exports.

    check.py EXPORTS SOURCES

EXPORTS is the output of `GANRM_EXPORTS=… swift test --filter LoaderExportTests`: four prompts with two
candidates each, of uniform brightness: 0xe0 for the winner, 0x20 for the loser. SOURCES contains checkouts of
the trainers' repositories, which are not part of this project; missing ones are reported and skipped. Each
check loads every sample and verifies caption, number of frames, and brightness of each side. Prints one line
per loader, with its commit or version.
"""

import importlib.metadata
import importlib.util
import json
import os
import pathlib
import random
import subprocess
import sys
import types

import numpy
import PIL.Image
import torch

EXPORTS, SOURCES = map(pathlib.Path, map(os.path.abspath, sys.argv[1:3]))
CAPTIONS = [
    "a plain cat", "quotes \"double\" and 'single', commas", "two\nlines", "猫 🐈 and שלום",
]
LINES = [caption.replace("\n", " ") for caption in CAPTIONS]
FRAMES = 25
failures = 0
# Some loaders sample randomly.
random.seed(0)


def version(name):
    return f"{name} {importlib.metadata.version(name)}"


def commit(repository):
    run = subprocess.run(
        ["git", "-C", SOURCES / repository, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True)
    return f"{repository} {run.stdout.strip()}"


def stub(name, **attributes):
    """Adds a stub for a module that a loader's file imports, but does not need for loading."""
    module = types.ModuleType(name)
    module.__dict__.update(attributes)
    sys.modules[name] = module
    if "." in name:
        parent, _, child = name.rpartition(".")
        setattr(sys.modules[parent], child, module)
    return module


def load(repository, path, name=None):
    """Imports a module from a checkout."""
    file = SOURCES / repository / path
    spec = importlib.util.spec_from_file_location(name or file.stem, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def bright(pixels, low, high):
    """Whether pixels are the winner's (True) or the loser's (False); fails for brightness in between."""
    share = (float(numpy.asarray(pixels, dtype=numpy.float64).mean()) - low) / (high - low)
    assert share > 0.7 or share < 0.3, f"brightness {share:.2f} of neither side"
    return share > 0.7


def check(what, *needs):
    def run(function):
        global failures
        missing = [need for need in needs if not (SOURCES / need).exists()]
        if missing:
            print(f"skipped  {what}: {', '.join(missing)} is not in {SOURCES}")
            return
        stdout = sys.stdout
        sys.stdout = sys.stderr
        try:
            with_what = function()
            result = f"ok       {what}: {with_what}"
        except Exception as error:
            failures += 1
            import traceback
            traceback.print_exc()
            result = f"FAILED   {what}: {type(error).__name__}: {error}"
        finally:
            sys.stdout = stdout
        print(result, flush=True)

    return run


@check("videodpo", "VideoDPO")
def videodpo():
    module = load("VideoDPO", "data/video_data.py", "videodpo_video_data")
    data = module.TextVideoDPO(
        str(EXPORTS / "video-pairs/videodpo/train_data.yaml"), [64, 96], 16, dupbeta=1.0)
    assert len(data) == len(CAPTIONS)
    for index, caption in enumerate(CAPTIONS):
        sample = data[index]
        assert sample["caption"] == caption, sample["caption"]
        # Winner and loser are concatenated along the channels.
        assert sample["video"].shape == (6, 16, 64, 96), sample["video"].shape
        assert bright(sample["video"][:3], -1, 1) and not bright(sample["video"][3:], -1, 1)
        assert 0 < sample["dupfactor"] < float("inf")
    return f"{commit('VideoDPO')}, {version('decord')}"


@check("unifiedreward", "UnifiedReward")
def unifiedreward():
    module = load("UnifiedReward", "VideoDPO/data/video_data.py", "unifiedreward_video_data")
    for dupbeta in (0, 1.0):
        data = module.TextVideoDPO(
            str(EXPORTS / "video-pairs/unifiedreward/train_data.yaml"), [64, 96], 16, dupbeta=dupbeta)
        for index, caption in enumerate(CAPTIONS):
            sample = data[index]
            assert sample["caption"] == caption
            assert bright(sample["video"][:3], -1, 1) and not bright(sample["video"][3:], -1, 1)
    return commit("UnifiedReward")


def preprocess_of(repository, path, **names):
    """Extracts the function `preprocess_train` from a training script, where it is local to `main`."""
    import ast
    import io
    tree = ast.parse((SOURCES / repository / path).read_text())
    function = next(
        node for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "preprocess_train"
        and "jpg_0" in ast.unparse(node))
    scope = {
        "Image": PIL.Image, "io": io, "torch": torch, "os": os,
        "train_transforms": lambda image: torch.from_numpy(numpy.array(image)).permute(2, 0, 1),
        "tokenize_captions": lambda *arguments: list(arguments[-1]["caption"]),
        "tokenizer": None, "args": types.SimpleNamespace(choice_model="", sdxl=False), **names,
    }
    exec(compile(ast.Module([function], []), path, "exec"), scope)
    return scope["preprocess_train"]


def check_image_batch(batch):
    assert batch["input_ids"] == CAPTIONS, batch["input_ids"]
    for pixels in batch["pixel_values"]:
        assert pixels.shape == (6, 96, 128)
        assert bright(pixels[:3], 0, 255) and not bright(pixels[3:], 0, 255)


@check("unifiedreward-image", "UnifiedReward")
def unifiedreward_image():
    import datasets
    folder = EXPORTS / "image-pairs/unifiedreward-image"
    columns = ["id", "caption", "jpg_0", "jpg_1", "label_0", "chosen_score", "rejected_score"]
    features = datasets.Features({
        column: datasets.Value("int32" if column == "label_0" else "string") for column in columns})
    data = datasets.load_dataset(
        "json", data_files=str(folder / "dpo_data.json"), features=features)["train"]
    check_image_batch(
        preprocess_of("UnifiedReward", "DiffusionDPO/train.py", image_folder=str(folder / "images_dpo"))(
            data[:]))
    return f"{commit('UnifiedReward')}, {version('datasets')}"


@check("pickapic-jsonl, by pairs-to-parquet", "DiffusionDPO", "diffusers")
def parquet():
    import datasets
    folder = EXPORTS / "image-pairs/pickapic-jsonl"
    script = pathlib.Path(__file__).parents[2] / "scripts/pairs-to-parquet"
    subprocess.run([sys.executable, script, folder], check=True)
    data = datasets.load_dataset(str(folder / "data"))["train"]
    assert set(data["label_0"]) == {1.0} and set(data["label_1"]) == {0.0}
    check_image_batch(preprocess_of("DiffusionDPO", "train.py")(data[:]))
    script = "examples/research_projects/diffusion_dpo/train_diffusion_dpo.py"
    check_image_batch(preprocess_of("diffusers", script)(data[:]))
    return ", ".join([commit("DiffusionDPO"), commit("diffusers"), version("pyarrow"), version("datasets")])


@check("webdataset", "DiffusionDPO")
def webdataset_():
    import webdataset
    data = webdataset.WebDataset(
        str(EXPORTS / "image-pairs/webdataset/pairs-000000.tar"), shardshuffle=False)
    rows = list(data.to_tuple("jpg_0", "jpg_1", "label_0", "label_1", "caption"))
    assert [int(row[3]) for row in rows] == [0] * len(CAPTIONS)
    batch = {
        "jpg_0": [row[0] for row in rows], "jpg_1": [row[1] for row in rows],
        "label_0": [int(row[2]) for row in rows], "caption": [row[4].decode() for row in rows],
    }
    check_image_batch(preprocess_of("DiffusionDPO", "train.py")(batch))
    return f"{version('webdataset')}, {commit('DiffusionDPO')}"


@check("videoalign", "VideoAlign")
def videoalign():
    import datasets
    sys.path.insert(0, str(SOURCES / "VideoAlign"))
    stub("utils", save_video=None)
    module = load("VideoAlign", "data.py", "videoalign_data")
    from vision_process import process_vision_info
    folder = EXPORTS / "video-pairs/videoalign"
    data = datasets.load_dataset("csv", data_files=str(folder / "pairs.csv"))["train"]
    assert len(data) == len(CAPTIONS)
    for row, caption in zip(data, CAPTIONS):
        assert row["prompt"] == caption and row["fps_A"] == 10.0 and row["num_frames_B"] == FRAMES
        sample = module.convert_GSB_csv_to_reward_data(
            row, str(folder), eval_dims=["VQ", "MQ", "TA"], prompt_template_type="none")
        assert sample["chosen_label"].tolist() == [1, 1, 1]
        for side, wins in (("A_data", True), ("B_data", False)):
            # The collator's first steps, before the language model's tokenizer.
            message = module.QWen2VLDataCollator(None)._clean_message(sample[side])
            _, videos = process_vision_info([message])
            assert bright(videos[0], 0, 255) == wins
    sys.modules.pop("utils")
    return f"{commit('VideoAlign')}, {version('datasets')}"


@check("jsonl")
def jsonl():
    import datasets
    for kind in ("video", "image"):
        data = datasets.load_dataset(
            "json", data_files=str(EXPORTS / f"{kind}-pairs/jsonl/pairs.jsonl"))["train"]
        assert data["prompt"][:] == CAPTIONS
        assert all(a > b for a, b in zip(data["chosen_score"], data["rejected_score"]))
        data = datasets.load_dataset(
            "json", data_files=str(EXPORTS / f"{kind}-selection/jsonl/selection.jsonl"))["train"]
        assert data["prompt"][:] == CAPTIONS and set(data["rank"]) == {1}
    return version("datasets")


@check("lvdm", "VideoDPO")
def lvdm():
    import torchvision.transforms
    if importlib.util.find_spec("torchvision.transforms._transforms_video") is None:
        stub("torchvision.transforms._transforms_video")
    module = load("VideoDPO", "data/webvid_lvdm.py", "videodpo_webvid")
    folder = EXPORTS / "video-selection/lvdm"
    data = module.WebVid(
        str(folder / "metadata.csv"), str(folder), video_length=16, resolution=[64, 96], frame_stride=1)
    assert len(data) == len(CAPTIONS)
    for index, caption in enumerate(CAPTIONS):
        sample = data[index]
        assert sample["caption"] == caption and bright(sample["video"], -1, 1)
        assert f"/clip-{index}_0.mp4" in sample["path"], sample["path"]
    return f"{commit('VideoDPO')}, {version('pandas')}"


@check("finetrainers, finetrainers-jsonl", "finetrainers")
def finetrainers():
    sys.path.insert(0, str(SOURCES / "finetrainers"))
    import torchvision.io
    if not hasattr(torchvision.io, "video_reader"):
        # Newer releases lack it; it is used in type annotations only.
        stub("torchvision.io.video_reader", VideoReader=type("VideoReader", (), {}))
    # Bypass the package's __init__, which imports all models; the loaders need three small modules.
    package = stub("finetrainers")
    package.__path__ = [str(SOURCES / "finetrainers/finetrainers")]
    from finetrainers.data.dataset import initialize_dataset
    for kind in ("video", "image"):
        for name, captions in (("finetrainers", LINES), ("finetrainers-jsonl", CAPTIONS)):
            data = initialize_dataset(str(EXPORTS / f"{kind}-selection/{name}"), kind)
            samples = list(data)
            assert [sample["caption"] for sample in samples] == captions, samples
            for sample in samples:
                if kind == "image":
                    assert bright(numpy.array(sample["image"]), 0, 255)
                    continue
                video = sample["video"]
                # datasets 4.0 and later return a torchcodec decoder, earlier releases a torchvision reader.
                frames = video.get_frames_in_range(0, len(video)).data if hasattr(
                    video, "get_frames_in_range") else torch.stack([frame["data"] for frame in video])
                assert len(frames) == FRAMES and bright(frames, 0, 255)
    return f"{commit('finetrainers')}, {version('datasets')}"


@check("diffsynth", "DiffSynth-Studio")
def diffsynth():
    package = stub("diffsynth_data")
    package.__path__ = [str(SOURCES / "DiffSynth-Studio/diffsynth/core/data")]
    module = load("DiffSynth-Studio", "diffsynth/core/data/unified_dataset.py", "diffsynth_data.unified_dataset")
    for kind in ("video", "image"):
        folder = str(EXPORTS / f"{kind}-selection/diffsynth")
        data = module.UnifiedDataset(
            folder, f"{folder}/metadata.csv", data_file_keys=(kind,),
            main_data_operator=module.UnifiedDataset.default_video_operator(folder, num_frames=81))
        assert len(data) == len(CAPTIONS)
        for index, caption in enumerate(CAPTIONS):
            sample = data[index]
            assert sample["prompt"] == caption
            assert len(sample[kind]) == (FRAMES if kind == "video" else 1)
            assert bright(numpy.array(sample[kind][0]), 0, 255)
    return f"{commit('DiffSynth-Studio')}, {version('imageio')}"


@check("musubi", "musubi-tuner")
def musubi():
    import argparse
    sys.path.insert(0, str(SOURCES / "musubi-tuner/src"))
    from musubi_tuner.dataset import config_utils
    for kind in ("video", "image"):
        config = config_utils.load_user_config(str(EXPORTS / f"{kind}-selection/musubi/dataset.toml"))
        blueprint = config_utils.BlueprintGenerator(config_utils.ConfigSanitizer()).generate(
            config, argparse.Namespace(debug_dataset=None), architecture="wan")
        group = config_utils.generate_dataset_group_by_blueprint(blueprint.dataset_group)
        items = [
            item for _, batch in group.datasets[0].retrieve_latent_cache_batches(1) for item in batch]
        assert sorted(item.caption for item in items) == sorted(CAPTIONS)
        for item in items:
            if kind == "video":
                assert item.frame_count == FRAMES, item.frame_count
            assert bright(item.content, 0, 255)
    return commit("musubi-tuner")


@check("vgen", "VGen")
def vgen():
    class Registry:
        def register_class(self):
            return lambda loader: loader

    stub("utils")
    stub("utils.registry_class", DATASETS=Registry())
    module = load("VGen", "tools/datasets/video_dataset.py", "vgen_video_dataset")
    folder = EXPORTS / "video-selection/vgen"
    stack = lambda frames: torch.stack([
        torch.from_numpy(numpy.array(frame.resize((384, 256)))).permute(2, 0, 1) / 255 for frame in frames])
    data = module.VideoDataset(
        [str(folder / "list.txt")], [str(folder)], transforms=stack,
        vit_transforms=lambda frame: torch.from_numpy(numpy.array(frame)))
    assert len(data) == len(CAPTIONS)
    for index, caption in enumerate(LINES):
        _, _, video, text, key = data[index]
        # The loader reports a failure as an empty key.
        assert key and text == caption + "\n", (key, text)
        filled = int((video.flatten(1).abs().sum(1) > 0).sum())
        assert filled >= 14 and bright(video[:filled], 0, 1), filled
    sys.modules.pop("utils")
    return f"{commit('VGen')}, {version('opencv-python-headless')}"


@check("diffusion-pipe", "diffusion-pipe")
def diffusion_pipe():
    import logging
    import shutil
    import tomllib
    import av
    import imageio

    class Video:
        """The part of ComfyUI's InputImpl.VideoFromFile that the loader uses, with PyAV as in the original."""
        def __init__(self, file):
            self.file = file

        def stream(self):
            return av.open(self.file).streams.video[0]

        def get_dimensions(self):
            stream = self.stream()
            return stream.width, stream.height

        def get_frame_count(self):
            return self.stream().frames

        def get_frame_rate(self):
            return self.stream().average_rate

    extensions = {x.extension for x in imageio.config.video_extensions}
    for name in ("deepspeed", "deepspeed.utils", "comfy", "utils"):
        stub(name)
    stub("deepspeed.utils.logging", logger=logging.getLogger("deepspeed"))
    stub("deepspeed.comm")
    stub("comfy.model_management")
    stub("comfy_api")
    stub("comfy_api.latest", InputImpl=types.SimpleNamespace(VideoFromFile=Video))
    stub(
        "utils.common", is_main_process=lambda: True, round_to_nearest_multiple=None,
        VIDEO_EXTENSIONS=extensions | {x.upper() for x in extensions})
    stub("utils.cache", Cache=None)
    module = load("diffusion-pipe", "utils/dataset.py", "diffusion_pipe_dataset")
    # A module that was not imported by name cannot be pickled for worker processes.
    module.NUM_PROC = None
    for kind in ("video", "image"):
        with open(EXPORTS / f"{kind}-selection/diffusion-pipe/dataset.toml", "rb") as file:
            config = tomllib.load(file)
        shutil.rmtree(pathlib.Path(config["directory"][0]["path"]) / "cache", ignore_errors=True)
        data = module.DirectoryDataset(config["directory"][0], config, "wan", framerate=16)
        rows = list(data._get_ungrouped_metadata(regenerate_cache=True))
        assert sorted(row["caption"][0] for row in rows) == sorted(CAPTIONS), rows
        expected = max(config["frame_buckets"])
        assert {int(row["ar_bucket"][1]) for row in rows} == {expected}, rows
    return commit("diffusion-pipe")


sys.exit(1 if failures else 0)
