"""Imports go one way, the library keeps to itself, and the command answers at once.

    main -> commands -> config, everywhere, terminal, tables -> training -> evaluation -> datasets, metrics
    -> in_the_wild
    in_the_wild: pipeline, live -> steps -> things; plug-ins -> things

Every import statement counts, wherever it stands: at the top, inside a function, or for type checking alone.
"""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LIBRARY, PROGRAM = "in_the_wild", "pose3d_cli"

# The steps are verbs. Any other file of the library is a thing, until it is named here.
STEPS = {
    f"{LIBRARY}.steps.{verb}"
    for verb in (
        "detect",
        "track",
        "identify",
        "choose",
        "clean",
        "explain",
        "remap",
        "lift",
        "refine",
        "render",
        "show",
    )
}
PIPELINE = f"{LIBRARY}.pipeline"
# The same for what never ends: files that take steps, a picture at a time.
LIVE = f"{LIBRARY}.live"
# What stands above the pipeline: each job as one call, the jobs of many clips, and the names that `import in_the_wild`
# offers.
API = {LIBRARY, f"{LIBRARY}.api", *(f"{LIBRARY}.batch.{name}" for name in ("recipe", "work", "many"))}
# Things that fill a folder: no plug-ins, whatever their files are called.
FOLDERS = {
    f"{LIBRARY}.{folder}"
    for folder in (
        "batch",
        "calibration",
        "checkpoints",
        "checkpoints.records",
        "drawing",
        "live",
        "measures",
        "page",
        "steps",
        "video",
    )
}
FAMILIES = {
    f"{LIBRARY}.{family}"
    for family in ("batch.engines", "detectors", "layouts", "lifters", "refiners", "formats", "plots")
}
# The families of the program: what data sets are read with, and what is trained.
PROGRAM_FAMILIES = (f"{PROGRAM}.datasets.readers", f"{PROGRAM}.training.tasks")
SHARED_PARTS = ("base", "blocks")

# What each part of the program may import of the program; the library is open to all of them.
PARTS = {
    "main": {"main", "commands", "config", "everywhere", "helping", "terminal"},
    "browser": {"browser"},
    "checkup": {"checkup", "browser"},
    "commands": {
        "browser",
        "checkup",
        "commands",
        "config",
        "everywhere",
        "helping",
        "tables",
        "terminal",
        "training",
        "evaluation",
        "datasets",
        "metrics",
    },
    "config": {"config"},
    "conversion": {"conversion"},
    "everywhere": {"everywhere", "terminal"},
    "helping": {"helping", "everywhere"},
    "tables": {"tables", "config"},
    "terminal": {"terminal"},
    "training": {"training", "evaluation", "datasets", "metrics"},
    "evaluation": {"evaluation", "datasets", "metrics"},
    "datasets": {"datasets"},
    "metrics": {"metrics"},
}

HEAVY = ("torch", "cv2", "PIL", "ai_edge_litert", "matplotlib", "av", "mmengine", "scipy", "h5py")


def _module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {
    _module_name(path): path
    for package in (LIBRARY, PROGRAM)
    for path in sorted((ROOT / package).rglob("*.py"))
    if "node_modules" not in path.parts
}
LIBRARY_MODULES = sorted(name for name in MODULES if name.startswith(LIBRARY))
PROGRAM_MODULES = sorted(name for name in MODULES if name.startswith(f"{PROGRAM}."))


@cache
def _imports(module: str) -> frozenset[str]:
    """The full names of all that a module imports: our own modules, and whatever stands for the rest."""
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            members = {f"{source}.{alias.name}" for alias in node.names}
            found |= members & MODULES.keys() or {source}
    return frozenset(found)


def _own_imports(module: str) -> frozenset[str]:
    return frozenset(name for name in _imports(module) if name.partition(".")[0] in (LIBRARY, PROGRAM))


def _family(module: str) -> str | None:
    """The family whose file this is, its base and shared parts included."""
    package = module.rpartition(".")[0]
    return package if package in FAMILIES else None


def _is_plugin(module: str) -> bool:
    name = module.rpartition(".")[2]
    return _family(module) is not None and name not in SHARED_PARTS and not name.startswith("_")


def _part(module: str) -> str:
    """The part of the program that a module belongs to."""
    return module.split(".")[1]


def _is_member(module: str, family: str) -> bool:
    package, _, name = module.rpartition(".")
    return package == family and name not in SHARED_PARTS and not name.startswith("_")


def _is_thing(module: str) -> bool:
    return module not in STEPS | API and module != PIPELINE and not _is_live(module) and not _is_plugin(module)


def _is_live(module: str) -> bool:
    return module == LIVE or module.startswith(f"{LIVE}.")


def test_the_imports_are_seen() -> None:
    """The tests below would pass on imports that they do not find, so four known ones stand here."""
    assert f"{LIBRARY}.errors" in _imports(f"{LIBRARY}.poses")  # from in_the_wild.errors import InputError
    assert f"{LIBRARY}.windows" in _imports(f"{LIBRARY}.steps.lift")  # from in_the_wild import windows
    assert f"{LIBRARY}.result" in _imports(f"{PROGRAM}.commands._report")  # under TYPE_CHECKING
    assert "mmengine.config" in _imports(f"{PROGRAM}.config")  # inside a function


@pytest.mark.parametrize("module", LIBRARY_MODULES)
def test_the_library_never_imports_the_program(module: str) -> None:
    assert not {name for name in _imports(module) if name.partition(".")[0] == PROGRAM}


@pytest.mark.parametrize("module", LIBRARY_MODULES)
def test_the_library_never_talks_to_the_terminal(module: str) -> None:
    """One module may, for a caller who asks: rich's bars of `progress=True`, imported when it does."""
    terminal = {"typer", "click", "rich", "argparse", "tqdm"} - ({"rich"} if module == f"{LIBRARY}.progress" else set())
    assert not {name for name in _imports(module) if name.partition(".")[0] in terminal}
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    calls = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in ("print", "input")]
    assert not calls, f"print or input in lines {calls}"


@pytest.mark.parametrize("module", PROGRAM_MODULES)
def test_the_program_imports_downwards(module: str) -> None:
    part = _part(module)
    assert part in PARTS, f"say in PARTS what {module} may import"
    used = {_part(name) for name in _own_imports(module) if name.startswith(f"{PROGRAM}.")}
    assert used <= PARTS[part]


@pytest.mark.parametrize("module", PROGRAM_MODULES)
def test_the_programs_plugins_are_loaded_by_name_alone(module: str) -> None:
    for family in PROGRAM_FAMILIES:
        assert any(_is_member(name, family) for name in PROGRAM_MODULES)
        assert not {name for name in _own_imports(module) if _is_member(name, family)}, "nor does one import another"


@pytest.mark.parametrize("module", [name for name in LIBRARY_MODULES if _is_thing(name)])
def test_things_import_only_things(module: str) -> None:
    assert not {name for name in _own_imports(module) if not _is_thing(name)}


@pytest.mark.parametrize(
    "module", [name for name in LIBRARY_MODULES if name in STEPS or name == PIPELINE or _is_live(name)]
)
def test_steps_and_the_pipeline_are_handed_their_plugins(module: str) -> None:
    own = _own_imports(module)
    assert not {name for name in own if _is_plugin(name)}, "receive the plug-in as an argument"
    assert PIPELINE not in own


@pytest.mark.parametrize("module", [name for name in LIBRARY_MODULES if _is_plugin(name)])
def test_plugins_import_things_and_their_own_family(module: str) -> None:
    own = _own_imports(module)
    assert not {name for name in own if not _is_thing(name)}, "a plug-in imports neither steps nor another plug-in"
    assert not {name for name in own if _family(name) not in (None, _family(module))}, "nor another family's parts"


def test_no_imports_go_in_a_circle() -> None:
    graph = {name: _own_imports(name) & MODULES.keys() - {name} for name in MODULES}
    graphlib.TopologicalSorter(graph).prepare()


def test_every_family_on_disk_is_known_here() -> None:
    folders = {f"{LIBRARY}.{path.parent.name}" for path in (ROOT / LIBRARY).glob("*/__init__.py")}
    assert folders <= FAMILIES | FOLDERS


COMMANDS = f"{PROGRAM}.commands"
MOST_PARAMETERS, MOST_LINES = 8, 60


def _functions(module: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many arguments a caller gives."""
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def _is_command(module: str) -> bool:
    """Typer makes a command line of a signature, which is as long as the command's help."""
    return module.startswith(f"{COMMANDS}.")


@pytest.mark.parametrize("module", [name for name in MODULES if not _is_command(name)])
def test_no_function_has_more_parameters_than_one_can_keep_in_mind(module: str) -> None:
    assert not [one.name for one in _functions(module) if _parameters(one) > MOST_PARAMETERS]


@pytest.mark.parametrize("module", MODULES)
def test_no_function_is_longer_than_a_page(module: str) -> None:
    """Of a command the body counts, without its signature and its help."""
    for one in _functions(module):
        is_command = _is_command(module) and one.name == module.rpartition(".")[2]
        first = one.body[1].lineno if is_command else one.lineno
        assert one.end_lineno is not None
        assert one.end_lineno - first < MOST_LINES, one.name


# From here on the program is started, as the `pose3d` script does it.
_START = f"import sys; sys.argv[0] = 'pose3d'; from {PROGRAM}.main import main; sys.exit(main())"
_START_AND_TELL = f"""
import sys
sys.argv[0] = "pose3d"
from {PROGRAM}.main import main
try:
    code = main()
except SystemExit as stopped:
    code = stopped.code
heavy = [name for name in {HEAVY!r} if name in sys.modules]
print("imported:", *heavy, file=sys.stderr)
sys.exit(code)
"""


def _run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


_LISTS = ("models", "weights", "detectors", "refiners", "formats", "skeletons", "datasets", "configs", "tables")
# All of these are answered at once: in less than half a second of a processor's time, which is what imports take.
ANSWERS: dict[str, tuple[list[str], bool]] = {
    "help": (["--help"], False),
    "help on run": (["run", "--help"], False),
    "help on doctor": (["doctor", "--help"], False),
    "help on prepare": (["prepare", "--help"], False),
    "version": (["--version"], False),
    "typing error": (["runn"], True),
    "typing error in a name": (["run", "x.mp4", "--model", "pstom"], True),
    "typing error in a data set": (["prepare", "humn36m"], True),
    "a command of another name": (["show", "models"], True),
    **{f"list of {name}": ([name], False) for name in _LISTS},
    "a name that is wrong": (["models", "pstom"], True),
    "one skeleton": (["skeletons", "coco17"], False),
}


@pytest.mark.parametrize(("arguments", "fails"), ANSWERS.values(), ids=ANSWERS.keys())
def test_the_program_answers_without_heavy_imports(arguments: list[str], fails: bool) -> None:
    done = _run(_START_AND_TELL, *arguments)
    assert (done.returncode != 0) == fails, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.rstrip().endswith("imported:"), done.stderr


def test_a_typing_error_is_answered_with_the_nearest_command() -> None:
    done = _run(_START, "runn")
    assert re.search(r"\brun\b", done.stdout + done.stderr)


def test_importing_the_library_imports_nothing_heavy() -> None:
    done = _run(f"import sys, {LIBRARY}; print(*sorted({{'numpy', *{HEAVY!r}}} & sys.modules.keys()))")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
