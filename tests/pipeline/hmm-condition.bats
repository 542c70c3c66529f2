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
	refuse 1 'record 1: 26 channels' sh -c 'hmm-condition -w phi.safetensors <wide.hmm'
	refuse 1 'not finite' sh -c 'hmm-condition --train --learning-rate 1e30 -o x <features.hmm'
	[ ! -e x ]
}
