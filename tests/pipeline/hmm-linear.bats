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
