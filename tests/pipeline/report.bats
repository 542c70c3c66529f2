load helper

study() {
	command -v mustache >/dev/null || skip "no mustache"
	hmm-phantom -o study --subjects 60 --size 16 --slices 2 --missing 0.2 -s 3
	hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	hypermm train -w vgg.safetensors -o out -c cache --label diagnosis --positive AD --ratio 3:1:2:4 -s 2 -j 1 --by sex --covariates age \
		--condition '--epochs 2' --rho '--epochs 2' study >train.said 2>&1 || { cat train.said; return 1; }
}

# Names that a template asks for.
tags() {
	grep -o '{{[#^]\?[a-z_.]*}}' "$root/pipelines/page/$1" | tr -d '{}#^' | sort -u
}

@test "report: one page that loads nothing, with every name that its template asks for" {
	study
	printf '%s\n' 'TRIPOD+AI 18b: <b>None & nobody</b>.' '' 'TRIPOD+AI 99: there is none' 'TRIPOD+AI 18c:' >study.txt
	hypermm report out --title 'Of <i>phantoms</i> & "others"' --study study.txt --sheets 3 2>said
	grep -qx 'report: --study: warning: no item of a checklist and its text: line 3,4' said
	[ -s out/report.html ]
	# escaped
	grep -q '<h1>Of &lt;i&gt;phantoms&lt;/i&gt; &amp; &quot;others&quot;</h1>' out/report.html
	grep -q '&lt;b&gt;None &amp; nobody&lt;/b&gt;' out/report.html
	# no script, no load
	! grep -oE '<script|<link rel="stylesheet|(src|href)="(https?:)?//[^"]*' out/report.html || return 1
	! grep -oE '(src|href)="[^#d][^"]*' out/report.html || return 1
	[ "$(grep -c 'data:image/png;base64' out/report.html)" -ge 1 ]
	# ids are of one thing each
	[ -z "$(grep -oE " id=[\"'][^\"']*" out/report.html | sort | uniq -d)" ]
	[ "$(grep -c '<svg role="img"' out/report.html)" = 7 ]
	# the numbers are the tables'
	auc=$(awk -F'\t' '$2 == "auc" { printf "%.3f", $3 }' out/evidence/scores.tsv)
	grep -q "<tr><th scope=\"row\">area under the ROC curve</th><td>$auc</td>" out/report.html
	[ "$(jq '.checklists | map(.items | length) | add' out/report.json)" = 119 ]
	[ "$(jq -r '.checklists[] | select(.name == "TRIPOD+AI") | .items[] | select(.item == "18b") | .answer' out/report.json)" = '<b>None & nobody</b>.' ]
	[ "$(jq -r '.checklists[] | select(.name == "TRIPOD+AI") | .items[] | select(.item == "18c") | .answer' out/report.json)" = 'for you to write' ]
	# a name that nothing makes would be a hole that nobody sees
	for template in "$root"/pipelines/page/*.mustache; do
		template=$(basename "$template")
		tags "$template" | tr . '\n' | sort -u | while read -r tag; do
			[ -z "$tag" ] || grep -qw -- "${tag#has_}" "$root"/pipelines/page/{report,run,data,tables,acquisition}.jq "$root"/pipelines/{report,bids,pages} out/evidence/*.tsv ||
				{ echo "no $tag for $template"; return 1; }
		done
	done
	[ "$(jq '[.metrics, .cohort.rows, .patterns, .subgroups, .baselines, .worth, .shortcuts, .errors, .digests, .software] | map(length > 0) | all' out/report.json)" = true ]
	# what each stage took, and each system
	[ "$(jq -r '.seconds[].what' out/report.json | paste -sd,)" = "manifest and audit,features,systems and evidence,model$(
		printf ',of these training and prediction of %s' hypermm linear-concat linear-mean majority)" ]
	[ "$(jq -r '.seconds[:4][].seconds' out/report.json)" = "$(tail -n +2 out/seconds.tsv | cut -f 2)" ]
	# how images were acquired: of the sidecar above all, but of one that has its own
	[ "$(jq -r '.acquisition[] | select(.name == "TracerName") | .values' out/report.json)" = "FDG ($(grep -c _pet out/manifest.tsv))" ]
	# the same again
	cp out/report.html before.html
	hypermm report out --title 'Of <i>phantoms</i> & "others"' --study study.txt --sheets 3 2>/dev/null
	cmp out/report.html before.html
	one=$(find study -name '*_pet.nii.gz' | sort | head -n 1)
	printf '{"Manufacturer": "<b>Other</b>",\n"TracerRadionuclide": "\\u0080x"}' >"${one%.nii.gz}.json" # without an end
	echo 'no JSON' >study/sub-001/sub-001_T1w.json
	hypermm report out --sheets 0 2>said
	grep -qx 'report: warning: study/sub-001/sub-001_T1w.json: no JSON, left out' said
	[ "$(jq -r '.acquisition[] | select(.name == "Manufacturer") | .values' out/report.json)" = "<b>Other</b> (1), none ($(($(grep -c _pet out/manifest.tsv) - 1)))" ]
	grep -q '&lt;b&gt;Other&lt;/b&gt; (1), none' out/report.html
}

@test "report: of an evaluation and of folds; of nothing else" {
	study
	hypermm evaluate -m out -o ev --label diagnosis --positive AD --no-check -j 1 study >/dev/null 2>&1
	hypermm report ev --sheets 0 2>said
	# whom the model has seen
	[ "$(jq -r '.summary[1]' ev/report.json)" = 'The model was trained on 24 of these patients: the numbers below are too good.' ]
	! grep -q 'no training has seen' ev/report.html || return 1
	grep -q 'After an update of the intercept' ev/report.html
	jq -e '.what == "External evaluation" and (.updated | length) == 7 and (.sheets == null)' ev/report.json
	hypermm crossvalidate -w vgg.safetensors -o cv -c cache --folds 4 --label diagnosis --positive AD -s 2 -j 1 \
		--condition '--epochs 1' --rho '--epochs 1' --setsum '--draws=2 --subsets random' study >/dev/null 2>&1
	hypermm report cv --sheets 1 2>said
	[ "$(grep -c '<svg role="img"' cv/report.html)" = 13 ]
	grep -q 'the mean of the folds.*own, each by youden on its split cal' cv/report.html
	# four of those who were called wrongly, each once
	grep -o 'alt="sub[^"]*"' cv/report.html | sed -n '2s/.*="\(.*\)"/\1/p' | sed 's/, /\n/g' >wrong
	[ "$(sort -u wrong | wc -l)" = 4 ]
	refuse 1 'report: study: not what hypermm train, evaluate, crossvalidate or run leave' hypermm report study
	# of two runs in one folder there is no page
	rm cv/.finished
	refuse 1 'report: cv: a run was broken off there; call it again before' hypermm report cv
	# a page that is older than its numbers
	touch -d yesterday ev/report.html
	again() { hypermm evaluate -m out -o ev --label diagnosis --positive AD --no-check -j 1 study 2>&1 >/dev/null; }
	again | grep -qx 'ev/report.html is of before; hypermm report makes it anew'
	hypermm report ev --sheets 0 2>/dev/null
	[ -z "$(again | grep 'of before')" ]
	# from anywhere else
	(cd / && hypermm report "$OLDPWD/ev" --sheets 0 2>/dev/null)
	refuse 2 "report: --sheets: found 'x'" hypermm report --sheets x out
	# an image that nobody could read
	one=$(awk -F'\t' '$2 == "T1w" && $4 == $1 { print $6; exit }' ev/manifest.tsv)
	echo broken >"$one"
	hypermm evaluate -m out -o ev --label diagnosis --positive AD --no-check -k -j 1 study >/dev/null 2>&1 || true
	hypermm report ev --sheets 0 2>/dev/null
	jq -r '.flow.left_out[]' ev/report.json | grep -qx '1 of the images could not be read: left out'
}

@test "bids: a derivative with what BIDS wants, by participant and by group" {
	study
	before=$(find study | sort | xargs ls -ld --time-style=full-iso | sha256sum)
	bids() { hypermm bids "$@" --nprocs 1 2>said; }
	bids study deriv participant -m out/model --participant_label 001 sub-002 -w work
	[ "$(cd deriv && echo sub-*/)" = 'sub-001/ sub-002/' ]
	jq -e --arg version "$(hmm-score --version)" '.DatasetType == "derivative" and .Name and .BIDSVersion and "hmm-score " + .GeneratedBy[0].Version == ($version | sub(" [(].*"; "")) and (.GeneratedBy | type) == "array" and .GeneratedBy[0].Name == "hypermm" and .DatasetLinks.raw' deriv/dataset_description.json
	[ "$(cut -f 1 deriv/participants.tsv | paste -sd,)" = participant_id,sub-001,sub-002 ]
	jq -e .Description deriv/participants.json
	# each feature file is its image's, and has its sidecar
	for file in deriv/sub-*/*/*.hmm; do
		jq -e '.Sources[0]' "${file%.hmm}.json" | grep -q bids:raw:sub-
		hmm-show "$file" >/dev/null
	done
	hmm-slice -q --subject sub-001 T1w=study/sub-001/anat/sub-001_T1w.nii.gz | hmm-vgg -q -w vgg.safetensors | hmm-show | awk -F'\t' '/^sub/ { print $12 }' |
		diff - <(hmm-show deriv/sub-001/anat/sub-001_mod-T1w_desc-vgg_features.hmm | awk -F'\t' '/^sub/ { print $12 }')
	# every column of a table is described, every file that BIDS does not know is ignored
	for column in $(head -n 1 deriv/sub-001/sub-001_desc-hypermm_predictions.tsv); do
		jq -e --arg c "$column" '.[$c].Description' deriv/sub-001/sub-001_desc-hypermm_predictions.json >/dev/null || { echo "$column"; return 1; }
	done
	grep -qx '\*_features.\*' deriv/.bidsignore
	! grep '/$' deriv/.bidsignore || return 1
	grep -q '<h1>sub-001</h1>' deriv/sub-001.html
	predicted=$(cut -f 5 deriv/sub-001/sub-001_desc-hypermm_predictions.tsv | tail -n 1)
	[ "$predicted" = "$(awk -F'\t' '$1 == "sub-001" { print $5 }' out/evidence/hypermm/predictions.tsv)" ]
	# more participants come beside them, and the group has all
	bids study deriv participant -m out/model --participant-label 003 -w work
	bids study deriv group -m out/model -w work
	[ "$(cut -f 1 deriv/desc-hypermm_predictions.tsv | paste -sd,)" = subject,sub-001,sub-002,sub-003 ]
	[ "$before" = "$(find study | sort | xargs ls -ld --time-style=full-iso | sha256sum)" ]
}

@test "bids: filters, wrong calls, and a participant that fails" {
	study
	go() { hypermm bids study deriv participant -w work --nprocs 1 "$@"; }
	refuse 2 'bids: --participant-label 099: no sub-099' go -m out/model --participant-label 099
	refuse 2 'bids: OUTPUT_DIR is BIDS_DIR; try study/derivatives/hypermm' hypermm bids study study participant -m out/model
	refuse 2 'bids: --work-dir study/work: within BIDS_DIR' hypermm bids study deriv participant -m out/model -w study/work
	refuse 2 "bids: found 'both', want participant or group" hypermm bids study deriv both -m out/model
	refuse 2 'bids: want --model, or --weights' go
	refuse 70 'bids: nowhere: no folder' hypermm bids nowhere deriv participant -m out/model
	refuse 70 'nowhere/model.json: cannot read' go -m nowhere
	echo '{"T2w": {"run": 1}}' >filter.json
	refuse 2 'no image has the suffix T2w' go -m out/model --bids-filter-file filter.json
	echo '{"t1w": {"acquisitoin": "x"}}' >filter.json
	refuse 2 'no entity is called acquisitoin' go -m out/model --bids-filter-file filter.json
	echo 'x' >filter.json
	refuse 2 'want JSON such as' go -m out/model --bids-filter-file filter.json
	[ ! -e deriv/participants.tsv ]
	# of T1w those of one subject, of PET all
	echo '{"T1w": {"subject": ["001", "004"]}, "pet": {"tracer": "18FFDG", "run": null}}' >filter.json
	go --weights vgg.safetensors --bids-filter-file filter.json --participant-label 001 002 2>said
	[ "$(cd deriv && find . -name '*.hmm' | sort | paste -sd' ')" = './sub-001/anat/sub-001_mod-T1w_desc-vgg_features.hmm ./sub-001/pet/sub-001_trc-18FFDG_mod-pet_desc-vgg_features.hmm ./sub-002/pet/sub-002_trc-18FFDG_mod-pet_desc-vgg_features.hmm' ]
	grep -q 'No model was given' deriv/sub-001.html
	cp -r study broken
	for image in broken/sub-002/*/*.nii.gz; do : >"$image"; done
	run hypermm bids broken other participant -m out/model -w work2 --nprocs 1 --participant-label 001 002
	[ "$status" = 1 ]
	[[ "$output" == *'bids: sub-002: failed: none of its images has features'* ]]
	[ -s other/sub-001/sub-001_desc-hypermm_predictions.tsv ]
	[ ! -e other/sub-002 ]
	hypermm bids --version | grep -q '^h'
}
