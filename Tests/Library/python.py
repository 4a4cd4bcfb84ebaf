"""Compares the Python package with the command on the same frames: python.py FOLDER ABI SCORE_PY

FOLDER is prepared by scripts/check-library: the tiny model, and 18 frames of a clip as raw video. PATH has the
command, GANRM_LIBRARY is the library, PYTHONPATH has the package. Its own tests are in python/tests.
"""

import ctypes
import json
import logging
import pathlib
import subprocess
import sys
import threading
import unittest

import numpy as np

import ganrm
from ganrm import _enums, _library, _picture, _structs

FOLDER, ABI, SCORE_PY = map(pathlib.Path, sys.argv[1:4])
WIDTH, HEIGHT, RATE = 88, 71, 25
MODEL = {"encoder": FOLDER / "tiny.json", "weights": FOLDER / "tiny.safetensors"}


def command(*arguments):
    """Rows of `ganrm score --per clip`."""
    done = subprocess.run(
        ["ganrm", "score", "--per", "clip", *map(str, arguments)],
        check=True, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def command_on_raw(pixels, *options):
    arguments = ["--model", FOLDER / "head.safetensors", "--precision", "f32"]
    arguments += ["--encoder", MODEL["encoder"], "--weights", MODEL["weights"]]
    arguments += ["-f", "rawvideo", "-s", f"{WIDTH}x{HEIGHT}", "-r", RATE, "-pix_fmt", pixels]
    return command(FOLDER / f"{pixels}.raw", *arguments, *options)


def raw(pixels, dtype=np.uint8):
    return np.fromfile(FOLDER / f"{pixels}.raw", dtype)


class Tests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = ganrm.Model(
            FOLDER / "head.safetensors", precision="f32", threads=2, **MODEL
        )
        cls.frames = raw("rgb24").reshape(-1, HEIGHT, WIDTH, 3)
        cls.addClassCleanup(cls.model.close)

    def scores(self, frames, **settings):
        """Scores and embeddings of windows of four frames."""
        found = []
        with ganrm.Filter(self.model, frames=4, **settings) as stream:
            for index, frame in enumerate(frames):
                stream.push(frame, index / RATE, 1 / RATE)
                found += [(score, stream.embedding().tolist()) for score in stream]
            stream.flush()
            found += [(score, stream.embedding().tolist()) for score in stream]
        return found

    def assert_rows(self, scores, rows):
        self.assertEqual(len(scores), len(rows))
        self.assertGreaterEqual(len(rows), 1)
        for score, row in zip(scores, rows, strict=True):
            # Rows have enough digits to identify a 32-bit float.
            self.assertEqual(np.float32(score.logit), np.float32(row["logit"]))
            self.assertEqual(np.float32(score.score), np.float32(row["score"]))
            self.assertEqual(score.start_seconds, row["start"])
            self.assertAlmostEqual(score.end_seconds, row["end"], places=9)
            self.assertEqual(score.first_frame, row["indices"][0])
            self.assertEqual(score.last_frame, row["indices"][-1])

    def test_structs_and_constants_match_the_header(self):
        lines = set(ABI.read_text().splitlines())
        structs = {
            "ganrm_model_settings": _structs.ModelSettings, "ganrm_score": _structs.Score,
            "ganrm_filter_settings": _structs.FilterSettings, "ganrm_frame": _structs.Frame,
        }
        module = set()
        for name, struct in structs.items():
            module.add(f"struct {name}: {ctypes.sizeof(struct)} bytes")
            for field, *_ in struct._fields_:
                location = getattr(struct, field)
                module.add(f"{name}.{field}: at {location.offset}, {location.size} bytes")
        enums = {
            "": ganrm.Code, "KIND_": ganrm.Kind, "SAMPLING_": ganrm.Sampling, "LOG_": _enums.Log,
            "PRECISION_": ganrm.Precision, "FORMAT_": ganrm.Format, "RANGE_": ganrm.Range,
            "MATRIX_": ganrm.Matrix, "DEGENERATE_": _enums.Degenerate,
        }
        for prefix, enum in enums.items():
            module |= {f"GANRM_{prefix}{item.name} = {item.value}" for item in enum}
        module |= {f"symbol {name}@@GANRM_1" for name in _library.FUNCTIONS}
        header = set()
        for line in lines:
            field, separator, location = line.partition(" at ")
            if separator and "(" not in line:
                header.add(f"{field.partition(':')[0]}: at {location}")
            elif line.startswith(("struct ", "symbol ")) or " = " in line:
                header.add(line)
        self.assertEqual(module, header)

    def test_scores_are_bit_exact_with_the_command(self):
        scores = [score for score, _ in self.scores(self.frames)]
        rows = command_on_raw("rgb24", "--sampling", "window", "--frames", 4)
        self.assertEqual(len(rows), 4)
        self.assert_rows(scores, rows)

    def test_score_matches_uniform_sampling_of_the_command(self):
        rows = command_on_raw("rgb24", "--sampling", "uniform")
        self.assert_rows([self.model.score(self.frames, fps=RATE)], rows)
        planes = np.ascontiguousarray(self.frames.transpose(0, 3, 1, 2))
        score = self.model.score(planes)
        self.assertEqual(np.float32(score.logit), np.float32(rows[0]["logit"]))
        self.assertIsNone(score.start_seconds)

    def test_yuv_scores_match_the_command(self):
        half = (-(-HEIGHT // 2), -(-WIDTH // 2))
        window = ["--sampling", "window", "--frames", 4]
        for pixels, format, dtype in [
            ("yuv420p", ganrm.Format.YUV420P, np.uint8),
            ("yuv420p10le", ganrm.Format.YUV420P10, np.uint16),
            ("nv12", ganrm.Format.NV12, np.uint8),
        ]:
            shapes = [half, half] if "p" in pixels else [(*half, 2)]
            frames = []
            samples = raw(pixels, dtype)
            while len(samples):
                planes = []
                for shape in [(HEIGHT, WIDTH), *shapes]:
                    count = int(np.prod(shape))
                    planes.append(samples[:count].reshape(shape))
                    samples = samples[count:]
                frames.append(ganrm.Picture(format, tuple(planes)))
            with self.subTest(pixels):
                scores = [score for score, _ in self.scores(frames)]
                self.assert_rows(scores, command_on_raw(pixels, *window))
            other = [
                ganrm.Picture(format, frame.planes, ganrm.Matrix.BT709, ganrm.Range.FULL)
                for frame in frames
            ]
            self.assertNotEqual([score for score, _ in self.scores(other)], scores)

    def test_scores_do_not_depend_on_memory_layout(self):
        expected = self.scores(self.frames)
        alpha = np.full((*self.frames.shape[:3], 1), 7, np.uint8)
        padded = np.zeros((len(self.frames), HEIGHT + 9, WIDTH + 5, 3), np.uint8)
        padded[:, 4 : HEIGHT + 4, 2 : WIDTH + 2] = self.frames
        flipped = np.ascontiguousarray(self.frames[:, ::-1])
        mirrored = np.ascontiguousarray(self.frames[:, :, ::-1])
        chw = np.ascontiguousarray(self.frames.transpose(0, 3, 1, 2))
        bgr = np.ascontiguousarray(self.frames[..., ::-1])
        wide = np.repeat(self.frames, 2, axis=2)
        for name, frames, is_borrowed in [
            ("rows in one piece", self.frames, True),
            ("a crop", padded[:, 4 : HEIGHT + 4, 2 : WIDTH + 2], True),
            ("rows from the bottom", flipped[:, ::-1], True),
            ("with alpha", np.concatenate([self.frames, alpha], axis=3), True),
            ("planes", chw, True),
            ("planes from the bottom", np.ascontiguousarray(chw[:, :, ::-1])[:, :, ::-1], True),
            ("planes as a tensor's permute shows them", chw.transpose(0, 2, 3, 1), True),
            ("pixels as a tensor's permute shows them", self.frames.transpose(0, 3, 1, 2), True),
            ("every second row", np.repeat(self.frames, 2, axis=1)[:, ::2], True),
            ("every second column", wide[:, :, ::2], False),
            ("columns from the right", mirrored[:, :, ::-1], False),
            ("blue first", bgr[..., ::-1], False),
        ]:
            with self.subTest(name):
                kept = _picture.fill(ganrm.Picture.of(frames[0]), _structs.Frame())
                shared = [np.shares_memory(plane, frames[0]) for plane in kept]
                self.assertEqual(set(shared), {is_borrowed})
                self.assertEqual(self.scores(frames), expected)

    def test_gray_equals_rgb_with_three_equal_channels(self):
        gray = self.frames[..., 1]
        expected = self.scores(np.repeat(gray[..., None], 3, axis=3))
        self.assertEqual(self.scores(gray), expected)
        self.assertEqual(self.scores(np.ascontiguousarray(gray)), expected)

    def test_each_image_is_a_clip(self):
        with ganrm.Filter(self.model, kind=ganrm.Kind.IMAGE) as images:
            for frame in self.frames[:3]:
                images.push(frame)
            self.assertEqual([score.first_frame for score in images], [0, 1, 2])

    def test_invalid_frames_are_refused_by_the_module(self):
        with ganrm.Filter(self.model) as stream:
            for frame, error, words in [
                (self.frames[0] / 255, TypeError, "uint8"),
                (self.frames[0].astype(">u2"), TypeError, "uint8"),
                (self.frames[:2], ValueError, r"\[2, 71, 88, 3\]"),
                (np.zeros((4, 8, 8), np.uint8), ValueError, r"\[4, 8, 8\]"),
                (np.zeros((0, 8, 3), np.uint8), ValueError, r"\[0, 8, 3\]"),
                (ganrm.Picture(ganrm.Format.NV12, (self.frames[0, ..., 0],)), ValueError, "2 planes"),
                (ganrm.Picture(ganrm.Format.YUV420P, (self.frames[0, ..., 0],) * 3), ValueError,
                 r"plane 1 of 88 × 71 YUV420P is \[36, 44\], not \[71, 88\]"),
            ]:
                with self.subTest(words), self.assertRaisesRegex(error, words):
                    stream.push(frame)
            self.assertEqual(stream.pending, 0)
            for number in 2**31, 2**40:
                with self.assertRaises(ValueError):
                    ganrm.Filter(self.model, stride=number)
            with self.assertRaises(ValueError):
                ganrm.Model("a\0b")

    def test_errors_of_the_library_have_code_and_message(self):
        with self.assertRaises(ganrm.GanrmError) as caught:
            ganrm.Filter(ganrm.Model("nowhere.safetensors"))
        self.assertEqual(caught.exception.code, ganrm.Code.ERROR_MODEL)
        self.assertIn("nowhere.safetensors", str(caught.exception))
        with self.assertRaises(ganrm.GanrmError) as caught:
            ganrm.Filter(self.model, frames=5000)
        self.assertEqual(caught.exception.code, ganrm.Code.ERROR_ARGUMENT)
        self.assertEqual(str(caught.exception), "ganrm_filter_settings.frames cannot be 5000")
        with ganrm.Filter(self.model) as stream:
            self.assertEqual(stream.precision, "f32")

    def test_a_closed_filter_is_refused_and_closing_twice_does_nothing(self):
        with ganrm.Filter(self.model) as stream:
            pass
        stream.close()
        for use in [
            stream.pull, stream.flush, stream.reset, stream.embedding,
            lambda: stream.push(self.frames[0]), lambda: stream.pending, lambda: stream.settings,
        ]:
            with self.assertRaises(ganrm.GanrmError) as caught:
                use()
            self.assertEqual(caught.exception.code, ganrm.Code.ERROR_ARGUMENT)

    def test_a_filter_outlives_its_model(self):
        expected = self.scores(self.frames)[0][0]
        with ganrm.Model(FOLDER / "head.safetensors", precision="f32", **MODEL) as model:
            stream = ganrm.Filter(model, frames=4)
        for frame in self.frames[:4]:
            stream.push(frame)
        self.assertEqual(stream.pull().logit, expected.logit)
        self.assertIsNone(stream.pull())

    def test_a_filter_reports_its_settings_and_can_be_reset(self):
        with ganrm.Filter(self.model, frames=4, stride=2) as stream:
            expected = ganrm.FilterSettings(
                ganrm.Kind.VIDEO, ganrm.Sampling.WINDOW, frames=4, stride=2, hop=8, clip_rate=0
            )
            self.assertEqual(stream.settings, expected)
            self.assertEqual(stream.embedding().shape, (0,))
            for frame in self.frames[:10]:
                stream.push(frame)
            self.assertEqual(stream.pending, 8)
            self.assertIsNotNone(stream.pull())
            self.assertEqual(stream.embedding().shape, (64,))
            stream.reset()
            self.assertEqual(stream.pending, 0)
            self.assertIsNone(stream.pull())

    def test_the_log_has_the_loaded_model(self):
        with self.assertLogs("ganrm", logging.INFO) as logged:
            # Whoever has a handler by the time the model opens is told.
            with ganrm.Model(FOLDER / "head.safetensors", precision="f32", **MODEL) as model:
                ganrm.Filter(model).close()
        logged.records[:] = [record for record in logged.records if record.levelno == logging.INFO]
        self.assertEqual(len(logged.records), 1)
        self.assertIn("head.safetensors", logged.records[0].getMessage())

    def test_threads_score_concurrently(self):
        expected, found = self.scores(self.frames), [None] * 4

        def work(index):
            found[index] = self.scores(self.frames)

        threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [expected] * 4)

    def test_threads_can_share_a_filter(self):
        with ganrm.Filter(self.model, frames=1) as stream:
            def work():
                for frame in self.frames:
                    stream.push(frame)

            threads = [threading.Thread(target=work) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(
                [score.first_frame for score in stream], list(range(3 * len(self.frames)))
            )

    def test_the_example_prints_the_same_scores_as_the_command(self):
        clip = FOLDER / "clip.mp4"
        done = subprocess.run(
            [sys.executable, SCORE_PY, clip], check=True, text=True, stdout=subprocess.PIPE
        )
        scores = [
            ganrm.Score(**{"logit_spread": None, **json.loads(line)})
            for line in done.stdout.splitlines()
        ]
        self.assert_rows(scores, command(clip, "--sampling", "window"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
