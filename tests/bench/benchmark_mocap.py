"""All lifters on the mocap benchmark at equal budget: `python tests/bench/benchmark_mocap.py DATA [RUNS] [--write]`.

    make benchmark DATA=FOLDER_OF_PACKS

prepares the benchmark, trains every configuration of configs/mocap, and then runs this. Each is measured as
`pose3d run` lifts (with flip; windows that overlap by half where a network answers for every frame) on the whole test,
root put to zero, and timed on one thread. With --write the table goes into assets/benchmark.json, where `pose3d tables
mocap` finds it, the logs into assets/training/mocap, and a picture of them beside.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import datetime
import json
import time
from functools import partial
from pathlib import Path

import torch

from in_the_wild import checkpoints, paper
from in_the_wild.files import whole_file
from in_the_wild.skeletons import get_skeleton
from pose3d_cli.datasets.lifting import Inference, predict
from pose3d_cli.datasets.prepared.sequences import open_folder
from pose3d_cli.evaluation import refine_module
from pose3d_cli.evaluation.prepared import Refinement, Settings, evaluate
from pose3d_cli.tables.benchmark import Benchmarked
from pose3d_cli.training import manifest

ROOT = Path(__file__).parents[2]
# Configurations, and those whose training theirs goes on from.
RUNS = {
    "pstmo_mocap_27": ["pstmo_mocap_27_masked"],
    "stcformer_mocap_27": [],
    "mixste_mocap_27": [],
    "strided_transformer_mocap_27": [],
    "videopose3d_mocap_27": [],
    "pstmo_mocap_27_refine": ["pstmo_mocap_27_masked", "pstmo_mocap_27"],
}


def main() -> None:
    """Measure and print; write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the prepared benchmark")
    parser.add_argument("runs", type=Path, nargs="?", default=Path("runs"), help="folder of the runs")
    parser.add_argument("--write", action="store_true", help="into assets/benchmark.json")
    given = parser.parse_args()
    torch.set_num_threads(1)
    found = [measure(name, given.data, given.runs) for name in RUNS if (given.runs / name / "best.pt").is_file()]
    for one in found:
        print(json.dumps(dataclasses.asdict(one)))
    if given.write:
        with whole_file(ROOT / "assets" / "benchmark.json") as file:
            file.write((json.dumps([dataclasses.asdict(one) for one in found], indent=1) + "\n").encode())
        keep_logs(given.runs)


def keep_logs(runs: Path) -> None:
    """Copy the logs of all runs, and draw the held-out errors of the lifters over the time that they took."""
    kept = ROOT / "assets" / "training" / "mocap"
    with paper.style():
        figure = paper.new_figure(paper.TWO_COLUMNS, 4.0)
        axes = figure.subplots()
    for run in sorted(runs.glob("*_mocap_*/")):
        with whole_file(kept / f"{run.name}.csv") as file:
            file.write((run / "log.csv").read_bytes())
        if run.name not in RUNS or (run / "refine_module.pt").is_file():
            continue
        with (run / "log.csv").open() as log:
            rows = list(csv.DictReader(log))
        before = sum(minutes(runs / name) for name in RUNS[run.name])
        share = minutes(run) / int(rows[-1]["step"])
        times = [before + share * int(row["step"]) for row in rows]
        axes.plot(times, [float(row["mpjpe_mm"]) for row in rows], marker=".", label=run.name.partition("_mocap")[0])
    axes.set(xlabel="CPU time of training (minutes)", ylabel="Held-out MPJPE (mm)", yscale="log")
    axes.set_yticks([90, 100, 120, 140, 160, 200], labels=["90", "100", "120", "140", "160", "200"])
    axes.legend()
    paper.save(figure, kept / "curves.png")


def minutes(run: Path) -> float:
    """CPU minutes that a run took."""
    return float(json.loads((run / "run.json").read_text())["cpu_seconds"]) / 60


def measure(config: str, data: Path, runs: Path) -> Benchmarked:
    """One row of the table."""
    loaded = checkpoints.load(str(runs / config / "best.pt"))
    test = open_folder(data).choose(split="test")
    refined = (runs / config / "refine_module.pt").is_file()
    settings = Settings(rule="blended" if loaded.lifter.every_frame else "centred", tds=2)
    if refined:
        module = refine_module.load(runs / config / "refine_module.pt")
        root = get_skeleton(loaded.training.output_skeleton).root
        run = partial(refine_module.refine_sequence, module, root=root)
        settings = dataclasses.replace(settings, refinement=Refinement(run))
    errors = evaluate(loaded, test, settings, split="test").record["errors"]["whole"]["all"]
    # Timed apart, without the errors.
    began, frames = time.perf_counter(), 0
    for sequence in test[:20]:
        predict(loaded.lifter, loaded.training, sequence, test.description, Inference(rule=settings.rule or "", tds=2))
        frames += len(sequence)
    spent = time.perf_counter() - began
    description = test.description
    return Benchmarked(
        model=loaded.model,
        config=config,
        weights=loaded.sha256,
        parameters=sum(parameter.numel() for parameter in loaded.lifter.parameters()),
        cpu_minutes=round(sum(minutes(runs / name) for name in (*RUNS[config], config)), 1),
        ms_per_frame=round(1e3 * spent / frames, 2),
        mpjpe=round(errors["mpjpe"], 1),
        p_mpjpe=round(errors["p_mpjpe"], 1),
        mpjve=round(errors["mpjve"], 2),
        protocol=f"version {description.notes['version']}, {description.inputs}, whole test, {settings.rule}, flip",
        date=datetime.date.today().isoformat(),
        machine=f"{manifest.machine()['cpu']}, one thread",
        uses_truth=refined,
    )


if __name__ == "__main__":
    main()
