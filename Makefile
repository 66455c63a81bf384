# Everything runs in .venv, made here at first use. PYTHON chooses the interpreter (3.11 or newer): make demo PYTHON=python3.12
PYTHON ?= python3
BIN := .venv/bin
POSE3D := $(BIN)/pose3d
# Where the motion capture packs lie, and others, of which the last stages of the default weights take two, and all but
# one; needed for `make weights` alone.
DATA ?= ../shared/data/mocap
MORE ?= ../shared/data/mocap_more
# More clips whose speed the README tells, besides the demo's.
CLIPS ?= $(wildcard ../shared/data/video/skater.mp4)
# In this order: a stage starts from the one before, StridedTransformer from P-STMO, and MixSynthFormer refines the latter.
STAGES := $(addprefix pstmo_coco_27,$(addprefix _stage,1 2 3 4 5 6 7 8 9 10)) pstmo_coco_27 \
	videopose3d_coco_27_stage1 videopose3d_coco_27 \
	strided_transformer_coco_27_stage1 strided_transformer_coco_27_stage2 strided_transformer_coco_27 \
	mixste_coco_27_stage1 mixste_coco_27_stage2 mixste_coco_27 \
	stcformer_coco_27_stage1 stcformer_coco_27_stage2 stcformer_coco_27_stage3 stcformer_coco_27 \
	$(addprefix mixsynthformer_,coco17_n5 coco17_n10 human36m17_n5 human36m17_n10 predict)

# What is trained on the mocap benchmark, in this order: P-STMO's stages, the other lifters, MixSynthFormer.
BENCHMARK := pstmo_mocap_27_masked pstmo_mocap_27 pstmo_mocap_27_refine \
	$(addsuffix _mocap_27,stcformer mixste strided_transformer videopose3d)

# Python compiles what is imported at first use; all of it beforehand is 280 MB, with what tests need.
PIP := $(BIN)/pip install --disable-pip-version-check --no-compile -c constraints.txt

.PHONY: help install dev mmpose demo test check bench tables benchmark weights clean

help:  ## list these targets
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

install: .venv/installed  ## make .venv with pose3d and all that running needs (two minutes, once)

dev: .venv/dev  ## add what training, evaluation and tests need (a minute, once)

mmpose: .venv/mmpose  ## add mmpose to .venv, for pose3d run --detector mmpose (a minute, once)

demo: install  ## video to 3D on the clip that comes along: out/demo/overlay.mp4
	$(POSE3D) demo

test: dev  ## run the tests
	$(BIN)/pytest -q -n auto --maxprocesses 8

check: dev  ## lint, formatting, types, and the demo from a wheel installed elsewhere
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	rm -rf build .wheels
	$(BIN)/pip wheel -q --no-deps --no-build-isolation -w .wheels .
	$(PYTHON) -m venv --without-pip .wheels/venv
	$(BIN)/pip -q --python .wheels/venv install --no-deps --no-index .wheels/pose3d-*.whl
# The dependencies are borrowed; a path in a .pth file brings packages, but not the editable pose3d among them.
	$(BIN)/python -c 'import site; print(site.getsitepackages()[0])' > \
		"$$(.wheels/venv/bin/python -c 'import site; print(site.getsitepackages()[0])')/borrowed.pth"
	cd .wheels && venv/bin/pose3d demo

bench: dev .venv/bench  ## measure accuracy and speed against the goals; fails where one is missed
	@missed=0; for file in tests/bench/bench_*.py; do echo "$$file"; PYTHONPATH=tests/support $(BIN)/python "$$file" || missed=1; done; exit $$missed

tables: dev  ## make the README's tables again from what comes along (six minutes; mocap packs in DATA, clips in CLIPS)
	PYTHONPATH=tests/support $(BIN)/python tests/bench/readme_tables.py $(CLIPS) --data $(DATA) --write

benchmark: dev  ## train all lifters on the mocap benchmark, at equal budget (two hours; mocap packs in DATA)
	$(POSE3D) prepare mocap --from $(DATA) --to data/benchmark
	for config in $(BENCHMARK); do \
		OMP_NUM_THREADS=1 $(POSE3D) train $$config --data data/benchmark --threads 1 --workers 0 || exit 1; \
	done
	cp runs/pstmo_mocap_27/best.pt runs/pstmo_mocap_27.pt
	$(POSE3D) prepare lifted --from data/benchmark --to data/lifted \
		--set weights=runs/pstmo_mocap_27.pt --set every=2 --set flip=false
	OMP_NUM_THREADS=1 $(POSE3D) train mixsynthformer_mocap_5 --data data/lifted --threads 1 --workers 0
	$(BIN)/python tests/bench/benchmark_mocap.py data/benchmark runs --write

weights: dev  ## train all the weights again that come along (a day on two cores; mocap packs in DATA and MORE)
	mkdir -p runs/motion runs/all_motion
	ln -sf $(abspath $(wildcard $(DATA)/*.npz) $(MORE)/snu_everyday.npz $(MORE)/cmu_more.npz) runs/motion
	ln -sf $(abspath $(wildcard $(DATA)/*.npz) $(filter-out %/snu_basketball.npz,$(wildcard $(MORE)/*.npz))) runs/all_motion
	for config in $(STAGES); do \
		case $$config in \
			pstmo_coco_27_stage7) data=runs/motion ;; \
			pstmo_coco_27_stage[89] | pstmo_coco_27_stage10 | *_coco_27) data=runs/all_motion ;; \
			mixsynthformer_human36m17_* | mixsynthformer_predict) data=runs/all_motion ;; \
			*) data=$(DATA) ;; \
		esac; \
		$(POSE3D) train $$config -o runs/$$config --data $$data || exit 1; \
		case $$config in \
			*_stage*) ;; \
			*_27) cp runs/$$config/best.pt assets/$${config%_27}.pt ;; \
			*) cp runs/$$config/best.pt assets/$$config.pt ;; \
		esac; \
	done
	for what in error_bars unseen; do \
		$(BIN)/python -m pose3d_cli.training.$$what --data $(DATA) $(MORE) --keep runs/$$what -o assets/$$what.json \
			--takes $$($(BIN)/python -c 'from pose3d_cli import config; \
				print(*config.load("pstmo_coco_27", [])["hold_out_takes"])') || exit 1; \
	done

clean:  ## remove .venv and everything made here, results too
	rm -rf .venv .wheels build dist out *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: setup.cfg pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed. Name one: make install PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv \
		|| { echo "Python's venv module is incomplete. On Debian: apt-get install python3-venv"; exit 1; }
	$(PIP) -e .
	@touch $@

.venv/dev: .venv/installed
	$(PIP) -e '.[dev]'
	@touch $@

# What tracking is scored with, and other trackers beside it. They ask for another numpy and another OpenCV than those
# here, and do without; that is taken out of their lists, so that pip check stays content.
.venv/bench: .venv/dev
	$(PIP) --no-deps trackeval trackers supervision
	$(PIP) defusedxml pydeprecate requests tqdm
	for name in trackeval trackers; do \
		sed -i '/^Requires-Dist: \(numpy\|opencv-python\|pycocotools\|tabulate\)\b/d' \
			.venv/lib/python3.*/site-packages/$$name-*.dist-info/METADATA || exit 1; \
	done
	@touch $@

# Pinned like the rest; setup.cfg says why mmpose and mmcv come without their own lists of packages. What they do without
# here is taken out of those lists, so that pip check stays content.
.venv/mmpose: .venv/installed
	$(PIP) -e '.[mmpose]'
	$(PIP) --no-deps mmcv-lite mmpose==1.3.2
	for name in mmcv_lite mmpose; do \
		sed -i '/^Requires-Dist: \(chumpy\|mmengine\|opencv-python\|torchvision\)\b/d' \
			.venv/lib/python3.*/site-packages/$$name-*.dist-info/METADATA || exit 1; \
	done
	@touch $@
