load helper

# Classes, values and times from tables to predictions: sixty patients, two tables, whom some have one of. Of p07
# a time is known, and no event. The numbers of patient i are (i * by + 13) % 101.
tables() {
	awk -v OFS='\t' 'function draw(i, by) { return (i * by + 13) % 101 / 101 }
		BEGIN {
			print "key", "a", "b", "c" >"blood.tsv"
			print "key", "u", "v" >"gene.tsv"
			print "subject", "class", "value", "days", "event" >"labels.tsv"
			for (i = 1; i <= 60; i++) {
				s = sprintf("p%02d", i)
				x = draw(i, 37); y = draw(i, 59); z = draw(i, 83)
				class = x < .33 ? "grade II" : x < .66 ? "d\303\274nn" : "0"
				event = i == 7 ? "n/a" : draw(i, 71) < .65
				if (i % 5)
					print s, x, y, z >"blood.tsv"
				if (i % 5 == 0 || i % 3)
					print s, x + z, y * y >"gene.tsv"
				print s, class, 50 + 20 * x + 3 * z, int(1 + 900 * (1 - x) * (z + .1)), event >"labels.tsv"
			}
		}'
}

# Its features with such labels: TARGET.hmm.
features() { # TARGET COLUMN
	tables
	hmm-manifest -q --vectors blood=blood.tsv --vectors gene=gene.tsv --labels labels.tsv --label "$2" --target "$1" |
		hmm-split -q --target "$1" --ratio 4:1:2 -s 1 >"$1.tsv"
	hmm-record -q --train -o encoder "$1.tsv"
	hmm-record -q -w encoder "$1.tsv" >"$1.hmm"
}

# Its sets, and the phi of these.
sets() { # TARGET COLUMN
	features "$@"
	hmm-condition -q --train --target "$1" --epochs 2 --batch 8 -o "phi.$1" <"$1.hmm"
	hmm-condition -w "phi.$1" <"$1.hmm" | hmm-setsum >"sets.$1.hmm"
}

rho() { hmm-rho -q --train --epochs 12 --learning-rate 1e-2 --hidden 8 --batch 8 --target "$@"; }
columns() { head -n 1 "$1" | tr '\t' ' '; }
says() { hmm-show "$1" | grep -E '^# (target|loss|class|mean|sd|time|baseline)' | cut -c 3- | tr '\t' ' '; } # MODEL
score_of() { hmm-score --bootstrap 0 "$1" 2>/dev/null | awk -F'\t' -v of="$2" '$1 == "train" && $2 == of { print $3 }'; } # TABLE METRIC

# Every program but step 1 and 2, which predicts from features.
each_system() { # TARGET HEADER
	local system
	for system in 'hmm-joint --model hypermm --hidden 8' 'hmm-joint --model multi-cnn --hidden 8' \
		'hmm-joint --model cnn --modality blood --hidden 8' 'hmm-vae --hidden 8 --latents 3'; do
		# options are words
		# shellcheck disable=SC2086
		$system -q --train --epochs 2 --batch 8 --target "$1" -o "model" <"$1.hmm" 2>/dev/null
		says model | grep -qx "target $1"
		# shellcheck disable=SC2086
		${system%% *} -w model $([[ $system != *--modality* ]] || echo --modality blood) <"$1.hmm" >predictions.tsv 2>/dev/null
		[ "$(columns predictions.tsv)" = "$2" ]
		hmm-score --bootstrap 0 predictions.tsv >scores.tsv 2>/dev/null
	done
}

@test "classes: a probability of each by its name, blanks and letters beyond ASCII among them" {
	sets classes class
	rho classes -o rho <sets.classes.hmm
	hmm-rho -w rho <sets.classes.hmm >predictions.tsv
	header='subject group split label probability_0 probability_dünn probability_grade II modalities imputed observed'
	[ "$(columns predictions.tsv)" = "$header" ]
	awk -F'\t' 'NR > 1 { sum = $5 + $6 + $7 - 1; if (sum > 1e-6 || sum < -1e-6 || !($4 ~ /^(0|dünn|grade II)$/)) exit 1 }' predictions.tsv
	[ "$(says rho | paste -sd' ')" = 'target classes loss cross-entropy class.0 0 class.1 dünn class.2 grade II' ]
	[ "$(says phi.classes | paste -sd' ')" = 'target classes loss cross-entropy class.0 0 class.1 dünn class.2 grade II' ]
	awk -v auc="$(score_of predictions.tsv auc_macro)" 'BEGIN { exit !(auc > .8) }'
	each_system classes "$header"
}

@test "a value: in its own units, with a deviation where the loss has one" {
	sets value value
	rho value -o rho <sets.value.hmm
	hmm-rho -w rho <sets.value.hmm >predictions.tsv
	[ "$(columns predictions.tsv)" = 'subject group split label value sd modalities imputed observed' ]
	awk -v r2="$(score_of predictions.tsv r2)" 'BEGIN { exit !(r2 > .3) }'
	says rho | head -n 2 | diff - <(printf 'target value\nloss gaussian\n')
	# of the patients that are trained on, one number each
	want=$(awk -F'\t' 'NR > 1 && $5 == "train" && !had[$1]++ { sum += $3; n++ } END { printf "%.6f", sum / n }' value.tsv)
	[ "$(says rho | awk '$1 == "mean" { printf "%.6f", $2 }')" = "$want" ]
	for loss in huber squared; do
		rho value --loss $loss -o rho <sets.value.hmm
		hmm-rho -w rho <sets.value.hmm >predictions.tsv
		[ "$(columns predictions.tsv)" = 'subject group split label value modalities imputed observed' ]
		says rho | grep -qx "loss $loss"
		awk -v r2="$(score_of predictions.tsv r2)" 'BEGIN { exit !(r2 > .3) }'
	done
	each_system value 'subject group split label value sd modalities imputed observed'
}

@test "a time: a risk and the share without the event, by hazards and by Cox" {
	sets time days
	for loss in hazards cox; do
		rho time --loss $loss --times 50,200,400 -o rho <sets.time.hmm 2>errors
		diff errors - <<<'hmm-rho: warning: 1 records of split train have no time or no event and are left out'
		hmm-rho -w rho <sets.time.hmm >predictions.tsv
		header='subject group split label event risk survival_50 survival_200 survival_400 modalities imputed observed'
		[ "$(columns predictions.tsv)" = "$header" ]
		awk -F'\t' 'NR > 1 && !(1 >= $7 && $7 >= $8 && $8 >= $9 && $9 >= 0) { exit 1 }' predictions.tsv
		awk -v c="$(score_of predictions.tsv harrell)" 'BEGIN { exit !(c > .8) }'
		hmm-score --bootstrap 0 predictions.tsv 2>&1 >/dev/null | grep -q '1 row without a label is left out'
	done
	says rho | cut -d' ' -f 1 | paste -sd' ' | grep -qx 'target loss time.0 baseline.0 time.1 baseline.1 time.2 baseline.2'
	# the risk orders patients as every survival does
	[ "$(tail -n +2 predictions.tsv | sort -t'	' -k 6,6g | cut -f 1)" = "$(tail -n +2 predictions.tsv | sort -t'	' -k 8,8gr | cut -f 1)" ]
	rho time -o rho <sets.time.hmm 2>/dev/null
	[ "$(says rho | grep -c '^time')" = 8 ]
	[ "$(hmm-rho -w rho <sets.time.hmm | head -n 1 | tr '\t' '\n' | grep -c survival_)" = 8 ]
	each_system time "$(hmm-rho -w rho <sets.time.hmm | head -n 1 | tr '\t' ' ')"
}

@test "objectives: what does not fit together is refused, in a line" {
	sets classes class
	sets value value
	sets time days
	rho classes -o rho <sets.classes.hmm
	refuse 1 'rho: a model of target classes, want value$' hmm-rho -q --train --warm-start rho --target value -o x <sets.value.hmm
	refuse 1 'phi.classes: a model of target classes, want time$' hmm-condition -q --train --warm-start phi.classes --target time -o x <time.hmm
	refuse 1 'phi.value: a model of loss gaussian, want huber$' hmm-condition -q --train --warm-start phi.value --loss huber -o x <value.hmm
	refuse 1 '^hmm-condition: --times is for new models, not for phi.time$' hmm-condition -q --train --warm-start phi.time --target time --times 9 -o x <time.hmm
	hmm-rho -q --train --warm-start rho --hidden 8 --epochs 1 -o further <sets.classes.hmm
	[ "$(says further)" = "$(says rho)" ]
	for program in hmm-condition hmm-rho 'hmm-joint --model cnn' hmm-vae; do
		refuse 2 ': --loss cox is for --target time$' $program --train --loss cox --target value -o x
		refuse 2 ': --loss huber is for --target value$' $program --train --loss huber --target binary -o x
		refuse 2 ': --times is for --target time$' $program --train --times 3 -o x
		refuse 2 ': --loss cox wants a --batch of 2 or more' $program --train --loss cox --batch 1 -o x
	done
	refuse 2 'checkpoint auc is for what has one, not for --target value$' hmm-rho --train --checkpoint auc --loss huber -o x
	[ "$(hmm-vae --preset code --target value --show-options | grep checkpoint)" = 'checkpoint	loss' ]
	rho value -o rho.value <sets.value.hmm
	refuse 1 'checkpoint auc is for what has one' hmm-rho -q --train --warm-start rho.value --hidden 8 --checkpoint auc -o x <sets.value.hmm
	refuse 2 'goes with --order images' hmm-condition --train --loss cox --batch 8 --order subjects -o x
	refuse 1 "^hmm-rho: subject p01: label 'dünn', want 0 or 1 \(--target says what labels are\)$" hmm-rho -q --train -o x <sets.classes.hmm
	for program in hmm-condition hmm-vae 'hmm-joint --model hypermm' 'hmm-linear --model mean'; do
		refuse 1 "subject p01: label 'dünn', want 0 or 1 \(--target says what labels are\)$" $program -q --train -o x <classes.hmm
	done
	refuse 1 "subject p01: label 'dünn', want a number$" hmm-rho -q --train --target value -o x <sets.classes.hmm
	refuse 1 'class-weight balanced is for classes, not for --target value$' hmm-rho -q --train --target value --class-weight balanced -o x <sets.value.hmm
	refuse 1 '^hmm-explain: rho: a model of --target classes, want a binary one$' hmm-explain -w rho <sets.classes.hmm
	refuse 1 ': --times: 99999 is not before the last event' hmm-rho -q --train --target time --times 99999 -o x <sets.time.hmm
	[ ! -e x ]
	# Cox: a model that is trained further wants batches as well, and a validation an event
	hmm-rho -q --train --loss cox --batch 16 --hidden 8 --epochs 1 -o rho.cox <sets.time.hmm
	refuse 1 '^hmm-rho: --loss cox wants a --batch of 2 or more' hmm-rho -q --train --warm-start rho.cox --hidden 8 -o x <sets.time.hmm
	hmm-rho -q --train --warm-start rho.cox --hidden 8 --batch 16 --epochs 1 -o further <sets.time.hmm
	awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR > 1 && $5 == "val" { $at["event"] = 0 } 1' time.tsv >censored.tsv
	hmm-record -q -w encoder censored.tsv >censored.hmm
	# events that pandas wrote
	awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR > 1 && $at["event"] != "n/a" { $at["event"] = $at["event"] ".0" } 1' time.tsv >pandas.tsv
	hmm-record -q -w encoder pandas.tsv | cmp - <(hmm-record -q -w encoder time.tsv)
	! hmm-joint -q --train --model hypermm --loss cox --batch 16 -o x <censored.hmm 2>said || return 1
	grep -q '^hmm-joint: split val has no event, and so no loss (without: ' said
	# times that a few digits do not tell apart
	hmm-rho -q --train --target time --hidden 8 --epochs 1 --times 24.00000000001,24.00000000002,50 -o close <sets.time.hmm
	hmm-rho -w close <sets.time.hmm | sed -n 1p | grep -q $'\tsurvival_24.00000000001\tsurvival_24.00000000002\tsurvival_50\t'
	refuse 1 "times: found '0x10', want" hmm-rho -q --train --target time --times 0x10 -o x <sets.time.hmm
	refuse 2 'dropout does nothing with --hidden 0' hmm-rho --train --hidden 0 --dropout .5 -o x
	[ ! -e x ]
	# what a model could not say is not trained
	times=$(printf ',24.0000000000%s1' $(seq 10 69))
	refuse 1 '^hmm-rho: --times: too long for the history$' \
		hmm-rho -q --train --target time --hidden 8 --times "${times#,}" -o x <sets.time.hmm
	refuse 1 '^hmm-linear: --times: too long for the history$' \
		hmm-linear -q --train --model mean --target time --times "${times#,}" -o x <time.hmm
	# values that are one, which rounding tells apart
	awk -F'\t' -v OFS='\t' 'NR > 1 { $3 = 0.1 } 1' value.tsv >equal.tsv
	hmm-record -q -w encoder equal.tsv >equal.hmm
	refuse 1 'have no deviation that a number holds' hmm-joint -q --train --model hypermm --target value -o x <equal.hmm
	# a class that val alone has
	awk -F'\t' -v OFS='\t' 'NR > 1 && $5 == "val" { $3 = "odd" } 1' classes.tsv >odd.tsv
	hmm-record -q -w encoder odd.tsv >odd.hmm
	refuse 1 "class 'odd' is of no subject that is trained on, which are 0, dünn, grade II$" hmm-condition -q --train --target classes -o x <odd.hmm
}

@test "objectives: the same bytes whatever the threads, and where Cox goes on from what was killed" {
	sets time days
	for target in 'time --loss cox' 'time --loss hazards'; do
		# options are words
		# shellcheck disable=SC2086
		for j in 1 2; do
			rho $target -j $j -o "rho.$j" <sets.time.hmm 2>/dev/null
			cat time.hmm | hmm-joint -q --train --model hypermm --hidden 8 --epochs 2 --batch 8 --target $target -j $j -o "joint.$j" 2>/dev/null
		done
		cmp rho.1 rho.2
		cmp joint.1 joint.2
	done
	long='-q -j 1 --train --epochs 400 --patience 400 --hidden 8 --batch 8 --target time'
	# options are words
	# shellcheck disable=SC2086
	hmm-rho $long --loss cox --curve want.tsv -o want <sets.time.hmm 2>/dev/null
	killed=0
	# shellcheck disable=SC2086
	until timeout -s KILL "0.$((10 + killed % 80))" env hmm-rho $long --loss cox --resume state --curve have.tsv -o have <sets.time.hmm 2>/dev/null; do
		killed=$((killed + 1))
		[ $killed -lt 200 ] || return 1
	done
	[ $killed -gt 0 ]
	cmp want have
	cmp want.tsv have.tsv
	# shellcheck disable=SC2086
	hmm-rho $long --resume state -o x <sets.time.hmm 2>errors && return 1
	grep -q 'state: the checkpoint of another training: .* loss=cox' errors
}

@test "objectives: streams carry labels and events, and are read back" {
	features classes class
	features time days
	shown() { hmm-show "$1" | grep -v '^#' | cut -f 1-9,16; } # the last one is the event
	same() { # TARGET
		mkdir "$1"
		hmm-show --npy "$1" "$1.hmm" >"$1.table"
		hmm-show --from-npy features --name again "$1.table" >again.hmm
		diff <(shown "$1.hmm") <(shown again.hmm)
	}
	same classes
	same time
	[ "$(shown classes.hmm | awk -F'\t' '$1 == "p03" && $3 == "blood" { print $7 "|" $10 }')" = 'grade II|n/a' ]
	[ "$(shown time.hmm | awk -F'\t' '$1 == "p07" || $1 == "p02" { print $3, $7, $10 }' | paste -sd,)" = 'blood 109 1,gene 109 1,blood 272 n/a,gene 272 n/a' ]
	hmm-show --json classes.hmm | grep -q '"subject":"p02".*"label":0[,}]'
	hmm-show --json classes.hmm | grep -q '"subject":"p01".*"label":"dünn"'
	hmm-show --json time.hmm | grep -q '"subject":"p02".*"label":"109".*"event":1[,}]'
	back() { hmm-show --from-npy features --name again; }
	edit() { awk -F'\t' -v OFS='\t' '!/^#/ && $1 == "p01" { '"$2"' } 1' "$1.table"; } # TARGET CHANGE
	edit time '$16 = 2' >edited
	refuse 1 'row 1 \(p01 blood\): event 2, want 0, 1 or n/a$' hmm-show --from-npy features --name again edited
	edit classes '$7 = sprintf("%0300d", 3)' >edited
	refuse 1 '300 bytes, want at most 255$' hmm-show --from-npy features --name again edited
	# two records of a patient have one label and one event, an imputed one too
	one=$(printf 'a%.0s' {1..64})
	edit classes 'if ($3 == "gene") $7 = "0"' | back >edited.hmm
	refuse 1 'subject p01 has conflicting labels: found 0, want dünn as before$' hmm-condition -q --train --target classes -o x <edited.hmm
	edit time 'if ($3 == "gene") { $16 = 1; $17 = "'"$one"'" }' | back >edited.hmm
	refuse 1 'subject p01 has conflicting events: found 1, want 0 as before$' hmm-condition -q --imputed --train --target time -o x <edited.hmm
	edit time 'if ($3 == "gene") $17 = "'"$one"'"' | back >edited.hmm
	hmm-condition -q --imputed --train --target time --epochs 1 -o phi <edited.hmm 2>/dev/null
	hmm-condition --imputed -w phi <edited.hmm | hmm-setsum | hmm-show | awk -F'\t' '$1 == "p01" { print $3, $7, $17, $16 }' |
		diff - <(echo 'blood+gene 478 gene 0')
}
