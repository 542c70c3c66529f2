load helper

@test "hmm-condition: step 1 lowers the loss, and its model names the modalities" {
	tiny_features
	hmm-condition --train --epochs 8 --learning-rate 1e-3 --curve curve.tsv -o phi.safetensors <features.hmm
	[ "$(wc -l <curve.tsv)" = 9 ]
	awk -F'\t' 'NR == 2 { first = $3 } END { exit !($3 < first) }' curve.tsv
	grep -aq '"modality.0":"T1w","modality.1":"trc-18FFDG_pet"' phi.safetensors
	hmm-condition -w phi.safetensors <features.hmm | hmm-show >shown
	[ "$(grep -c '^sub-' shown)" = "$(hmm-show features.hmm | grep -c '^sub-')" ]
	grep -q '(15,7,7)' shown
}

@test "hmm-condition: the same seed gives the same bytes, whatever the threads and the order" {
	tiny_features
	hmm-condition --train --epochs 3 -s 5 -j 1 -o 1.safetensors <features.hmm
	hmm-condition --train --epochs 3 -s 5 -j 3 -o 3.safetensors <features.hmm
	cmp 1.safetensors 3.safetensors
	for half in T1w pet; do
		awk -F'\t' -v m="$half" 'NR == 1 || $2 ~ m' features.tsv | hmm-gather -c cache >"$half.hmm"
	done
	cat pet.hmm T1w.hmm | hmm-condition --train --epochs 3 -s 5 -o shuffled.safetensors
	cmp 1.safetensors shuffled.safetensors
	hmm-condition --train --epochs 3 -s 6 -o other.safetensors <features.hmm
	differ 1.safetensors other.safetensors
	hmm-condition -w 1.safetensors -j 1 <features.hmm >a.hmm
	hmm-condition -w 1.safetensors -j 3 <features.hmm | cmp - a.hmm
}

@test "hmm-condition: both presets and every option run" {
	tiny_features
	for options in '--preset code' '--preset paper --order subjects' '--init pytorch' '--batch 4' \
		'--schedule step --stop-on training' '--schedule constant --checkpoint last' \
		'--checkpoint auc --round-losses yes' '--weight-decay 0 --learning-rate 1e-3 --patience 1'; do
		hmm-condition --train --epochs 2 $options -o phi.safetensors <features.hmm
		hmm-condition -w phi.safetensors <features.hmm >latents.hmm
	done
}

@test "hmm-condition: an unknown modality is an error that names the known ones" {
	tiny_sets
	sed 's/\tT1w\t/\tT2w\t/' features.tsv | hmm-gather -c cache >other.hmm
	refuse 1 "'T2w' is unknown to the model, which knows T1w, trc-18FFDG_pet" sh -c 'hmm-condition -w phi.safetensors <other.hmm'
}

@test "hmm-condition: each of several streams keeps its own history" {
	tiny_sets
	extract -w vgg.safetensors -c cache --vgg --exact manifest.tsv | hmm-gather -c cache >exact.hmm
	cat features.hmm exact.hmm | hmm-condition --train --epochs 1 -o phi.safetensors
	for stream in features exact; do hmm-condition -w phi.safetensors <$stream.hmm >$stream.latents; done
	cat features.latents exact.latents features.latents >want.hmm
	for threads in 1 2 5; do
		cat features.hmm exact.hmm features.hmm | hmm-condition -w phi.safetensors -j $threads | cmp - want.hmm
	done
	hmm-gather -c cache <(head -n 1 features.tsv) >none.hmm
	cat none.hmm features.hmm none.hmm | hmm-condition -w phi.safetensors | hmm-show | grep '^sub-' >shown
	diff shown <(hmm-show features.latents | grep '^sub-')
}

@test "hmm-condition: refuses what it cannot train on or apply" {
	tiny_sets
	refuse 1 'stream of sets, want features' sh -c 'hmm-condition -w phi.safetensors <sets.hmm'
	refuse 1 'not a model' sh -c 'hmm-condition -w vgg.safetensors <features.hmm'
	refuse 2 'want either' sh -c 'hmm-condition <features.hmm'
	refuse 2 'want either' sh -c 'hmm-condition --train <features.hmm'
	refuse 2 'goes with -w' sh -c 'hmm-condition --train -o x --show-history <features.hmm'
	entry=$(hmm-condition -w phi.safetensors --show-history <&-)
	hmm-condition -w phi.safetensors <features.hmm | hmm-show --json | head -n 1 | grep -qF "$entry"
	refuse 1 'empty' sh -c 'hmm-condition --train -o x </dev/null'
	hmm-split --ratio 1:1 features.tsv | hmm-gather -c cache >noval.hmm
	refuse 1 "no labelled records of split 'val'" sh -c 'hmm-condition --train -o x <noval.hmm'
	hmm-weights --random vgg11 --width 0.05 -o wide.safetensors
	extract -w wide.safetensors -c cache manifest.tsv | hmm-gather -c cache >wide.hmm
	refuse 1 'shape .26,.*, want [0-9]* channels, which phi.safetensors has learned' sh -c 'hmm-condition -w phi.safetensors <wide.hmm'
	refuse 1 'not finite' sh -c 'hmm-condition -q --train --learning-rate 1e30 -o x <features.hmm'
	[ ! -e x ]
}

@test "hmm-condition: --resume goes on where a training was killed, with the same bytes" {
	tiny_features
	train() { hmm-condition --train -q -j 1 --epochs 200 $1 "${@:2}" <features.hmm; }
	# the second one loses patience before its time
	for options in '--patience 200 --batch 1' '--patience 50 --batch 8 --learning-rate 1e-3' '--patience 200 --batch 8'; do
		rm -f state
		train "$options" --curve want.tsv -o want.safetensors
		killed=0
		until timeout -s KILL "$((killed / 20)).$((10 + killed % 20 * 4))" env hmm-condition --train -q -j 1 --epochs 200 $options --resume state \
			--curve have.tsv -o have.safetensors <features.hmm 2>/dev/null; do
			killed=$((killed + 1))
			[ $killed -lt 100 ] || return 1
		done
		[ $killed -gt 0 ]
		cmp want.tsv have.tsv
		cmp want.safetensors have.safetensors
	done
	# whole: nothing is left to do
	train "$options" --resume state -o have.safetensors
	cmp want.safetensors have.safetensors
	refuse 1 'state: the checkpoint of another training: .*batch=8.*; this one is .*batch=4' train '--patience 200 --batch 4' --resume state -o x
	hmm-split --ratio 4:4:4 -s 2 features.tsv | hmm-gather -c cache >others.hmm
	refuse 1 'state: the checkpoint of another training' sh -c 'hmm-condition --train -q --epochs 200 --patience 200 --batch 8 --resume state -o x <others.hmm'
	# a pipe brings the same, or other features of the same subjects
	cat features.hmm | hmm-condition --train -q -j 1 --epochs 200 --patience 200 --batch 8 --resume state -o have.safetensors
	cmp want.safetensors have.safetensors
	hmm-weights -q --random vgg11 --width 0.02 -s 9 -o other.safetensors
	hmm-slice --stamp --manifest manifest.tsv | hmm-vgg -w other.safetensors >others.hmm
	refuse 1 'state: the checkpoint of another training' sh -c 'cat others.hmm | hmm-condition --train -q --epochs 200 --patience 200 --batch 8 --resume state -o x'
	refuse 1 'vgg.safetensors: no checkpoint of a training' train "$options" --resume vgg.safetensors -o x
	head -c 3000 state >torn
	refuse 1 'torn' train "$options" --resume torn -o x
	# what does not fit, behind the right words
	again() { refuse 1 "damaged: $1" train "$options" --resume damaged -o x; }
	name=$(hmm-weights state | awk -F'\t' '$1 ~ /[.]m$/ { print $1; exit }')
	sed "s/\"$name\"/\"${name%m}n\"/" state >damaged
	again "no tensor $name of [0-9]* values, as a checkpoint of this training has"
	at() { # NAME: where its data begins
		local begin
		begin=$(head -c 8000 state | grep -ao "\"$1\":{[^}]*}" | sed 's/.*offsets":\[\([0-9]*\),.*/\1/')
		echo $(($(od -An -tu8 -N8 state) + 8 + begin))
	}
	# no number of epochs, of steps, no rate; more epochs kept than there were
	for place in 0 1 2; do
		cp state damaged
		printf '\0\0\0\0\0\0\370\177' | dd of=damaged bs=1 seek=$(($(at progress) + 8 * place)) conv=notrunc status=none
		again 'a checkpoint of no step of this training'
	done
	cp state damaged
	printf '\0\0\0\0\0\0\100\101' | dd of=damaged bs=1 seek=$(($(at progress) + 64)) conv=notrunc status=none
	again 'a checkpoint of no step of this training'
	cp state damaged
	printf '\0\0\300\177' | dd of=damaged bs=1 seek="$(at "$name")" conv=notrunc status=none
	again "tensor $name holds a value that is not finite"
	[ ! -e x ]
}

@test "hmm-condition: a line an epoch on a log, both losses apart in the curve" {
	tiny_features
	hmm-condition --train --epochs 3 --curve curve.tsv -o x <features.hmm 2>said
	[ "$(grep -c '^hmm-condition: epoch [123] of 3: learning rate 0.0001, training loss [0-9.]* (MSE [0-9.]*, cross-entropy [0-9.]*), validation loss' said)" = 3 ]
	grep -q '^hmm-condition: [0-9]* to learn from, [0-9]* to validate on, 1 a step; [0-9.]* million parameters; threads [0-9]*; about [0-9]* MB$' said
	awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		($at["train_mse"] + $at["train_ce"] - $at["train_loss"]) ^ 2 > 1e-14 || ($at["val_mse"] + $at["val_ce"] - $at["val_loss"]) ^ 2 > 1e-14 { exit 1 }
		!($at["train_ce"] > .3 && $at["train_mse"] > 0) { exit 1 }' curve.tsv
}

@test "hmm-condition: --warm-start begins where another ended, and may learn a modality more" {
	tiny_features
	hmm-condition --train -q --epochs 5 -o first.safetensors <features.hmm
	hmm-condition --train -q --epochs 1 --curve cold.tsv -o cold.safetensors <features.hmm
	hmm-condition --train -q --epochs 1 --curve warm.tsv --warm-start first.safetensors -o warm.safetensors <features.hmm
	[ "$(awk -F'\t' 'FNR == 2 { print $3 }' warm.tsv cold.tsv | sort -g | head -n 1)" = "$(awk -F'\t' 'NR == 2 { print $3 }' warm.tsv)" ]
	hmm-gather -c cache <(awk -F'\t' 'NR == 1 || $2 == "T1w"' features.tsv) | hmm-condition --train -q --epochs 1 -o t1w.safetensors
	hmm-condition --train -q --epochs 1 --warm-start t1w.safetensors -o both.safetensors <features.hmm
	hmm-show both.safetensors | grep -c '^# modality' | grep -qx 2
	refuse 1 "vgg.safetensors: not a model of hmm-condition --train" hmm-condition --train -q --warm-start vgg.safetensors -o x <features.hmm
	refuse 2 'warm-start' hmm-condition -w first.safetensors --warm-start first.safetensors
}
