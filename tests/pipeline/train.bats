load helper
bats_require_minimum_version 1.5.0

# A study of 60, and a model of it.
study() {
	hmm-phantom -o study --subjects 60 --size 16 --slices 2 --missing 0.2 -s 3
	hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
}
learn() { # OPTION...
	hypermm train -w vgg.safetensors -o out -c cache --label diagnosis --positive AD --ratio 3:1:2:4 -s 2 -j 1 \
		--condition '--epochs 2' --rho '--epochs 2' "$@" study 2>said
}
predict() { # OPTION...
	hypermm predict -j 1 "$@" 2>said
}

@test "train, predict: what it says of a study is what its own pipe says; the model can be moved" {
	study
	learn >printed
	[ "$(ls out/model | paste -sd,)" = calibration.tsv,model.json,phi.safetensors,rho.safetensors,vgg.safetensors ]
	cmp vgg.safetensors out/model/vgg.safetensors
	[ "$(jq -r '.format, (.modalities | join("+")), .cohort.train.patients, .predicts.positive' out/model/model.json | paste -sd' ')" = "1 T1w+trc-18FFDG_pet 18 AD" ]
	[ "$(jq .threshold.value out/model/model.json)" = "$(awk -F'\t' '$2 == "threshold" { print $3 + 0 }' OFMT=%.12g out/evidence/scores.tsv)" ]
	grep -q '^auc ' printed
	# nobody's name is in it
	! grep -l sub- out/model/* || return 1
	mv out/model elsewhere
	cp -r out/evidence evidence
	rm -r out
	predict -m elsewhere -o all.tsv study
	diff <(cut -f 1,5,6,7 evidence/hypermm/predictions.tsv | sort) <(cut -f 1,5,6,7 all.tsv | sort)
	# calibrated alike, sets for everybody
	diff <(awk -F'\t' '$3 == "test" { print $1, $10, $11, $12 }' evidence/calibrated.tsv | sort) \
		<(awk -F'\t' 'NR == FNR { if ($3 == "test") test[$1]; next } $1 in test { print $1, $10, $11, $12 }' evidence/calibrated.tsv all.tsv | sort)
	[ "$(cut -f 11 all.tsv | grep -c n/a)" = 0 ]
	awk -F'\t' -v t="$(jq .threshold.value elsewhere/model.json)" 'NR > 1 && $13 != ($6 > t) { exit 1 }' all.tsv
	# one patient with one modality, and the same by the folder above
	predict -m elsewhere --subject sub-002 T1w=study/sub-002/anat/sub-002_T1w.nii.gz >one.tsv
	[ "$(wc -l <one.tsv)" = 2 ]
	[ "$(cut -f 5 one.tsv | tail -n 1)" = "$(awk -F'\t' '$1 == "sub-002" && $7 == "T1w" { print $5 }' evidence/predictions.tsv)" ]
}

@test "train: what is there is not made again, what was trained on other labels is" {
	study
	learn >/dev/null
	made() { find out -name '*.safetensors' -path '*evidence*' -printf '%p %i %T@\n' | sort; }
	before=$(made)
	learn >/dev/null
	[ "$before" = "$(made)" ]
	[ "$(grep -c 'trained again' said)" = 0 ]
	learn --rho '--epochs 1' >/dev/null
	grep -q '^hypermm: other features or options than before, trained again' said
	[ "$(wc -l <out/evidence/hypermm/rho.tsv)" = 2 ]
	sed -i 's/^\(sub-00[123]\t.*\)AD/\1CN/' study/participants.tsv
	learn --rho '--epochs 1' >/dev/null
	[ "$(grep -c 'trained again' said)" = 4 ]
}

@test "train: interrupted anywhere and called again, it makes the same model" {
	study
	mkdir temporary
	learn >/dev/null
	mv out want
	rm -r cache
	broken=0
	until TMPDIR=$PWD/temporary timeout -s INT "$((broken / 4)).$((broken % 4 * 25 + 10))" hypermm train -w vgg.safetensors -o out -c cache \
		--label diagnosis --positive AD --ratio 3:1:2:4 -s 2 -j 1 --condition '--epochs 2' --rho '--epochs 2' study >/dev/null 2>said; do
		broken=$((broken + 1))
		[ $broken -lt 40 ]
		# nothing half is left, a moment after the last of all that was started
		for try in 1 2 3 4 5 6 7 8 9; do
			left=$(find out cache temporary -name '*.new' -o -name '*.tmp*' -o -path 'temporary/*' 2>/dev/null) || true
			[ -n "$left" ] || break
			sleep 0.1
		done
		[ -z "$left" ] || { echo "$left"; return 1; }
	done
	echo "$broken times"
	[ $broken -ge 3 ]
	diff -r want/model out/model
	for table in scores subsets baselines shortcuts; do cmp want/evidence/$table.tsv out/evidence/$table.tsv; done
}

@test "train: a folder with a name of awk's, one that is in use, values that are found out at once" {
	study
	sed -i 's/^\(sub-001\t.*\)\(AD\|CN\)/\1AD/; s/^\(sub-002\t.*\)\(AD\|CN\)/\1CN/' study/participants.tsv
	cp study/sub-001/anat/sub-001_T1w.nii.gz study/sub-002/anat/sub-002_T1w.nii.gz
	all=(hypermm train -w vgg.safetensors -c cache --label diagnosis --positive AD -j 1 --condition '--epochs 1' --rho '--epochs 1')
	run --separate-stderr "${all[@]}" -o a=b study </dev/null
	[ "$status" = 1 ]
	[[ "${stderr_lines[-1]}" == 'train: ./a=b/manifest.tsv: the audit found errors (--no-check goes on)' ]]
	"${all[@]}" -o a=b --no-check study </dev/null >/dev/null 2>&1
	[ -s a=b/model/model.json ]
	mv study '('
	hypermm predict -m a=b '(' 2>/dev/null | wc -l | grep -qx 61
	mv '(' study
	# two at once
	flock a=b/.hypermm sleep 5 &
	sleep 0.3
	refuse 1 'train: ./a=b: another hypermm works there' "${all[@]}" -o a=b study
	kill $!
	for wrong in '--threshold foo' '--threshold 1.5' '--alpha 7'; do refuse 2 "train: ${wrong% *}: found '${wrong#* }'" "${all[@]}" -o new $wrong study; done
	[ ! -e new ]
	for wrong in '--by nosuch' '--covariates sex,nosuch'; do
		run --separate-stderr "${all[@]}" -o new $wrong study
		[ "$status" = 2 ]
		[ "${stderr_lines[-1]}" = "train: ${wrong% *}: no column 'nosuch' in new/manifest.tsv (try hypermm train --help)" ]
	done
	run --separate-stderr hypermm train -w vgg.safetensors -c cache -o other study
	[ "${stderr_lines[-1]}" = 'train: other/manifest.tsv: nobody has a label (--label says which column)' ]
	"${all[@]}" -o third --no-check --threshold 1e-1 study >/dev/null 2>&1
	[ "$(jq .threshold.value third/model/model.json)" = 0.1 ]
}

@test "train: several seeds, their mean and SD; the first is the model" {
	study
	learn --seeds 3 >printed
	[ "$(ls out/seeds | paste -sd,)" = 3,4 ]
	grep -qE '^auc of 3 seeds: 0\.[0-9]{3}, SD 0\.[0-9]{3}$' printed
	awk -F'\t' 'NR > 1 && $9 != 3 { exit 1 }' out/seeds.tsv
	cmp out/model/rho.safetensors out/evidence/hypermm/rho.safetensors
	differ out/model/rho.safetensors out/seeds/3/hypermm/rho.safetensors
	# of a run before
	learn --seeds 2 >/dev/null
	[ "$(ls out/seeds | paste -sd,)" = 3 ]
	learn >/dev/null
	[ -z "$(ls out | grep seeds)" ]
}

@test "train: a dry run prints the pipes, makes nothing, and they make the model" {
	study
	learn --dry-run >plan
	[ ! -e out ]
	[ ! -e cache ]
	grep -q '^    hmm-rho --train ' plan
	# as a person would paste them
	mkdir -p out/evidence/{hypermm,majority,linear-mean,linear-concat,curves}
	bash -e plan 2>/dev/null || { cat plan; return 1; }
	mv out pasted
	learn >/dev/null
	cmp pasted/evidence/hypermm/rho.safetensors out/evidence/hypermm/rho.safetensors
	cmp pasted/evidence/subsets.tsv out/evidence/subsets.tsv
	learn --rho '--epochs 1' --trace >/dev/null
	grep -q '^    hmm-rho --train -j 1 -s 2 --epochs 2 --epochs 1 ' said || { cat said; return 1; }
}

@test "train: a manifest's own splits stay; a checkpoint of PyTorch does for weights" {
	study
	hmm-manifest --bids study --label diagnosis --positive AD | hmm-split --ratio 1:1:1 -s 5 >mine.tsv
	hypermm train -w vgg.safetensors -o out -c cache -j 1 --condition '--epochs 1' --rho '--epochs 1' mine.tsv >/dev/null 2>said
	diff <(hmm-table --plain mine.tsv) out/manifest.tsv
	grep -q 'no split cal' said
	[ "$(jq -r .calibration.of out/model/model.json)" = val ]
	refuse 2 'train: --label goes with a folder' hypermm train -w vgg.safetensors -o other --label x mine.tsv
	# its convolutions alone, and another's where another is given
	for weights in vgg11-fd963b32.pth vgg13-f82b5731.pth; do
		hypermm train -w "$root/tests/golden/$weights" -o pth -c cache -j 1 --condition '--epochs 1' --rho '--epochs 1' mine.tsv >/dev/null 2>said
		hmm-weights -q --features -o wanted.safetensors "$root/tests/golden/$weights"
		cmp wanted.safetensors pth/vgg.safetensors
	done
}

@test "train: what cannot be a study, and an audit with errors" {
	study
	mkdir empty
	refuse 1 'train: empty: no BIDS .*--pattern' hypermm train -w vgg.safetensors -o out empty
	refuse 1 'train: absent.tsv: cannot read' hypermm train -w vgg.safetensors -o out absent.tsv
	refuse 2 "train: want --weights" hypermm train -o out study
	cp study/sub-001/anat/sub-001_T1w.nii.gz study/sub-002/anat/sub-002_T1w.nii.gz
	sed -i 's/^\(sub-001\t.*\)\(AD\|CN\)/\1AD/; s/^\(sub-002\t.*\)\(AD\|CN\)/\1CN/' study/participants.tsv
	run learn
	[ "$status" = 1 ]
	grep -q '^train: out/manifest.tsv: the audit found errors (--no-check goes on)' said
	learn --no-check >/dev/null
}

@test "predict: what does not fit is refused by name; who was trained on is named" {
	study
	learn >/dev/null
	t1w=T1w=study/sub-001/anat/sub-001_T1w.nii.gz
	seen=$(awk -F'\t' '$5 == "train" { print $1; exit }' out/manifest.tsv)
	predict -m out --subject "$seen" "$t1w" >/dev/null
	grep -qx "predict: warning: $seen: the model was trained on this patient" said
	# of a manifest too, whatever part it says
	predict -m out -o all.tsv out/manifest.tsv
	[ "$(grep -c 'the model was trained on this patient' said)" = 10 ]
	grep -qx 'predict: warning: and on 14 more' said
	run predict -m out CT=study/sub-001/anat/sub-001_T1w.nii.gz
	[ "$status" = 1 ]
	grep -q "modality 'CT'" said
	refuse 2 "predict: 'x.nii': want MODALITY=IMAGE" hypermm predict -m out "$t1w" x.nii
	refuse 1 'predict: nowhere/model.json: cannot read' hypermm predict -m nowhere "$t1w"
	cp -r out/model other
	jq '.format = 2' out/model/model.json >other/model.json
	refuse 1 'predict: other/model.json: not of a model that this hypermm train made' hypermm predict -m other "$t1w"
	# another VGG
	cp out/model/model.json other
	hmm-weights -q --random vgg11 --width 0.03 -s 2 -o other/vgg.safetensors
	run predict -m other "$t1w"
	[ "$status" = 1 ]
	grep -q 'was made by hmm-vgg with weights=' said
	# options of a model that are none of its programs', nor words for anything else
	cp out/model/vgg.safetensors other
	sed 's/axis=axial nan=error/subject=x axis=axial/g' out/model/phi.safetensors >other/phi.safetensors
	jq --arg digest "$(sha256sum <other/phi.safetensors | cut -d ' ' -f 1)" '.sha256["phi.safetensors"] = $digest' out/model/model.json >other/model.json
	refuse 1 "predict: other/phi.safetensors: made by hmm-slice with 'subject=x " hypermm predict -m other "$t1w"
	# files that are not the card's, and a card whose values would be options
	cp out/model/* other
	sed 's/axis=axial nan=error/subject=x axis=axial/g' out/model/phi.safetensors >other/phi.safetensors
	refuse 1 'predict: other: its files are not those that model.json has digests of' hypermm predict -m other "$t1w"
	cp out/model/* other
	for value in '.alpha = "0.1\n--report\nwritten"' '.method = "platt\n--report\nwritten"'; do
		jq ".calibration$value" out/model/model.json >other/model.json
		refuse 1 'predict: other/model.json: not of a model that this hypermm train made' hypermm predict -m other "$t1w"
		[ ! -e written ]
	done
	# what is no regular file stays what it is, a link stays a link
	mkfifo pipe
	refuse 1 'predict: pipe: not a regular file, and is not replaced' hypermm predict -m out -o pipe "$t1w"
	ln -s target link
	hypermm predict -m out -o link "$t1w"
	[ -L link ]
	[ "$(wc -l <target)" = 2 ]
	refuse 2 'predict: --subject: found a name with control characters' hypermm predict -m out --subject $'a\tb' "$t1w"
}

@test "evaluate: as it is, and after the intercept's update; who was trained on is refused" {
	study
	learn >/dev/null
	hmm-phantom -o other --subjects 40 --size 16 --slices 2 --missing 0.2 -s 9
	for sub in other/sub-*; do mv "$sub" "${sub/sub-/sub-b}"; done
	find other -name 'sub-0*' | while read -r file; do mv "$file" "${file%/*}/sub-b${file##*/sub-}"; done
	sed -i 's/^sub-/sub-b/' other/participants.tsv
	hypermm evaluate -m out -o ev --label diagnosis --positive AD --by sex -s 1 -j 1 other >printed 2>said
	hmm-score -s 1 --threshold "$(jq .threshold.value out/model/model.json)" --net-benefit 0.1,0.2,0.3 ev/predictions.tsv 2>/dev/null | cmp - ev/scores.tsv
	[ "$(awk -F'\t' 'NR > 1 { print $3 }' ev/updated.tsv | sort | uniq -c | tr -s ' ' | paste -sd,)" = ' 12 cal, 28 test' ]
	# of those who update it citl is 0
	hmm-score -q --bootstrap 0 --split cal --metrics citl --probability calibrated ev/updated.tsv | awk -F'\t' 'NR == 2 && ($3 > 1e-4 || $3 < -1e-4) { exit 1 }'
	for table in scores calibrated by before after; do sed -n "/^$table\$/,/^\$/p" printed | sed '1d;/^$/d' | diff - ev/$table.tsv; done
	run --separate-stderr hypermm evaluate -m out -o again --label diagnosis --positive AD study
	[ "$status" = 1 ]
	[[ "${stderr_lines[-1]}" == 'evaluate: the model was trained on 24 of these patients (--no-check goes on), such as sub-'* ]]
	# whatever its parts are called in the manifest
	run --separate-stderr hypermm evaluate -m out -o again out/manifest.tsv
	[ "$status" = 1 ]
	[[ "${stderr_lines[-1]}" == 'evaluate: the model was trained on 24 of these patients'* ]]
	# of one study the part that nobody has learned from
	hypermm evaluate -m out -o own --split test --update 0 -j 1 out/manifest.tsv >/dev/null
	diff <(awk -F'\t' '$5 == "test" { print $1 }' out/manifest.tsv | sort -u) <(tail -n +2 own/predictions.tsv | cut -f 1 | sort)
	[ ! -e own/updated.tsv ]
}

@test "crossvalidate: everybody is predicted once by a model that has not seen them; k models are one" {
	study
	hypermm crossvalidate -w vgg.safetensors -o cv --folds 4 --label diagnosis --positive AD -s 2 -j 1 \
		--condition '--epochs 1' --rho '--epochs 1' study >/dev/null 2>said
	[ "$(awk -F'\t' '$3 == "test" { print $1 }' cv/predictions.tsv | sort | uniq -d | wc -l)" = 0 ]
	[ "$(awk -F'\t' '$3 == "test"' cv/predictions.tsv | wc -l)" = 60 ]
	[ "$(awk -F'\t' '$3 == "test" { print $NF }' cv/predictions.tsv | sort -u | paste -sd,)" = 1,2,3,4 ]
	awk -F'\t' '$2 == "auc" && $8 != "runs" { exit 1 }' cv/scores.tsv
	# the mean of four logits, calibrated on those left out
	predict -m cv --subject new T1w=study/sub-001/anat/sub-001_T1w.nii.gz >one.tsv
	hmm-slice -q --subject new T1w=study/sub-001/anat/sub-001_T1w.nii.gz | hmm-vgg -q -w vgg.safetensors >f.hmm
	for fold in 1 2 3 4; do
		hmm-condition -w cv/folds/$fold/hypermm/phi.safetensors <f.hmm | hmm-setsum | hmm-rho -w cv/folds/$fold/hypermm/rho.safetensors
	done | awk -F'\t' '$1 == "new" { sum += $5 } END { printf "%.9g\n", sum / 4 }' | diff - <(cut -f 5 one.tsv | tail -n 1)
	[ "$(awk -F'\t' 'NR > 1 && $9 == "n/a"' cv/model/calibration.tsv | wc -l)" = 60 ]
	refuse 2 'crossvalidate: --folds: found 3' hypermm crossvalidate -w vgg.safetensors -o x --folds 3 study
}
