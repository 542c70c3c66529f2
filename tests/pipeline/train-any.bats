load helper
bats_require_minimum_version 1.5.0

# Two tables of 80, in which some lack a row and some a cell, and a manifest of them.
tables() {
	awk 'BEGIN { print "patient_id,crp,smoking"
		for (i = 1; i <= 80; i++) if (i % 9) printf "p%02d,%s,%s\n", i, i % 7 ? 5 + 4 * (i % 2) + 9 * sin(i * i) ^ 2 : "", i % 3 ? "never" : "former" }' >blood.csv
	awk 'BEGIN { print "patient_id,age"; for (i = 1; i <= 80; i++) if (i % 5) printf "p%02d,%d\n", i, 50 + i * 7 % 30 }' >clinic.csv
	awk 'BEGIN { print "patient_id,died"; for (i = 1; i <= 80; i++) printf "p%02d,%d\n", i, i % 2 }' >outcome.csv
	hmm-manifest -q --vectors blood=blood.csv --vectors clinic=clinic.csv --labels outcome.csv --label died 2>/dev/null >all.tsv
}
# 48 recordings of three channels.
signals() {
	awk 'BEGIN { print "@problemName gait"; print "@timestamps false"; print "@univariate false"; print "@classLabel true fast slow"; print "@data"
		for (i = 1; i <= 48; i++) { for (c = 1; c <= 3; c++) { for (t = 0; t < 40; t++) printf "%s%.3f", t ? "," : "", sin((i % 2 ? .5 : .3) * c * t + i) + sin(i * t * t + c); printf ":" }
			print i % 2 ? "fast" : "slow" } }' >gait.ts
	hmm-manifest -q --signals gait.ts 2>/dev/null >all.tsv
}
short=(-s 2 -j 1 --condition '--epochs 2 --batch 8' --rho '--epochs 2 --batch 8')
learn() { # OPTION...
	hypermm train -o out --ratio 3:1:2:4 "${short[@]}" "$@" 2>said
}

@test "train: vectors are coded as split train says, and the model takes its encoder along" {
	tables
	learn all.tsv >/dev/null
	[ "$(ls out/model | paste -sd,)" = calibration.tsv,encoder.safetensors,model.json,phi.safetensors,rho.safetensors ]
	hmm-record -q --train -o encoder <(awk -F'\t' 'NR == 1 || $5 == "train"' out/manifest.tsv)
	cmp encoder out/model/encoder.safetensors
	[ "$(sha256sum <encoder | cut -d ' ' -f 1)" = "$(jq -r '.sha256["encoder.safetensors"]' out/model/model.json)" ]
	[ "$(jq -c '[.images, .vectors.columns[0].columns[1].values, .cohort.train.vectors > 20]' out/model/model.json)" = '[null,["former","never"],true]' ]
	# what it says of the study is what its own pipe says, wherever the model is
	mv out/model elsewhere
	hypermm predict -m elsewhere -o all.out all.tsv 2>/dev/null
	hmm-record -q -w encoder all.tsv 2>/dev/null | hmm-condition -w elsewhere/phi.safetensors | hmm-setsum | hmm-rho -w elsewhere/rho.safetensors | cut -f 1,5 | diff - <(cut -f 1,5 all.out)
	diff <(cut -f 1,5,6,7 out/evidence/hypermm/predictions.tsv | sort) <(cut -f 1,5,6,7 all.out | sort)
	hypermm evaluate -m elsewhere -o ev --split test "${short[@]:0:4}" out/manifest.tsv >/dev/null 2>&1
	diff <(cut -f 2,3 out/evidence/scores.tsv | grep -w -e auc -e brier) <(cut -f 2,3 ev/scores.tsv | grep -w -e auc -e brier)
	# no update, however it is written, leaves none
	[ -e ev/updated.tsv ]
	hypermm evaluate -m elsewhere -o ev --split test --update 0.0 "${short[@]:0:4}" out/manifest.tsv >/dev/null 2>said
	! grep -q update said || return 1
	[ -z "$(ls ev | grep -x -e updated.tsv -e before.tsv -e after.tsv)" ]
	# of a manifest labels are its own
	awk -F'\t' -v OFS='\t' 'NR > 1 { $3 = "n/a" } 1' all.tsv >none.tsv
	! hypermm train -o none "${short[@]}" none.tsv 2>said || return 1
	[ "$(tail -n 1 said)" = 'train: none/manifest.tsv: nobody has a label, which hmm-manifest --label writes into it' ]
	# another encoder is none of this model's
	echo >>elsewhere/encoder.safetensors
	refuse 1 'predict: elsewhere: its files are not those that model.json has digests of' hypermm predict -m elsewhere all.tsv
}

@test "train: what vectors a table holds counts, and what is there is not made again" {
	tables
	learn all.tsv >/dev/null
	made() { find out/evidence/*/ -name '*.safetensors' -printf '%p %i %T@\n' | sort; }
	before=$(made)
	learn all.tsv >/dev/null
	[ "$before" = "$(made)" ]
	# the manifest is the same
	test=$(awk -F'\t' '$5 == "test" && $2 == "blood" { print $1; exit }' out/manifest.tsv)
	cp out/model/encoder.safetensors before
	sed -i "s/^$test,[^,]*,/$test,77,/" blood.csv
	learn all.tsv >/dev/null
	[ "$(grep -c 'trained again' said)" = 4 ]
	cmp before out/model/encoder.safetensors
}

@test "train: a dry run of vectors makes nothing, and its pipes make the model" {
	tables
	learn --dry-run all.tsv >plan
	[ "$(grep -c '^hmm-record -q --train' plan)" = 1 ]
	[ ! -e out ]
	mkdir -p out/evidence/{hypermm,majority,linear-mean,linear-concat,curves}
	bash -e plan 2>/dev/null || { cat plan; return 1; }
	mv out pasted
	learn all.tsv >/dev/null
	cmp pasted/evidence/hypermm/rho.safetensors out/evidence/hypermm/rho.safetensors
	cmp pasted/evidence/subsets.tsv out/evidence/subsets.tsv
}

@test "train: signals, whose channels may be unknown or missing" {
	signals
	learn --rocket '--features 84' all.tsv >/dev/null
	hmm-rocket -q --train --features 84 -o rocket out/manifest.tsv
	cmp rocket out/model/encoder.safetensors
	[ "$(jq -r '.signals["hmm-rocket"]' out/model/model.json)" = 'biases=frozen features=84' ]
	sed 's/\tchannel-02\t/\tother\t/' all.tsv >strange.tsv
	hypermm predict -m out --skip-unknown strange.tsv 2>said >predicted
	[ "$(cut -f 7 predicted | sort -u | paste -sd,)" = channel-01+channel-03,modalities ]
	refuse 2 "predict: 'x=gait.ts': the model is of signals, want a manifest of hmm-manifest --signals" hypermm predict -m out x=gait.ts
	learn --rocket '--features 168' all.tsv >/dev/null
	[ "$(grep -c 'trained again' said)" = 4 ]
}

@test "train, predict: what is of images alone is refused, and by name" {
	tables
	mkdir folder
	refuse 2 'train: want --weights: folder is a folder' hypermm train -o x folder
	for wrong in '-c y' --link --keep-going '--slice x'; do refuse 2 'is for images, which want --weights' hypermm train -o x $wrong all.tsv; done
	refuse 2 'train: --rocket is for signals, --weights for images' hypermm train -o x -w all.tsv --rocket '-s 0' all.tsv
	refuse 2 'crossvalidate: want --weights' hypermm crossvalidate -o x folder
	[ ! -e x ]
	awk -F'\t' -v OFS='\t' 'NR > 1 { $3 = $3 ? "late" : 1; $5 = "train" } 1' all.tsv >stages.tsv
	run learn stages.tsv
	[ "$status" = 1 ]
	grep -q "^train: out/manifest.tsv: found the label 'late', want 0 or 1; of other targets there is hypermm run" said
	learn all.tsv >/dev/null
	refuse 2 "predict: 'blood=blood.csv': the model is of vectors, want a manifest of hmm-manifest --vectors" hypermm predict -m out blood=blood.csv
	refuse 2 'evaluate: folder: a folder, and the model is of vectors' hypermm evaluate -m out -o ev folder
	sed 's/\tclinic\t/\tother\t/' all.tsv >strange.tsv
	run hypermm predict -m out strange.tsv
	[ "$status" = 1 ]
	[[ "$output" == *"modality 'other' was not learned"* ]]
	hypermm predict -m out --skip-unknown strange.tsv 2>/dev/null >predicted
	[ "$(cut -f 7 predicted | sort -u | paste -sd,)" = blood,modalities ]
	hmm-weights -q --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	hmm-phantom -q -o study --subjects 4 --size 16 --slices 2 -s 3
	run hypermm bids study deriv participant -m out
	[[ "$output" == *'bids: out/model: not a model of images' ]]
}

@test "crossvalidate: of vectors each fold has an encoder of its own, that of its split train" {
	tables
	awk -F'\t' -v OFS='\t' '{ print $0, NR == 1 ? "site" : "n/a" }' all.tsv >nowhere.tsv
	! hypermm crossvalidate -o none --hold-out site "${short[@]}" nowhere.tsv 2>said || return 1
	[ "$(tail -n 1 said)" = "crossvalidate: none/features.tsv: column 'site' has 0 values, want two or more" ]
	# a manifest's own parts
	hmm-split -q --ratio 1:1:1:1 -s 1 all.tsv >parts.tsv
	hypermm crossvalidate -o parts --hold-out split "${short[@]}" parts.tsv >/dev/null 2>&1
	[ "$(ls parts/folds | paste -sd,)" = 1,2,3,4 ]
	hypermm crossvalidate -o cv --folds 4 "${short[@]}" all.tsv >/dev/null 2>&1
	for fold in 1 2 3 4; do
		hmm-record -q --train -o encoder <(awk -F'\t' 'NR == 1 || $5 == "train"' cv/folds/$fold/features.tsv)
		cmp encoder cv/model/fold-$fold/encoder.safetensors
	done
	differ cv/model/fold-1/encoder.safetensors cv/model/fold-2/encoder.safetensors
	# the mean of four logits, each of the features that its own encoder makes
	hypermm predict -m cv all.tsv 2>/dev/null >all.out
	for fold in 1 2 3 4; do
		at=cv/model/fold-$fold
		hmm-record -q -w $at/encoder.safetensors all.tsv 2>/dev/null | hmm-condition -w $at/phi.safetensors | hmm-setsum | hmm-rho -w $at/rho.safetensors
	done | awk -F'\t' '$1 == "p01" { sum += $5 } END { printf "%.9g\n", sum / 4 }' | diff - <(awk -F'\t' '$1 == "p01" { print $5 }' all.out)
}

@test "evidence: a manifest of vectors, without a cache" {
	tables
	hmm-split -q --ratio 3:1:2:4 -s 2 all.tsv >manifest.tsv
	hypermm evidence -o evidence "${short[@]}" manifest.tsv >/dev/null 2>&1
	learn all.tsv >/dev/null
	cmp evidence/encoder.safetensors out/model/encoder.safetensors
	cmp evidence/scores.tsv out/evidence/scores.tsv
	printf 'subject\tfeatures\tsplit\na\tx\ttrain\n' >images.tsv
	refuse 2 'evidence: want --cache' hypermm evidence -o x images.tsv
}

@test "train: a signal ends all that was started, and the folder is free again" {
	tables
	running() { grep -lza "$BATS_TEST_TMPDIR/o[u]t" /proc/[0-9]*/cmdline 2>/dev/null | wc -l; }
	# TERM: others may be ignored from the start, as HUP is below nohup, and INT in the background
	"$root/pipelines/hypermm" train -o "$BATS_TEST_TMPDIR/out" -j 1 --condition '--epochs 1000000 --stop-on training --min-epochs 1000000' \
		all.tsv >/dev/null 2>said 3>&- &
	for ((i = 0; i < 300; i++)); do
		! grep -q '^hmm-condition: epoch 2 ' said || break
		sleep .1
	done
	[ "$(running)" -gt 2 ]
	kill $!
	for ((i = 0; i < 100 && $(running) > 0; i++)); do sleep .1; done
	left=$(running)
	pkill -KILL -f "$BATS_TEST_TMPDIR/out" || true
	[ "$left" = 0 ]
	code=0
	wait $! || code=$?
	[ $code = 143 ]
	[ -z "$(find out -name '*.new*')" ]
	hypermm train -o "$BATS_TEST_TMPDIR/out" "${short[@]}" all.tsv >/dev/null 2>said
}

@test "train: rows without a split beside others that have one are refused before anything is made" {
	tables
	awk -F'\t' -v OFS='\t' 'NR > 1 { $5 = NR % 9 ? NR % 3 ? "train" : NR % 2 ? "val" : "test" : "n/a" } 1' all.tsv >some.tsv
	refuse 1 "some.tsv: [0-9]+ rows have no split, where others have one" hypermm train -o out some.tsv
	[ ! -e out/manifest.tsv ]
}

@test "predict: who has nothing that the model takes is named" {
	tables
	learn all.tsv >/dev/null
	{ head -n 1 all.tsv; grep '^p0[1-4]' all.tsv | sed 's/\tclinic\t/\tother\t/' | grep -v '^p02.*blood'; } >new.tsv
	hypermm predict -j 1 -m out/model --skip-unknown new.tsv >new.predictions 2>said
	! grep -q '^p02' new.predictions || return 1
	grep -qx 'predict: warning: no prediction of 1 subject(s), of whom the model takes nothing, such as p02' said
}

@test "evaluate: so few that no intercept can be updated are evaluated without" {
	tables
	learn all.tsv >/dev/null
	grep -P 'subject|\ttest\t' out/manifest.tsv | awk -F'\t' -v OFS='\t' 'NR == 1 || !seen[$1]++ && n++ < 3' >few.tsv
	hypermm evaluate -j 1 -m out/model -o few few.tsv >/dev/null 2>said
	grep -q 'evaluate: warning: so few are no update of the intercept' said
	[ ! -e few/updated.tsv ]
	[ -s few/scores.tsv ]
}
