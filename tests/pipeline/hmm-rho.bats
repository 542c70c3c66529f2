load helper

@test "hmm-rho: step 2 lowers the loss; predictions are a table" {
	tiny_sets
	hmm-rho --train --epochs 6 --learning-rate 1e-3 --curve curve.tsv -o rho.safetensors <sets.hmm
	awk -F'\t' 'NR == 2 { first = $3 } END { exit !($3 < first) }' curve.tsv
	hmm-rho -w rho.safetensors <sets.hmm >predictions.tsv
	[ "$(head -n 1 predictions.tsv)" = "$(printf 'subject\tgroup\tsplit\tlabel\tlogit\tprobability\tmodalities\timputed\tobserved')" ]
	[ "$(wc -l <predictions.tsv)" = 13 ]
	# probability = sigmoid(logit)
	awk -F'\t' 'NR > 1 { d = $6 - 1 / (1 + exp(-$5)); if (d * d > 1e-14) exit 1 }' predictions.tsv
	hmm-score --bootstrap 50 predictions.tsv | grep -q '^test	auc	'
}

@test "hmm-rho: the same seed gives the same bytes for any number of threads" {
	tiny_sets
	hmm-rho --train --epochs 3 -s 2 -j 1 --dropout 0.5 -o 1.safetensors <sets.hmm
	hmm-rho --train --epochs 3 -s 2 -j 4 --dropout 0.5 -o 4.safetensors <sets.hmm
	cmp 1.safetensors 4.safetensors
	hmm-rho -w 1.safetensors -j 1 <sets.hmm >a.tsv
	hmm-rho -w 1.safetensors -j 4 <sets.hmm | cmp - a.tsv
}

@test "hmm-rho: both presets and every option run" {
	tiny_sets
	hmm-setsum --subsets all <latents.hmm >subsets.hmm
	for options in '--preset code' '--hidden 8' '--hidden 16,8,4 --dropout 0.2' '--class-weight balanced' \
		'--subset-loss all' '--val-loss subsets' '--batch 3' '--schedule step' '--checkpoint auc --epochs 8' \
		'--round-losses yes --patience 1' '--stop-on training'; do
		hmm-rho --train --epochs 2 $options -o rho.safetensors <subsets.hmm
		hmm-rho -w rho.safetensors <subsets.hmm >predictions.tsv
	done
}

@test "hmm-rho: a better fit with a lower loss is kept, later ones are not" {
	tiny_sets
	hmm-rho --train --epochs 40 --patience 4 --learning-rate 1e-2 --curve curve.tsv -o rho.safetensors <sets.hmm
	# stopped four epochs after the lowest validation loss, whose line is the last one kept
	awk -F'\t' 'NR > 1 { if (NR == 2 || $4 < best) { best = $4; at = $1 } if ($6) kept = $1; last = $1 }
		END { exit !(kept == at && (last == at + 4 || last == 40)) }' curve.tsv
}

@test "hmm-rho: --min-epochs holds off the patience and the schedule" {
	tiny_sets
	train() { hmm-rho --train --epochs 40 --patience 1 --learning-rate 1e-2 --curve curve.tsv "$@" -o rho.safetensors <sets.hmm; }
	train
	[ "$(tail -n 1 curve.tsv | cut -f 1)" -lt 30 ]
	train --min-epochs 30
	awk -F'\t' 'NR > 1 && NR <= 31 && $2 != 0.01 { bad = 1 } END { exit bad || $1 <= 30 }' curve.tsv
}

@test "hmm-rho: with --hidden 0 it is linear, and hmm-explain takes it" {
	tiny_sets
	hmm-rho -q --train --hidden 0 --epochs 3 -o linear.safetensors <sets.hmm
	hmm-weights linear.safetensors | grep -c '^rho' | grep -qx 2
	# what two modalities give together is the sum of what each gives, but for the mean over them
	hmm-explain -q -w linear.safetensors <latents.hmm | awk -F'\t' 'NR > 1 { sum[$1] += $7; logit[$1] = $11; base = $12 }
		END { for (s in sum) if ((sum[s] - logit[s] + base) ^ 2 > 1e-12) exit 1 }'
	hmm-rho -w linear.safetensors <sets.hmm | awk -F'\t' -v OFS='\t' 'NR > 1 { print $1, $5 }' | sort >said
	hmm-explain -q -w linear.safetensors <latents.hmm | awk -F'\t' -v OFS='\t' 'NR > 1 { print $1, $11 }' | sort -u |
		paste said - | awk -F'\t' '$1 != $3 || ($2 - $4) ^ 2 > 1e-12 { print; exit 1 }'
}

@test "hmm-rho: refuses other models, other shapes, options that make no sense" {
	tiny_sets
	refuse 1 'not a model' sh -c 'hmm-rho -w phi.safetensors <sets.hmm'
	refuse 1 'stream of latents, want sets' sh -c 'hmm-rho --train -o x <latents.hmm'
	refuse 2 'want up to 7 widths' sh -c 'hmm-rho --train --hidden 4,x -o x <sets.hmm'
	refuse 2 'less than 1' sh -c 'hmm-rho --train --dropout 1 -o x <sets.hmm'
	refuse 2 'want either' sh -c 'hmm-rho --train <sets.hmm'
	hmm-rho --train --epochs 1 -o rho.safetensors <sets.hmm
	hmm-weights rho.safetensors | grep -q '^rho.0.weight	F32	(512,735)'
	hmm-show --json sets.hmm >/dev/null
	mkdir npy
	hmm-slice --resize 0 --crop 0 "$(find study -name '*T1w.nii.gz' | head -n 1)" | hmm-show >/dev/null
	hmm-weights --random vgg11 --width 0.05 -o wide.safetensors
	extract -w wide.safetensors -c cache manifest.tsv | hmm-gather -c cache >wide.hmm
	hmm-condition --train --epochs 1 -o wide-phi.safetensors <wide.hmm
	hmm-condition -w wide-phi.safetensors <wide.hmm | hmm-setsum >wide-sets.hmm
	refuse 1 'record 1 .*want 735 values' sh -c 'hmm-rho --any-history -w rho.safetensors <wide-sets.hmm'
}

@test "hmm-rho: balanced classes are counted among the sets whose loss is taken" {
	tiny_sets
	hmm-setsum --subsets all <latents.hmm >subsets.hmm
	for sets in sets subsets; do
		hmm-rho --train --epochs 2 --class-weight balanced -o $sets.safetensors --curve $sets.tsv <$sets.hmm
	done
	cmp sets.tsv subsets.tsv
	cmp <(tensors sets.safetensors) <(tensors subsets.safetensors)
	hmm-rho --train --epochs 2 --class-weight balanced --subset-loss all -o more.safetensors <subsets.hmm
	run cmp sets.safetensors more.safetensors
	[ "$status" = 1 ]
}

@test "hmm-rho: with --subset-loss draw an epoch has a set a subject, and no more steps" {
	tiny_sets
	train() { # NAME STREAM OPTION...
		hmm-rho --train --epochs 3 -s 2 "${@:3}" --curve "$1.tsv" -o "$1.safetensors" <"$2.hmm"
	}
	hmm-setsum --subsets random --draws 6 -s 1 <latents.hmm >draws.hmm
	train full sets
	# where they were asked for and nobody has two modalities there is nothing to draw
	awk -F'\t' 'NR == 1 || $2 == "T1w"' features.tsv | hmm-gather -c cache | hmm-condition -w phi.safetensors >t1w.hmm
	hmm-setsum <t1w.hmm >one.hmm
	hmm-setsum --subsets all <t1w.hmm >same.hmm
	train one one
	train same same --subset-loss draw --val-loss subsets
	cmp <(tensors one.safetensors) <(tensors same.safetensors)
	for options in '--subset-loss draw' '--subset-loss all' '--val-loss subsets'; do
		refuse 1 "^hmm-rho: $options: standard input has no subsets: hmm-setsum --subsets all or random writes them$" \
			hmm-rho -q --train $options -o x <sets.hmm
	done
	hmm-rho -q --train --epochs 1 --preset code -o x <sets.hmm
	# draws are none of the full sets, one of which a draw may be
	train whole draws
	cmp <(tensors full.safetensors) <(tensors whole.safetensors)
	hmm-rho -w full.safetensors <sets.hmm >want.tsv
	hmm-rho -w full.safetensors <draws.hmm | awk -F'\t' '$9 == "n/a" || NR == 1' | diff want.tsv -
	train draw draws --subset-loss draw
	differ <(tensors full.safetensors) <(tensors draw.safetensors)
	# a step a subject: as many as without; of all, seven times for who has both
	steps() { # NAME: of a rate so small that nothing is learned, the same mean loss whatever the order
		train "$@" --learning-rate 1e-12 --weight-decay 0 --schedule constant
		cut -f3 "$1.tsv" | sed -n 2,4p
	}
	[ "$(steps full sets | sort -u | wc -l)" = 1 ]
	[ "$(steps draw draws --subset-loss draw | sort -u | wc -l)" = 3 ]
	refuse 2 "found 'some', want none\|all\|draw" hmm-rho --train --subset-loss some -o x
}

@test "hmm-rho: what a training alone looks at is refused with -w, as in the others that train" {
	for option in '--epochs 2' '-s 1' '--batch 2' '--curve c' '--preset code' '--stop-on training' '--min-epochs 1'; do
		for program in hmm-rho hmm-condition hmm-joint hmm-vae; do
			refuse 2 'does nothing without --train' $program -w m $option
		done
	done
	refuse 2 'hidden does nothing without --train' hmm-rho -w m --hidden 3
	refuse 2 'subset-loss does nothing without --train' hmm-rho -w m --subset-loss none
	refuse 2 'val-loss does nothing without --train' hmm-rho -w m --val-loss observed
	refuse 2 'order does nothing without --train' hmm-condition -w m --order images
	refuse 2 'dropout does nothing without --train' hmm-joint -w m --dropout .1
	refuse 2 'anneal does nothing without --train' hmm-vae -w m --anneal 3
}
