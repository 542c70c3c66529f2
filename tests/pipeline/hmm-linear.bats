#!/usr/bin/env bats

load helper

golden() { echo "$root/tests/golden/$1"; }
linear() { hmm-linear -q --any-history "$@"; }

@test "hmm-linear: the logits are scikit-learn's, of bags, of what is missing, of one modality" {
	while read -r system options; do
		for lambda in 1 30; do
			linear --train --model $options --lambda $lambda -o m.safetensors <"$(golden trajectory.bags.hmm)" 2>errors
			linear -w m.safetensors <"$(golden trajectory.bags.hmm)" 2>>errors | tail -n +2 | cut -f 1,5 | sort >have
			awk -F'\t' -v s="$system" -v l="$lambda" '$1 == s && $2 == l { print $3 "\t" $4 }' "$(golden linear.tsv)" | sort >want
			[ "$(wc -l <want)" -gt 10 ]
			cut -f 1 have | diff <(cut -f 1 want) -
			paste have want | awk -F'\t' '{ d = $2 - $4; if (d * d > 1e-12) { print; bad = 1 } } END { exit bad }'
		done
	done <<-END
		mean mean
		concat concat
		PET mean --modality PET
	END
}

@test "hmm-linear: the majority is the logit of the training's share" {
	tiny_features
	hmm-linear --train --model majority -o m.safetensors <features.hmm 2>said
	read -r ones all < <(awk -F'\t' '$5 == "train" && !seen[$1]++ { n++; ones += $3 } END { print ones, n }' features.tsv)
	grep -qx "hmm-linear: $ones of $all training subjects have label 1" said
	hmm-linear -w m.safetensors <features.hmm >p.tsv
	[ "$(tail -n +2 p.tsv | wc -l)" = 12 ]
	awk -F'\t' -v k="$ones" -v n="$all" 'NR > 1 { d = $5 - log(k / (n - k)); if (d * d > 1e-20) exit 1 }' p.tsv
	awk -F'\t' -v OFS='\t' 'NR > 1 && $5 == "train" { $3 = 1 } 1' features.tsv | hmm-gather -c cache >ones.hmm
	refuse 1 '^hmm-linear: all 4 training subjects have label 1, want both' hmm-linear -q --train --model majority -o m <ones.hmm
	refuse 1 '^hmm-linear: all modalities: no regression of 4 training subjects: want some of both labels$' \
		hmm-linear -q --train --model concat --lambda 1 -o m <ones.hmm
}

# The bags with the labels and the groups of linear.labels.tsv: TARGET.hmm.
targets() {
	local target
	mkdir npy
	hmm-show --npy npy "$(golden trajectory.bags.hmm)" >bags.tsv
	for target in classes value time; do
		awk -F'\t' -v OFS='\t' -v t=$target '
			NR == FNR { group[$1] = $2; label[$1] = $(t == "classes" ? 3 : t == "value" ? 4 : 5); event[$1] = $6; next }
			FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
			{ $at["group"] = group[$1]; $at["event"] = t == "time" ? event[$1] : "n/a"
				if ($at["label"] != "n/a" || $at["split"] != "train") $at["label"] = label[$1]
				print }' "$(golden linear.labels.tsv)" bags.tsv >$target.tsv
		hmm-show --from-npy features --name bags $target.tsv >$target.hmm
	done
}
times() { [ "$1" != time ] || echo --times 2,4,7; }

@test "hmm-linear: classes, values and times are scikit-learn's and R's, of bags, of what is missing" {
	targets
	for target in classes value time; do
		for system in majority mean concat; do
			for lambda in 1 30; do
				options=(--model $system --target $target $(times $target))
				[ $system = majority ] || options+=(--lambda $lambda)
				linear --train "${options[@]}" -o m.safetensors <$target.hmm 2>errors
				linear -w m.safetensors <$target.hmm >p.tsv 2>>errors
				awk -F'\t' -v what="$target $system $lambda" -v most=$([ $target = value ] && echo 1e-6 || echo 1e-7) '
					NR == FNR { if ($1 " " $2 " " $3 == what) { want[$4, $5] = $6; left++ } next }
					FNR == 1 { for (i = 1; i <= NF; i++) name[i] = $i; next }
					{ for (i = 1; i <= NF; i++) if (($1, name[i]) in want) {
						left--; d = $i - want[$1, name[i]]
						if (d > most || d < -most) { print what, $1, name[i], $i; bad = 1 } } }
					END { if (left || FNR != 31) print what, left " left of " FNR; exit bad || left || FNR != 31 }' "$(golden linear.targets.tsv)" p.tsv
			done
		done
	done
}

@test "hmm-linear: the penalties of classes, values and times are those that the folds of groups choose" {
	targets
	for target in classes value time; do
		for system in mean concat; do
			hmm-linear --any-history --train --model $system --target $target $(times $target) --folds 4 -s 2 \
				-o $target.$system <$target.hmm 2>&1 | tee -a said | sed -nE "s/^hmm-linear: (.*): lambda ([0-9.e+]+) of .* ([0-9.]+) in 4 inner folds$/$target\t\1\t\2\t\3/p"
		done
	done >have
	grep -c '^hmm-linear: T1w, class rare: none of 12 training subjects, a constant$' said | grep -qx 1
	tail -n +2 "$(golden linear.chosen.tsv)" | diff - have
	# and hang on names alone
	for target in classes value time; do
		{ head -n 1 $target.tsv; tail -n +2 $target.tsv | shuf --random-source=bags.tsv; } | hmm-show --from-npy features --name bags /dev/stdin |
			linear --train --model mean --target $target $(times $target) --folds 4 -s 2 -o m 2>/dev/null
		cmp <(tensors m) <(tensors $target.mean)
	done
}

@test "hmm-linear: few subjects of many columns, as coordinates in what they span, are fitted as any" {
	# every column twice at twice the penalty is every column once: 700 go as they are, 1400 do not
	awk 'BEGIN { srand(3); printf "id"; for (k = 1; k <= 700; k++) printf ",a%d", k; print ""
		for (i = 1; i <= 60; i++) { printf "s%02d", i; for (k = 1; k <= 700; k++) printf ",%.3f", rand() + (k < 9) * (i % 3); print "" } }' >once.csv
	awk -F, -v OFS=, '{ n = $0; sub(/^[^,]*,/, "", n); if (NR == 1) gsub(/a/, "b", n); print $0, n }' once.csv >twice.csv
	{
		printf 'subject\tlabel\tevent\n'
		for i in $(seq 60); do printf 's%02d\t%s\t%d\n' $i "$((i * 7 % 31 + i % 3 * 9 + 1))" $((i % 4 > 0)); done
	} >labels
	for target in binary value time; do
		case $target in
		binary) awk -F'\t' -v OFS='\t' 'NR > 1 { $2 = $2 > 20 } 1' labels >of.tsv ;;
		*) cp labels of.tsv ;;
		esac
		event=()
		[ $target != time ] || event=(--event event)
		for n in once twice; do
			hmm-manifest -q --vectors a=$n.csv --labels of.tsv --target $target "${event[@]}" 2>/dev/null |
				awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "split") at = i } NR > 1 { $at = NR % 4 ? "train" : "test" } 1' >$n.tsv
			hmm-record -q --train -o $n.encoder $n.tsv
			hmm-record -q -w $n.encoder $n.tsv >$n.hmm
			hmm-linear -q --train --model mean --target $target --lambda $([ $n = once ] && echo 30 || echo 60) -o $n.model <$n.hmm
			hmm-linear -w $n.model <$n.hmm >$n.predictions
		done
		[ "$(wc -l <once.predictions)" = 61 ]
		paste once.predictions twice.predictions | awk -F'\t' 'NR == 1 { for (i = 1; i <= NF / 2; i++) if ($i ~ /^(logit|value|risk)$/) at = i }
			NR > 1 { d = $at - $(at + NF / 2); if (d * d > 1e-18) exit 1; most = $at > most ? $at : most } END { exit !(most > .1) }'
	done
}

@test "hmm-linear: two classes are what the binary target is" {
	for system in majority mean concat; do
		lambda=$([ $system = majority ] || echo --lambda 3)
		for target in binary classes; do
			linear --train --model $system --target $target $lambda -o m <"$(golden trajectory.bags.hmm)" 2>/dev/null
			linear -w m <"$(golden trajectory.bags.hmm)" 2>/dev/null | tail -n +2 | cut -f 6 >$target
		done
		paste binary classes | awk '{ d = $1 - $2; if (d * d > 1e-17) { print; bad = 1 } } END { exit bad || NR != 30 }'
	done
	linear --train --model mean --lambda 3 -o m <"$(golden trajectory.bags.hmm)" 2>/dev/null
	linear --train --model mean --lambda 3 --target binary -o n <"$(golden trajectory.bags.hmm)" 2>/dev/null
	cmp <(tensors m) <(tensors n)
}

# A model of which one number of a tensor is NaN, and one whose metadata or shapes say something else.
not_a_number() { # MODEL TENSOR OFFSET
	local from head
	head=$(od -An -tu8 -N8 "$1")
	from=$(head -c $((head + 8)) "$1" | grep -aoE "\"$2\":\{[^}]*" | sed -E 's/.*data_offsets":\[([0-9]+).*/\1/')
	cp "$1" bad
	printf '\377\377\377\377\377\377\377\177' | dd of=bad bs=1 seek=$((head + 8 + from + $3)) conv=notrunc status=none
}
said() { # OLD NEW, of one length
	[ ${#1} = ${#2} ]
	LC_ALL=C sed "s/$1/$2/" "$model" >bad
	differ "$model" bad
}

@test "hmm-linear: a model of other targets whose parts do not fit is refused" {
	targets
	for target in classes value time; do
		linear --train --model mean --target $target $(times $target) --lambda 1 -o $target.m <$target.hmm 2>/dev/null
		linear -w $target.m -o whole <$target.hmm 2>/dev/null
		for tensor in bias mean weight; do
			not_a_number $target.m $tensor 16
			refuse 1 "bad: $tensor has values that are not finite" linear -w bad <$target.hmm
		done
	done
	model=classes.m
	for part in '"shape":\[9,1\] "shape":\[1,9\]' '"shape":\[3,6\] "shape":\[6,3\]' '"class.2" "klass.2"'; do
		said ${part% *} ${part#* }
		refuse 1 'bad: not a model of hmm-linear' linear -w bad <classes.hmm
	done
	said '"shape":\[9,6\]' '"shape":\[6,9\]'
	refuse 1 '6 channels, but bad wants 9' linear -w bad <classes.hmm
	model=value.m
	said '"loss":"squared"' '"loss":"huber"  '
	refuse 1 'bad: not a model of hmm-linear' linear -w bad <value.hmm
	model=time.m
	said '"baseline.1":"0' '"baseline.1":"-'
	refuse 1 'bad: time.1: .*want times and a baseline that ascend' linear -w bad <time.hmm
	said '"time.0"' '"tide.0"'
	refuse 1 'bad: a model of time that names none' linear -w bad <time.hmm
}

@test "hmm-linear: labels that are no target's, rows without an event" {
	targets
	train() {
		local status=0
		linear --train -o m --lambda 1 "$@" 2>errors || status=$?
		grep -v warning errors >&2
		return $status
	}
	refuse 1 "label '.*', want 0 or 1" train --model mean <value.hmm
	refuse 1 "label '.*', want a number" train --model mean --target value <classes.hmm
	refuse 1 "times: 8 is not before the last event that is trained on, 8" train --model mean --target time --times 8 <time.hmm
	awk -F'\t' -v OFS='\t' 'NR > 1 && $3 == "T1w" { has[$1] } { row[NR] = $0; name[NR] = $1 }
		END { for (i = 1; i <= NR; i++) { $0 = row[i]; if (name[i] in has) $16 = 0; print } }' time.tsv |
		hmm-show --from-npy features --name bags /dev/stdin >none.hmm
	refuse 1 '^hmm-linear: T1w: no regression of 12 training subjects: want some with an event$' train --model mean --target time <none.hmm
	linear --train --model concat --target time --lambda 1 -o m <none.hmm 2>/dev/null
	refuse 2 'times is for --target time' linear --train --model mean --target value --times 2 -o m
	refuse 2 'times is for --target time' linear --train --model mean --times 2 -o m
	refuse 2 'target does nothing without --train' linear -w m --target time
	refuse 2 'times does nothing without --train' linear -w m --times 2
}

# 60 patients of four alike subjects each, whose numbers tell nothing of their labels: noise GROUP.
noise() {
	mkdir -p npy
	for i in $(seq 60); do
		# a vector of 16 floats that the number of the patient decides
		{
			printf '\223NUMPY\001\000\166\000'
			printf '%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (16,), }"
			printf %s "$i" | sha512sum | cut -c 1-128 | tr -d '\n' | sed 's/\(..\)\(..\)\(..\)\(..\)/\\x\1\\x\2\\x\3\\x3f/g' | xargs -0 printf
		} >npy/$i.npy
	done
	{
		printf 'subject\tgroup\tmodality\tlabel\tsplit\tnpy\n'
		for i in $(seq 60); do
			for k in 1 2 3 4; do
				printf 's%d-%d\t%s\tx\t%d\ttrain\tnpy/%d.npy\n' "$i" "$k" "$([ "$1" = yes ] && echo "g$i" || echo n/a)" \
					$((0x$(printf 'label%s' "$i" | sha512sum | cut -c 1) % 2)) "$i"
			done
		done
	} >noise.tsv
	hmm-show --from-npy features --name noise noise.tsv
}

@test "hmm-linear: a patient's copies are in one inner fold, else the penalty is chosen far too weak" {
	noise yes >together.hmm
	noise no >apart.hmm
	lambda() { hmm-linear --train --model concat -o m.safetensors <"$1.hmm" 2>&1 | sed -n 's/.*: lambda \([0-9.e+]*\) of.*/\1/p'; }
	echo "$(lambda together), $(lambda apart)"
	[ "$(lambda together)" -ge 1000 ]
	[ "$(lambda apart | cut -d . -f 1)" -le 10 ]
	# the folds hang on the names and the seed alone
	hmm-linear -q --train --model concat -s 3 -o a <together.hmm
	{ head -n 1 noise.tsv; tail -n +2 noise.tsv | shuf --random-source=together.hmm; } >shuffled.tsv
	awk -F'\t' -v OFS='\t' 'NR > 1 { $2 = "g" substr($1, 2, index($1, "-") - 2) } 1' shuffled.tsv |
		hmm-show --from-npy features --name noise /dev/stdin >shuffled.hmm
	hmm-linear -q --train --model concat -s 3 -o b <shuffled.hmm
	cmp a b
}

@test "hmm-linear: what it was trained on is said, and nothing else is taken" {
	tiny_features
	hmm-linear -q --train --model mean --lambda 1 -o m.safetensors <features.hmm
	awk -F'\t' -v OFS='\t' 'NR > 1 { $5 = $5 == "train" ? "test" : "n/a" } 1' features.tsv >other.tsv
	hmm-check --no-images --trained-on m.safetensors other.tsv | grep -c '^trained-on	error' | grep -qx 4
	extract -w vgg.safetensors -c cache -j 2 --slice '--axis sagittal' manifest.tsv 2>/dev/null | hmm-gather -c cache >axis.hmm
	refuse 1 'T1w was made by hmm-slice with axis=sagittal' hmm-linear -q -w m.safetensors <axis.hmm
	hmm-linear -q --train --model mean --modality T1w --lambda 1 -o t1w.safetensors <features.hmm
	hmm-linear -q -w t1w.safetensors <features.hmm 2>/dev/null | tail -n +2 | cut -f 7 | sort -u | grep -qx T1w
	awk -F'\t' 'NR == 1 || $2 == "T1w"' features.tsv | hmm-gather -c cache >t1w.hmm
	hmm-linear -q --train --model concat --lambda 1 -o one.safetensors <t1w.hmm
	refuse 1 "modality 'trc-18FFDG_pet' is unknown to the model" hmm-linear -q -w one.safetensors <features.hmm
	refuse 1 "no record of split 'train' is of modality 'x'" hmm-linear -q --train --model mean --modality x -o m <features.hmm
	refuse 1 'not a model of hmm-linear' hmm-linear -q -w vgg.safetensors <features.hmm
	hmm-joint -q --train --model cnn --epochs 1 -o cnn.safetensors <features.hmm
	refuse 1 'not a model of hmm-linear' hmm-linear -q -w cnn.safetensors <features.hmm
}

@test "hmm-linear: a lambda that is none or too much, and options that nothing looks at" {
	train() { hmm-linear -q --train -o m "$@" <"$(golden trajectory.bags.hmm)"; }
	for lambda in 0 1e-7 1e13 1e308; do
		refuse 2 "lambda: found .*, want 1e-06 to 1e\+12" train --model mean --lambda $lambda
	done
	for lambda in 1e-6 1e12; do
		train --model mean --any-history --lambda $lambda 2>/dev/null
	done
	refuse 2 "folds does nothing with --lambda" train --model mean --lambda 1 --folds 3
	refuse 2 "seed does nothing with --lambda" train --model mean --lambda 1 -s 3
	refuse 2 "lambda does nothing with --model majority" train --model majority --lambda 1
	refuse 2 "folds does nothing with --model majority" train --model majority --folds 5
	for option in --lambda=1 --folds=5 --seed=0; do
		name=${option#--}
		refuse 2 "${name%=*} does nothing without --train" hmm-linear -w m $option
	done
}

@test "hmm-linear: an empty stream, too few groups, usage" {
	tiny_features
	refuse 1 'are too few for 5 folds' hmm-linear -q --train --model concat -o m <features.hmm
	refuse 1 '^hmm-linear: standard input' sh -c 'hmm-linear -q --train --model mean -o m </dev/null'
	for options in "" "--train --model mean" "--train -o m" "-w m --model mean" "-w m --modality a" "--train --model x -o m" \
		"--train --model mean --folds 1 -o m" "-w m a"; do
		refuse 2 . hmm-linear $options
	done
}
