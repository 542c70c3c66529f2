load helper

short=(-s 2 -j 1 --condition '--epochs 2 --batch 8' --rho '--epochs 2 --batch 8')
# Two tables of 80, with labels of every target; LABEL is a column of course.csv.
tables() { # LABEL OPTION of hmm-manifest...
	command -v mustache >/dev/null || skip "no mustache"
	awk 'BEGIN { print "patient_id,crp,smoking"
		for (i = 1; i <= 80; i++) if (i % 9) printf "p%02d,%s,%s\n", i, i % 7 ? 5 + 4 * (i % 2) + 9 * sin(i * i) ^ 2 : "", i % 3 ? "never" : "<b>former</b>" }' >blood.csv
	awk 'BEGIN { print "patient_id,age"; for (i = 1; i <= 80; i++) if (i % 5) printf "p%02d,%d\n", i, 50 + i * 7 % 30 }' >clinic.csv
	awk 'BEGIN { print "patient_id,died,stage,years,event"
		for (i = 1; i <= 80; i++) printf "p%02d,%d,%s,%.1f,%d\n", i, i % 2, i % 2 ? "<i>&late" : i % 3 ? "early" : "mild", (i % 2 ? 2 : 5) + sin(i) ^ 2 * 3, (i % 4 > 0) }' >course.csv
	hmm-manifest -q --vectors blood=blood.csv --vectors clinic=clinic.csv --labels course.csv --label "$@" 2>/dev/null >all.tsv
}
# A run of that target, and its page.
run_of() { # TARGET OPTION of hypermm run...
	hmm-split -q --target "$1" --ratio 4:2:4 -s 1 all.tsv >manifest.tsv
	hypermm run --target "$1" -o run "${short[@]}" "${@:2}" manifest.tsv >said 2>&1 || { cat said; return 1; }
	hypermm report run --title 'A <b>run</b>' 2>said || { cat said; return 1; }
	[ "$(jq -r .title run/report.json)" = 'A <b>run</b>' ]
	! grep -E '<script|VGG|slices|<i>&late|<b>' run/report.html || return 1
	[ -z "$(grep -oE " id=[\"'][^\"']*" run/report.html | sort | uniq -d)" ]
	# what it is not
	[ "$(jq '.not | length' run/report.json)" = 5 ]
	grep -q '<li>Nothing was calibrated on a part that was held out' run/report.html
	# each metric of the test is the table's, and no other
	diff <(awk -F'\t' '$1 == "test" && $2 !~ /^(t|f)[np]$|^auc_hard$/ { printf "%.3f\n", $3 }' run/metrics.tsv) <(jq -r '.metrics[].value' run/report.json)
	[ "$(jq -r '.commands[0]' run/report.json)" = "$(cat run/command)" ]
}
row() { # NAME: of the cohort
	jq -r --arg name "$1" '.cohort.rows[] | select(.name == $name) | .cells | join(" / ")' run/report.json
}

@test "report: of vectors it has no word of images, and says how columns were coded" {
	tables died
	hypermm train -o out --ratio 3:1:2:4 "${short[@]}" all.tsv >/dev/null 2>&1
	hypermm report out 2>/dev/null
	sed '/CLAIM is of images, and left out/d' out/report.html >page
	! grep -nE 'VGG|[^-]slice|[^-=]images|Images|<b>former' page || return 1
	[ "$(jq -r '.coded[] | [.modality, .name, .coded, .missing] | join("|")' out/report.json)" = 'blood|crp|standardised|one more number says so
blood|smoking|a number for each of <b>former</b>, never|none in training
clinic|age|standardised|none in training' ]
	[ "$(jq -r '.checklists[].name' out/report.json | paste -sd,)" = TRIPOD+AI,PROBAST+AI ]
	[ "$(jq -r '.cohort.rows[2].name, (.checklists[0].items[] | select(.item == "12g (E)") | .answer)' out/report.json | paste -sd:)" = 'vectors:hmm-record | hmm-condition | hmm-setsum | hmm-rho | hmm-calibrate; digests below.' ]
	[ "$(jq -r '.commands[1]' out/report.json)" = 'hypermm predict -m model MANIFEST' ]
	# what hmm-check does not look at is no finding
	grep -q 'rows that name the same vector twice (what stands in them is not compared)' out/report.html
	! grep -q 'blank' out/report.html || return 1
	grep -q 'in 1 column one more number says so' out/report.html
	hypermm evaluate -m out -o ev --no-check "${short[@]:0:4}" all.tsv >/dev/null 2>&1
	hypermm report ev 2>/dev/null
	[ "$(jq '.coded | length' ev/report.json)" = 3 ]
	hypermm crossvalidate -o cv --folds 4 "${short[@]}" all.tsv >/dev/null 2>&1
	hypermm report cv 2>/dev/null
	grep -q 'The coding of columns, step 1 and step 2 were learned anew in every fold' cv/report.html
	grep -q 'This is how the first fold learned them' cv/report.html
	# which probabilities the numbers are of, and whose threshold
	for page in out cv; do grep -q 'Metrics, curves and the threshold are of the probabilities as the model puts them out' $page/report.html; done
	grep -q 'both learned on split cal' out/report.html
	grep -q 'both learned on what each fold left out' cv/report.html
	grep -q 'A metric is the mean of those of the folds' cv/report.html
	grep -q "the model that is handed over has $(jq .threshold.value cv/model/model.json)" cv/report.html
	# one split is no other study, and who has no label is said
	grep -q 'External evaluation' ev/report.html
	awk -F'\t' -v OFS='\t' 'NR > 1 && $1 ~ /7$/ { $3 = "n/a" } 1' all.tsv | hmm-split --ratio 3:1:2:4 -s 2 >some.tsv
	hypermm evaluate -m out -o one --no-check --split test "${short[@]:0:4}" some.tsv >/dev/null 2>&1
	hypermm report one 2>/dev/null
	! grep -q 'External evaluation' one/report.html || return 1
	grep -qE '[0-9]+ of the subjects have no label: they teach nothing and are not scored' one/report.html
}

@test "report: a run of classes, with what was confused" {
	tables stage --target classes
	run_of classes
	[ "$(jq -c '.confusion.columns' run/report.json)" = '["<i>&late","early","mild"]' ]
	hmm-score -q --split test --curve confusion run/predictions.tsv >confusion.tsv
	diff <(tail -n +2 confusion.tsv | cut -f 4) <(jq '.confusion.rows[].cells[]' run/report.json)
	[ "$(row 'label <i>&late' | sed 's/ (.*//')" = "$(tail -n +2 all.tsv | grep -F late | cut -f 1 | sort -u | wc -l)" ]
	for class in early mild; do
		recall=$(awk -F'\t' -v c=$class '$2 == c && $3 == c { printf "%.2f", $5 }' confusion.tsv)
		auc=$(hmm-score -q --split test --class $class --metrics auc run/predictions.tsv | awk -F'\t' '$2 == "auc" { printf "%.2f", $3 }')
		jq -e --arg c $class --arg recall "$recall" --arg auc "$auc" '.classes[] | select(.class == $c) | .recall == $recall and (.auc | startswith($auc))' run/report.json
	done
	grep -q '&lt;i&gt;&amp;late' run/report.html
	refuse 2 'report: run: of hypermm run, whose page has no sheets' hypermm report run --sheets 3
	# of a run that was broken off there is no page
	echo >>run/features.tsv
	refuse 1 'report: run: a run was broken off there; call it again before' hypermm report run
}

@test "report: a run of times, with predicted and observed shares" {
	tables years --target time
	run_of time --times 3,5
	diff <(hmm-score -q --split test --curve calibration --times 3,5 run/predictions.tsv | tail -n +2 | awk -F'\t' '{ printf "%s %s %.3f %.3f\n", $2, $4, $5, $6 }') \
		<(jq -r '.calibration[] | "\(.time) \(.n) \(.predicted) \(.observed)"' run/report.json)
	# events of all
	[ "$(row events | sed 's/ (.*//')" = "$(awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "event") at = i; next } $at == 1 { print $1 }' all.tsv | sort -u | wc -l)" ]
	grep -q 'discrete hazards' run/report.html
	grep -q 'at 3, 5' run/report.html
}

@test "report: a run of values, and of a binary label" {
	tables years --target value
	run_of value
	mean=$(hmm-table --plain all.tsv | awk -F'\t' 'NR > 1 && !seen[$1]++ { n++; sum += $3 } END { printf "%.2f", sum / n }')
	[[ "$(row 'label, mean (SD)')" == "$mean ("* ]]
	grep -q 'nor a table of calibration' run/report.html
	rm -r run
	tables died
	run_of binary
	[ "$(grep -c '<svg role="img"' run/report.html)" = 4 ]
	grep -q 'decisions are at a probability of 0.5' run/report.html
	# without a test the numbers are of what has chosen the model
	sed -i 's/\ttest\t/\tn\/a\t/' manifest.tsv
	rm -r run
	hypermm run -o run "${short[@]}" manifest.tsv >/dev/null 2>&1
	hypermm report run 2>/dev/null
	grep -q 'There is no split test' run/report.html
	[ "$(jq -r .split run/report.json)" = val ]
}

@test "report: a run of signals" {
	command -v mustache >/dev/null || skip "no mustache"
	awk 'BEGIN { print "@problemName gait"; print "@timestamps false"; print "@univariate false"; print "@classLabel true fast slow"; print "@data"
		for (i = 1; i <= 48; i++) { for (c = 1; c <= 3; c++) { for (t = 0; t < 40; t++) printf "%s%.3f", t ? "," : "", sin((i % 2 ? .5 : .3) * c * t + i) + sin(i * t * t + c); printf ":" }
			print i % 2 ? "fast" : "slow" } }' >gait.ts
	hmm-manifest -q --target classes --signals gait.ts 2>/dev/null >all.tsv
	run_of classes --rocket '--features 84'
	jq -e '.made | startswith("Signals were seen by hmm-rocket (biases=frozen features=84; reference length 40)")' run/report.json
	[ "$(row signals | cut -d ' ' -f 1)" = 144 ]
}

@test "report: folds of random subsets, with a threshold that was given; who and what was left out" {
	tables died
	hmm-split --ratio 3:1:2:4 -s 2 all.tsv | awk -F'\t' -v OFS='\t' 'NR == 1 { print $0, "dose"; next } { print $0, substr($1, 2) % 3 ".5" }' >split.tsv
	options=("${short[@]:0:6}" --rho '--epochs 2 --batch 8 --checkpoint last' --setsum '--subsets random --draws 2')
	hypermm crossvalidate -o cv --folds 4 "${options[@]}" --threshold 0.3 split.tsv >/dev/null 2>said || { cat said; return 1; }
	hypermm report cv 2>said || { cat said; return 1; }
	# each patient once, and none of splits that did not count
	n=$(tail -n +2 split.tsv | cut -f 1 | sort -u | wc -l)
	with=$(awk -F'\t' 'NR > 1 && $3 == 1 { print $1 }' split.tsv | sort -u | wc -l)
	jq -r '.summary[]' cv/report.json | grep -q "^Of $n predictions that no training has seen, $with with the outcome"
	[ "$(jq '.errors | map(.subject) | length == (unique | length)' cv/report.json)" = true ]
	[ "$(jq -c '.cohort.columns' cv/report.json)" = '["overall"]' ]
	[ "$(jq -c '.cohort | keys' cv/model/model.json)" = '["all"]' ]
	# the threshold, and the epochs that were kept
	[ "$(jq -r '.confusion.threshold' cv/report.json)" = 0.30 ]
	grep -q 'fixed beforehand' cv/report.html
	grep -q 'Of step 1 the epoch with the least validation loss was kept, of step 2 the last epoch' cv/report.html
	# of that model elsewhere
	sed 's/\tclinic\t/\tother\t/' all.tsv >strange.tsv
	hypermm evaluate -m cv -o ev --no-check --skip-unknown "${short[@]:0:4}" strange.tsv >/dev/null 2>&1
	hypermm report ev 2>/dev/null
	jq -r '.flow.left_out[]' ev/report.json | grep -qx "$(grep -c other strange.tsv) of the vectors are of modalities that the model has not learned: left out"
	grep -q 'both learned on what each fold left out' ev/report.html
	# numbers are numbers in each part, and codes of a few are none
	awk -F'\t' -v OFS='\t' 'NR == 1 { print $0, "weight"; next } { print $0, ($5 == "val" ? "1E2" : "." substr($1, 2)) }' split.tsv >weighed.tsv
	hypermm train -o out "${options[@]}" weighed.tsv >/dev/null 2>said || { cat said; return 1; }
	[ -s out/evidence/subsets.tsv ]
	hypermm report out 2>/dev/null
	jq -r '.cohort.rows[] | select(.name == "weight, mean (SD)") | .cells[2]' out/report.json | grep -qx '100.0 (0.0)'
	[ "$(jq -r '.cohort.rows[] | select(.name | startswith("dose")) | .name' out/report.json | paste -sd,)" = 'dose: 0.5,dose: 1.5,dose: 2.5' ]
}

@test "report: a run of images where one of vectors was has no word of vectors" {
	tables died
	run_of binary
	hmm-weights -q --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	hmm-phantom -q -o study --subjects 20 --size 16 --slices 2 -s 3
	hmm-manifest -q --bids study --label diagnosis --positive AD | hmm-split -q --ratio 4:2:4 -s 1 >images.tsv
	hypermm run -w vgg.safetensors -o run "${short[@]}" images.tsv >said 2>&1 || { cat said; return 1; }
	[ ! -e run/encoder.safetensors ]
	hypermm report run 2>said || { cat said; return 1; }
	grep -q VGG run/report.html
	! grep -qi vector run/report.html || return 1
}
