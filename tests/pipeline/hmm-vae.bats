load helper

@test "hmm-vae: the loss falls, every subject is predicted, whatever modalities it has" {
	tiny_features
	hmm-vae -q --train --epochs 30 --anneal 10 --curve curve.tsv -o vae.safetensors <features.hmm
	awk -F'\t' 'NR == 2 { first = $3 } { last = $3 } END { exit !(last < 0.2 * first) }' curve.tsv
	hmm-vae -w vae.safetensors <features.hmm >predictions.tsv
	[ "$(head -n 1 predictions.tsv)" = "$(printf 'subject\tgroup\tsplit\tlabel\tlogit\tprobability\tmodalities\timputed\tobserved')" ]
	sort features.tsv | awk -F'\t' '$1 != "subject" { m[$1] = m[$1] (m[$1] == "" ? "" : "+") $2 }
		END { for (s in m) print s "\t" m[s] }' | sort >want
	tail -n +2 predictions.tsv | cut -f 1,7 | cmp - want
	[ "$(cut -f 2 want | sort -u | wc -l)" -gt 1 ]
	awk -F'\t' 'NR > 1 { d = $6 - 1 / (1 + exp(-$5)); if (d * d > 1e-14) exit 1 }' predictions.tsv
	hmm-score --bootstrap 10 predictions.tsv | grep -q '^test	auc	'
}

@test "hmm-vae: what it learns by heart it predicts right" {
	tiny_features
	hmm-vae -q --train --epochs 150 --anneal 10000 --lambda 0.01 --batch 4 --checkpoint last -o vae.safetensors <features.hmm
	hmm-vae -w vae.safetensors <features.hmm >predictions.tsv
	awk -F'\t' '$3 == "train" { n++; right += ($6 > 0.5) == $4 } END { exit !(n == 4 && right == n) }' predictions.tsv
}

@test "hmm-vae: the same bytes for any number of threads and any order of arrival" {
	tiny_features
	for half in T1w pet; do
		awk -F'\t' -v m="$half" 'NR == 1 || $2 ~ m' features.tsv | hmm-gather -c cache >"$half.hmm"
	done
	cat pet.hmm T1w.hmm >shuffled.hmm
	for j in 1 2 5; do
		hmm-vae -q --train --epochs 3 -s 4 -j $j -o $j.safetensors <features.hmm
		hmm-vae -w 1.safetensors -j $j <features.hmm >$j.tsv
	done
	cmp 1.safetensors 2.safetensors
	cmp 1.safetensors 5.safetensors
	cmp 1.tsv 2.tsv
	cmp 1.tsv 5.tsv
	hmm-vae -q --train --epochs 3 -s 4 -o shuffled.safetensors <shuffled.hmm
	cmp 1.safetensors shuffled.safetensors
	hmm-vae -w 1.safetensors <shuffled.hmm | cmp - 1.tsv
	hmm-vae -q --train --epochs 3 -s 5 -o other.safetensors <features.hmm
	differ 1.safetensors other.safetensors
}

@test "hmm-vae: both presets and every option run" {
	tiny_features
	for options in '--preset code' '--hidden 8 --latents 3' '--hidden 16,8,4' '--class-weight balanced --lambda 0.1' \
		'--batch 1 --anneal 0' '--schedule plateau --stop-on training' '--checkpoint auc --epochs 8' \
		'--round-losses yes --patience 1' '--weight-decay 1e-3 --learning-rate 1e-4'; do
		hmm-vae -q --train --epochs 2 $options -o vae.safetensors <features.hmm
		hmm-vae -w vae.safetensors -o predictions.tsv <features.hmm
		[ "$(wc -l <predictions.tsv)" = 13 ]
	done
}

@test "hmm-vae: refuses unknown modalities, several images of one, other models and shapes" {
	tiny_sets
	hmm-vae -q --train --epochs 1 -o vae.safetensors <features.hmm
	sed 's/\tT1w\t/\tT2w\t/' features.tsv | hmm-gather -c cache >other.hmm
	refuse 1 "modality 'T2w' is unknown to the model, which knows T1w, trc-18FFDG_pet" sh -c 'hmm-vae -w vae.safetensors <other.hmm'
	cat features.hmm features.hmm >twice.hmm
	refuse 1 'several images of modality T1w' sh -c 'hmm-vae -w vae.safetensors <twice.hmm'
	refuse 1 'several images of modality T1w' sh -c 'hmm-vae --train -o x <twice.hmm'
	refuse 1 'not a model of hmm-vae' sh -c 'hmm-vae -w phi.safetensors <features.hmm'
	refuse 1 'stream of sets, want features' sh -c 'hmm-vae -w vae.safetensors <sets.hmm'
	refuse 1 'empty' sh -c 'hmm-vae -w vae.safetensors </dev/null'
	head -n 1 features.tsv | hmm-gather -c cache >none.hmm
	refuse 1 'no records' sh -c 'hmm-vae -w vae.safetensors <none.hmm'
	hmm-split --ratio 1:1 features.tsv | hmm-gather -c cache >noval.hmm
	refuse 1 "no labelled records of split 'val'" sh -c 'hmm-vae --train -o x <noval.hmm'
	refuse 1 'not finite' sh -c 'hmm-vae -q --train --learning-rate 1e30 -o x <features.hmm'
	hmm-weights --random vgg11 --width 0.05 -o wide.safetensors
	extract -w wide.safetensors -c cache manifest.tsv | hmm-gather -c cache >wide.hmm
	refuse 1 '26 channels, but vae.safetensors wants 15' sh -c 'hmm-vae -w vae.safetensors <wide.hmm'
	refuse 2 'want either' sh -c 'hmm-vae <features.hmm'
	refuse 2 'want either' sh -c 'hmm-vae --train <features.hmm'
	refuse 2 'want either' sh -c 'hmm-vae --train -w vae.safetensors -o x <features.hmm'
	refuse 2 'want 1 to' sh -c 'hmm-vae --train --latents 0 -o x <features.hmm'
	refuse 2 'want up to 7 widths' sh -c 'hmm-vae --train --hidden 4,x -o x <features.hmm'
	[ ! -e x ]
}
