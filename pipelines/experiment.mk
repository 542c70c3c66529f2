# experiment.mk: systems in scenarios of missing data, repeated over splits, as targets: splits,
# checks, scenarios, cells, scores, tests, table, figures. It runs in the folder of an experiment,
# where hypermm table has left setting/ and plan.mk: make sees slugs and numbers only, and the
# recipes (step) read from files what they stand for.
#
# A cell depends on its stamp (options, weights, manifest, numerics) and its scenario's manifest. Of a
# system whose sets are completed that manifest has rows of imputed images beside the others, by
# generators of the scenario's own training patients: an imputation is their training, and then that
# manifest. Systems of a scenario share it where they want the same.
# RUN is put before each cell's command, such as RUN='srun -n1 -c1'. What it is may read standard
# input, which is of whoever called make.
SHELL := /bin/bash
.SHELLFLAGS := -pc
MAKEFLAGS += --no-builtin-rules --no-print-directory
HMM_HERE ?= $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
HMM_JOBS ?= 1
export HMM_HERE HMM_JOBS
step = "$$HMM_HERE/step"

# scenarios, runs, splits, methods that impute; and of each scenario its runs, systems, imputations, reference, and whether
# its manifests are given; of each SCENARIO/SYSTEM which other one trained it, and its imputation
include plan.mk

split_files := $(splits:%=splits/%.tsv)
check_files := $(if $(audit),$(splits:%=check/%.tsv))
manifests := $(foreach s,$(scenarios),$(if $($s.given),,$($s.runs:%=cells/$s/%.tsv)))
both := $(foreach s,$(scenarios),$($s.systems:%=$s/%))
# a repeat is whole before the next begins
cell_files := $(foreach r,$(runs),$(foreach s,$(scenarios),$(if $(filter $r,$($s.runs)),\
	$($s.systems:%=cells/$s/%/$r/predictions.tsv))))
generator_files := $(foreach s,$(scenarios),$(foreach i,$($s.imputations),\
	$($s.runs:%=imputed/$s/$i/%/generators)))
completed := $(generator_files:%/generators=%.tsv)
similarity_files := $(generator_files:%/generators=%.similarity)
score_files := $(both:%=cells/%/scores.tsv)
test_files := $(foreach s,$(scenarios),$(if $($s.reference),cells/$s/tests.tsv))
table_files := table.tsv table.md table.tex
sheet_files := $(methods:%=figures/imputed-%.png)
curve_files := $(foreach b,$(both),$(if $($b.trained),,cells/$b/curves))
band_files := $(foreach s,$(scenarios),figures/$s-roc.svg figures/$s-pr.svg)

.PHONY: all splits checks scenarios generators cells scores tests table figures
.SUFFIXES:
.SECONDARY:
all: cells table $(if $(figures_too),figures)
splits: $(split_files)
checks: $(check_files)
scenarios: $(manifests)
generators: $(generator_files)
cells: $(cell_files)
scores: $(score_files)
tests: $(test_files)
table: $(table_files)
figures: table.svg $(band_files) $(curve_files) $(sheet_files) $(if $(methods),similarity.tsv)

$(split_files): splits/%.tsv: manifest.tsv setting/ratio setting/seed
	@$(step) split $*
$(check_files): check/%.tsv: splits/%.tsv setting/names
	@$(step) check $*
features.tsv: setting/names | $(check_files)
	@$(step) features

$(foreach s,$(scenarios),$(eval $(filter cells/$s/%,$(manifests)): cells/$s/drop))
$(manifests): cells/%.tsv: features.tsv setting/ratio setting/seed
	@$(step) scenario $*

$(foreach s,$(scenarios),$(foreach i,$($s.imputations),$(foreach r,$($s.runs),$(eval \
	imputed/$s/$i/$r/generators: cells/$s/$r.tsv imputed/$s/$i/stamp))))
$(generator_files): imputed/%/generators:
	@$(RUN) $(step) generators $* </dev/null
$(completed): imputed/%.tsv: imputed/%/generators
	@$(step) completed $*

$(foreach b,$(both),$(foreach r,$($(patsubst %/,%,$(dir $b)).runs),$(eval \
	cells/$b/$r/predictions.tsv: $(if $($b.imputed),imputed/$(dir $b)$($b.imputed),cells/$(patsubst \
		%/,%,$(dir $b)))/$r.tsv cells/$b/stamp \
		$(if $($b.trained),cells/$($b.trained)/$r/predictions.tsv))))
$(cell_files): cells/%/predictions.tsv:
	@$(RUN) $(step) cell $* </dev/null

predictions = $($(patsubst %/,%,$(dir $1)).runs:%=cells/$1/%/predictions.tsv) cells/$(dir $1)runs
$(foreach b,$(both),$(eval cells/$b/scores.tsv cells/$b/curves: $(call predictions,$b)))
$(foreach s,$(scenarios),$(eval cells/$s/tests.tsv figures/$s-roc.svg figures/$s-pr.svg: \
	$(foreach y,$($s.systems),$(call predictions,$s/$y)) index.tsv setting/split))
$(score_files): cells/%/scores.tsv: setting/split setting/seed
	@$(step) scores $*
$(test_files): cells/%/tests.tsv: cells/%/reference setting/seed
	@$(step) tests $*

$(table_files): table.%: index.tsv $(addprefix setting/,note published reference split) $(score_files) $(test_files)
	@$(step) table $*

table.svg: table.tsv
	@$(step) overview
$(band_files): figures/%.svg:
	@$(step) band $*
$(similarity_files): imputed/%.similarity: imputed/%/generators
	@$(step) compared $*
similarity.tsv: $(similarity_files)
	@$(step) similarity
$(sheet_files): figures/imputed-%.png: plan.mk setting/subjects setting/slices \
		$(filter %/1/generators,$(generator_files))
	@$(step) sheet $*
$(curve_files): cells/%/curves:
	@$(step) curves $*
